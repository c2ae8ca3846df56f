import { type ClockAndTimers, messageOf, SwarmError } from '@tradeswarm/core'
import type { BarEvent } from '@tradeswarm/trading'

/** In real time past bars are waited for so long. */
export const defaultPastBarsTimeoutMs = 60_000
/** Ten years of 400 symbols: no rule looks back as far. */
const mostBars = 1_000_000

/** Whoever knows of daily bars that have ended. The signal is aborted when nobody waits for them any more. */
export type PastBars = (signal: AbortSignal) => Promise<readonly BarEvent[]>

export type PastBarsQuestion = {
  readonly clock: ClockAndTimers
  /** Undefined in virtual time, where nothing is waited for. */
  readonly timeoutMs: number | undefined
  readonly alert: (code: string, message: string) => void
}

/**
 * The bars that a kernel begins with, the newest 1,000,000 of them. An account does not wait for its history: where that does not come in
 * time, or the question fails, it starts without, so that what is held has its exits, and rules that look back deny entries. Both are told.
 */
export async function askPastBars(ask: PastBars, question: PastBarsQuestion): Promise<readonly BarEvent[]> {
  try {
    const bars = await inTime(ask, question)
    // What is no list is for the kernel to refuse.
    const count = (bars as Partial<typeof bars>).length ?? 0
    if (count <= mostBars) return bars
    question.alert(
      'PAST_BARS_CUT',
      `pastBars gave ${count} bars, and the newest ${mostBars} are used: ask for fewer days`,
    )
    return bars.slice(-mostBars)
  } catch (thrown) {
    question.alert(
      'PAST_BARS_MISSING',
      `the account starts without past bars, and rules that look back deny entries until enough days have passed, or it is started again: ${messageOf(thrown)}`,
    )
    return []
  }
}

function inTime(ask: PastBars, { clock, timeoutMs }: PastBarsQuestion): Promise<readonly BarEvent[]> {
  const asked = new AbortController()
  if (timeoutMs === undefined) return ask(asked.signal)
  return new Promise((resolve, reject) => {
    const cancel = clock.at(clock.now() + timeoutMs, () => {
      const overdue = new SwarmError({
        code: 'TIMED_OUT',
        message: `pastBars gave no bars within ${timeoutMs} ms; give it longer by pastBarsTimeoutMs`,
      })
      asked.abort(overdue)
      reject(overdue)
    })
    const answered = async (): Promise<readonly BarEvent[]> => ask(asked.signal)
    answered().then(resolve, reject).finally(cancel)
  })
}
