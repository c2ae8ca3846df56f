// Resilience policies around calls to the world outside, nested: retry, breaker, bulkhead, time-out, and a fallback around all.
import {
  combine,
  createBulkhead,
  createCircuitBreaker,
  createFallback,
  createRetry,
  createSeededRandom,
  createTimeout,
  SwarmError,
} from '@tradeswarm/core'
import { createSimulatedClock } from '@tradeswarm/testing'

// In a program of yours: createSystemClock() and createSystemRandom().
const clock = createSimulatedClock()
const random = createSeededRandom(7)
const began = clock.now()
const note = (text: string): void => console.log(`${String(clock.now() - began).padStart(6)} ms  ${text}`)

const breaker = createCircuitBreaker({
  clock,
  minimumCalls: 5,
  openMs: 2_000,
  onEvent: ({ type }) => note(`breaker ${type}`),
})
const yesterday = createFallback({ fallback: () => 'yesterday’s price', handles: () => true })
const guarded = combine(
  yesterday,
  createRetry({
    clock,
    random,
    maximumAttempts: 3,
    // A time-out says that nobody knows what became of the call. Asking for a price again does no harm.
    isRetryable: (error) => SwarmError.isInstance(error) && error.code !== 'CIRCUIT_OPEN',
    onEvent: (event) => note(event.type === 'retrying' ? `again in ${event.waitMs} ms` : 'gave up'),
  }),
  breaker,
  createBulkhead({ clock, concurrency: 10, maximumWaiting: 100 }),
  createTimeout({ clock, timeoutMs: 500 }),
)

const venue = { isUp: false }
const price = (signal: AbortSignal): Promise<string> =>
  venue.isUp
    ? Promise.resolve('101.50')
    : new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })

const ask = async (): Promise<void> => note(await guarded.execute(({ signal }) => price(signal)))

for (let call = 0; call < 3; call += 1) {
  const asked = ask()
  await clock.advance('3s')
  await asked
}
venue.isUp = true
await clock.advance('2s')
await ask()
console.log(breaker.state, breaker.counters)
