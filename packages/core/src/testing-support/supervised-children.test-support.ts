import type { SupervisionHost } from '../supervision/supervision.js'
import type { ClockAndTimers } from '../time/clock.js'

type Stand = 'up' | 'crashed' | 'stopping' | 'down' | 'starting'

export type SupervisedChildren = {
  readonly host: SupervisionHost
  /** What was begun, such as `stop a`, `start a` and `quarantine a`, in order. */
  readonly log: readonly { readonly timeMs: number; readonly act: string; readonly id: string }[]
  /** The log from here on as `stop a, start a`; empties it. */
  takeLog(): string
  standOf(id: string): Stand
  /** True when the child was up, and now is not. */
  crash(id: string): boolean
  /** The next so many starts of a child fail. */
  failStarts(id: string, count: number): void
}

/** Children that are only states, and complain of a host that is called out of turn. */
export function createSupervisedChildren(options: {
  readonly clock: ClockAndTimers
  /** How long a stop or start takes; default 0: it is done in microtasks. */
  readonly latencyMs?: (id: string) => number
  readonly before?: (act: 'stop' | 'start', id: string) => void
}): SupervisedChildren {
  const { clock, latencyMs = () => 0, before } = options
  const stands = new Map<string, Stand>()
  const failing = new Map<string, number>()
  let log: { timeMs: number; act: string; id: string }[] = []
  const standOf = (id: string): Stand => stands.get(id) ?? 'up'

  const wait = (id: string): Promise<void> => {
    const ms = latencyMs(id)
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => clock.at(clock.now() + ms, resolve))
  }
  const note = (act: string, id: string): void => void log.push({ timeMs: clock.now(), act, id })

  const host: SupervisionHost = {
    async stop(id) {
      if (standOf(id) === 'stopping' || standOf(id) === 'starting') throw new Error(`stop of ${id}, ${standOf(id)}`)
      before?.('stop', id)
      note('stop', id)
      stands.set(id, 'stopping')
      await wait(id)
      stands.set(id, 'down')
    },
    async start(id) {
      if (standOf(id) !== 'down') throw new Error(`start of ${id}, ${standOf(id)}`)
      before?.('start', id)
      note('start', id)
      stands.set(id, 'starting')
      await wait(id)
      const failures = failing.get(id) ?? 0
      failing.set(id, failures - 1)
      stands.set(id, failures > 0 ? 'crashed' : 'up')
      if (failures > 0) throw new Error(`${id} will not start`)
    },
    quarantine(id) {
      if (standOf(id) !== 'down') throw new Error(`quarantine of ${id}, ${standOf(id)}`)
      note('quarantine', id)
    },
  }

  return {
    host,
    get log() {
      return log
    },
    takeLog() {
      const text = log.map(({ act, id }) => `${act} ${id}`).join(', ')
      log = []
      return text
    },
    standOf,
    crash(id) {
      if (standOf(id) !== 'up') return false
      stands.set(id, 'crashed')
      return true
    },
    failStarts: (id, count) => void failing.set(id, count),
  }
}
