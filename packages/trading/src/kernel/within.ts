import { type Clock, SwarmError, type Timers } from '@tradeswarm/core'

/** Waits for work for so long; rejects with `TIMED_OUT` after that, and the work goes on unheard. */
export type Within = <T>(limitMs: number, what: string, work: Promise<T>) => Promise<T>

/** {@link Within} on timers. Without timers, as in virtual time, it waits for as long as it takes. */
export function createWithin(clock: Clock, timers: Pick<Timers, 'at'> | undefined): Within {
  if (timers === undefined) return (_limitMs, _what, work) => work
  return (limitMs, what, work) =>
    new Promise((resolve, reject) => {
      const cancel = timers.at(clock.now() + limitMs, () =>
        reject(
          new SwarmError({
            code: 'TIMED_OUT',
            message: `${what} took longer than ${limitMs} ms, and goes on unheard`,
            retryability: 'unknown-outcome',
          }),
        ),
      )
      work.then(
        (value) => {
          cancel()
          resolve(value)
        },
        (thrown: unknown) => {
          cancel()
          reject(thrown as Error)
        },
      )
    })
}
