import { type ClockAndTimers, type JournalEntry, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

const entrySchema = z.object({
  agent: z.string(),
  number: z.number(),
  model: z.string(),
  mode: z.enum(['generate', 'stream']),
  call: z.string(),
  answer: z.string(),
})

/** A call that was recorded, at its place among those that ended before and after it. */
export type RecordedCall = z.infer<typeof entrySchema> & { readonly place: number }

/** The recorded calls of a run that runs again, each given once and in the order in which they ended then. */
export type RecordedCalls = {
  find(agent: string, number: number): RecordedCall | undefined
  /**
   * Settles when all calls have been given that ended before this one; without a call, when all have been. Rejects with what `onStuck` makes
   * of the one that is missing when nothing has moved for the patience.
   */
  turn(call: RecordedCall | undefined, onStuck: (missing: RecordedCall) => Error): Promise<void>
  /** The call has been given: the next one's turn has come. */
  given(): void
  /** Nothing more is given: whoever waits is told. */
  fail(error: Error): void
}

/** Reads journal entries. Throws `RUN_UNREADABLE`. */
export async function readRecordedCalls(entries: AsyncIterable<JournalEntry>): Promise<readonly RecordedCall[]> {
  const calls: RecordedCall[] = []
  for await (const { text, sequence } of entries) {
    const parsed = entrySchema.safeParse(JSON.parse(text))
    if (!parsed.success)
      throw new SwarmError({
        code: 'RUN_UNREADABLE',
        message: `entry ${sequence}: the call of a language model is not as it was written`,
        cause: parsed.error,
      })
    calls.push({ ...parsed.data, place: calls.length })
  }
  return calls
}

type Waiter = { readonly place: number; readonly resolve: () => void; readonly reject: (error: Error) => void }

/** `patienceMs` is time of the machine: all that a replay does is at hand, so that it only waits for what never comes. */
export function createRecordedCalls(
  calls: readonly RecordedCall[],
  clock: ClockAndTimers,
  patienceMs: number,
): RecordedCalls {
  const known = new Map(calls.map((call) => [keyOf(call.agent, call.number), call]))
  const waiting = new Set<Waiter>()
  let next = 0
  let failure: Error | undefined

  function wake(): void {
    for (const waiter of waiting) {
      if (waiter.place > next) continue
      waiting.delete(waiter)
      // What the last one set off happens before: it was further apart then.
      if (clock.soon === undefined) queueMicrotask(waiter.resolve)
      else clock.soon(waiter.resolve)
    }
  }

  function fail(error: Error): void {
    failure ??= error
    for (const waiter of waiting) waiter.reject(failure)
    waiting.clear()
  }

  return {
    find: (agent, number) => known.get(keyOf(agent, number)),
    async turn(call, onStuck) {
      if (failure !== undefined) throw failure
      const place = call?.place ?? calls.length
      if (place <= next) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.add({ place, resolve, reject })
      let seen = next
      let cancel = (): void => undefined
      const arm = (): void => {
        cancel = clock.at(clock.now() + patienceMs, () => {
          const missing = calls[next]
          if (next !== seen || missing === undefined) {
            seen = next
            arm()
          } else fail(onStuck(missing))
        })
      }
      arm()
      try {
        await promise
      } finally {
        cancel()
      }
    },
    given() {
      next += 1
      wake()
    },
    fail,
  }
}

function keyOf(agent: string, number: number): string {
  return `${number} ${agent}`
}
