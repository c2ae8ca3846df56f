import { Agent } from './agent.js'
import type { AgentInstance } from './agent-instance.js'
import type { Health } from './agent-types.js'
import type { Dispatcher } from './dispatcher.js'
import type { Roster } from './roster.js'

/** Asks agents for their health, looks whether the storage still answers, and renews leases, at fixed intervals of real time. */
export type HealthMonitor = { start(): void; stop(): void }

/** So many bad answers in a row count as a failure of the agent. */
const badAnswersToFail = 3
/** So often a lease is renewed within its length. */
const heartbeatsPerLease = 3

export function createHealthMonitor(options: {
  readonly roster: Roster
  readonly dispatcher: Dispatcher
  readonly healthCheckMs: number
  readonly leaseMs: number
  /** Called with each round of questions. */
  readonly watchStorage: () => void
}): HealthMonitor {
  const { roster, dispatcher, healthCheckMs, leaseMs } = options
  /** Of the present life of each agent. */
  const badAnswers = new Map<string, { readonly life: object | undefined; readonly count: number }>()
  /** The lives that have not answered yet. One that is asked again before it has gives a bad answer. */
  const asked = new Map<string, object | undefined>()
  const cancels = new Map<string, () => void>()

  const every = (name: string, intervalMs: number, act: () => void): void => {
    const arm = (): void => {
      cancels.set(
        name,
        dispatcher.at(dispatcher.now() + intervalMs, () => {
          arm()
          act()
        }),
      )
    }
    arm()
  }

  const check = async (instance: AgentInstance): Promise<void> => {
    const { life } = instance
    if (life === undefined) return
    if (asked.get(instance.id) === life) {
      note(instance, 'unhealthy')
      return
    }
    asked.set(instance.id, life)
    const { status } = await instance.checkHealth()
    // An answer that comes after the next question was counted as a bad one.
    if (asked.get(instance.id) === life) asked.delete(instance.id)
    if (life === instance.life) note(instance, status)
  }

  const note = (instance: AgentInstance, status: Health['status']): void => {
    const { id, life } = instance
    if (status !== 'unhealthy' || instance.state !== 'running') {
      badAnswers.delete(id)
      return
    }
    const before = badAnswers.get(id)
    const count = (before?.life === life ? (before?.count ?? 0) : 0) + 1
    badAnswers.set(id, { life, count })
    if (count < badAnswersToFail || cancels.size === 0) return
    badAnswers.delete(id)
    asked.delete(id)
    instance.crash(true)
    roster.supervision.failed(id, new Error(`it was unhealthy ${count} times in a row`))
  }

  return {
    start() {
      // Virtual time has no intervals that nobody asked for.
      if (dispatcher.virtual) return
      every('leases', Math.max(1, Math.round(leaseMs / heartbeatsPerLease)), () => roster.heartbeat())
      every('health', healthCheckMs, () => {
        options.watchStorage()
        for (const instance of roster.instances.values()) if (tellsItsHealth(instance)) void check(instance)
      })
    },
    stop() {
      for (const cancel of cancels.values()) cancel()
      cancels.clear()
    },
  }
}

function tellsItsHealth({ agentClass }: AgentInstance): boolean {
  const own = (agentClass.prototype as Record<'onHealth', unknown>).onHealth
  return own !== (Agent.prototype as unknown as Record<'onHealth', unknown>).onHealth
}
