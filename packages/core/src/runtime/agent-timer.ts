import type { Cancel } from '../time/clock.js'
import { type Dispatcher, Lane, maximumMailboxDepth } from './dispatcher.js'

export type AgentTimerOptions = {
  readonly dispatcher: Dispatcher
  readonly owner: string
  readonly intervalMs: number
  /** Must not reject. */
  readonly run: () => Promise<void>
}

/** Runs something at each multiple of an interval from now on. A multiple that falls due while the last run waits or works is skipped. */
export function startAgentTimer({ dispatcher, owner, intervalMs, run }: AgentTimerOptions): Cancel {
  const lane = new Lane()
  let busy = false
  let cancelled = false
  let next = dispatcher.now() + intervalMs
  let cancelNext: Cancel = () => undefined

  const runOnce = async (): Promise<void> => {
    try {
      if (!cancelled) await run()
    } finally {
      busy = false
    }
  }

  const tick = (): void => {
    // A clock that jumped ahead, or a machine that slept, gets one call and not one for each multiple that it missed.
    const missed = Math.max(0, Math.floor((dispatcher.now() - next) / intervalMs))
    next += (missed + 1) * intervalMs
    cancelNext = dispatcher.at(next, tick)
    if (busy || dispatcher.depth(owner) >= maximumMailboxDepth) return
    busy = true
    dispatcher.enqueue({ owner, lane, priority: 'normal', run: runOnce })
  }

  cancelNext = dispatcher.at(next, tick)
  return () => {
    cancelled = true
    cancelNext()
  }
}
