import { createSimulatedClock } from '@tradeswarm/testing'
import type { BarEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { askPastBars, type PastBars } from './past-bars.js'

const bar = {} as BarEvent

async function asked(pastBars: PastBars, timeoutMs?: number) {
  const alerts: string[] = []
  const clock = createSimulatedClock({ start: 0 })
  const alert = (code: string, message: string): void => void alerts.push(`${code}: ${message}`)
  const bars = askPastBars(pastBars, { clock, timeoutMs, alert })
  if (timeoutMs !== undefined) await clock.advance(timeoutMs)
  return { bars: await bars, alerts, clock }
}

test('past bars are handed on as they come, and no timer is left behind', async () => {
  const { bars, alerts } = await asked(async () => [bar], 1_000)
  expect([bars, alerts]).toEqual([[bar], []])
})

test('what does not come in time is not waited for, and whoever is asked hears of that', async () => {
  let signal: AbortSignal | undefined
  const { bars, alerts } = await asked((given) => {
    signal = given
    return new Promise(() => undefined)
  }, 1_000)
  expect(bars).toEqual([])
  expect(alerts).toEqual([expect.stringMatching(/^PAST_BARS_MISSING: .*pastBars gave no bars within 1000 ms/)])
  expect(signal?.aborted).toBe(true)
})

test.each([undefined, 1_000])(
  'a question that fails keeps no account from its start (time-out %j)',
  async (timeoutMs) => {
    const { bars, alerts } = await asked(async () => {
      throw new Error('no such host')
    }, timeoutMs)
    expect(bars).toEqual([])
    expect(alerts).toEqual([expect.stringMatching(/^PAST_BARS_MISSING: .*no such host/)])
  },
)

test('of more bars than any rule asks about the newest are used, and that is told', async () => {
  const many = Array.from({ length: 1_000_002 }, (): BarEvent => bar)
  const newest = { ...bar }
  many[1_000_001] = newest
  const { bars, alerts } = await asked(async () => many)
  expect([bars.length, bars.at(-1) === newest]).toEqual([1_000_000, true])
  expect(alerts).toEqual([expect.stringMatching(/^PAST_BARS_CUT: pastBars gave 1000002 bars/)])
})
