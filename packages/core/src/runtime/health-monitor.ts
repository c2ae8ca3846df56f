import { Agent } from './agent.js'
import type { AgentInstance } from './agent-instance.js'
import type { Dispatcher } from './dispatcher.js'
import type { Roster } from './roster.js'

/** Asks agents for their health and renews their leases, at fixed intervals of real time. */
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
}): HealthMonitor {
  const { roster, dispatcher, healthCheckMs, leaseMs } = options
  const badAnswers = new Map<string, number>()
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
    const { status } = await instance.checkHealth()
    if (status !== 'unhealthy' || instance.state !== 'running') {
      badAnswers.delete(instance.id)
      return
    }
    const count = (badAnswers.get(instance.id) ?? 0) + 1
    badAnswers.set(instance.id, count)
    if (count < badAnswersToFail || cancels.size === 0) return
    badAnswers.delete(instance.id)
    instance.crash(true)
    roster.supervision.failed(instance.id, new Error(`it was unhealthy ${count} times in a row`))
  }

  return {
    start() {
      // Virtual time has no intervals that nobody asked for.
      if (dispatcher.virtual) return
      every('leases', Math.max(1, Math.round(leaseMs / heartbeatsPerLease)), () => roster.heartbeat())
      every('health', healthCheckMs, () => {
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
