import type { LatencySummary } from '../telemetry/latency-histogram.js'
import type { AgentCounts } from './agent-counts.js'
import type { AgentLifecycle, Health } from './agent-types.js'

/** How one agent is at the moment; counters are since its swarm started. */
export type AgentStatus = Readonly<AgentCounts> & {
  readonly id: string
  readonly role: string
  readonly capabilities: readonly string[]
  readonly tags: readonly string[]
  readonly state: AgentLifecycle
  readonly health: Health['status']
  /** Why it stays down, when it has failed too often. */
  readonly quarantine?: string
  readonly mailboxDepth: number
  readonly restarts: number
  /** How long its handlers took, in milliseconds of real time; absent before the first. */
  readonly latency?: LatencySummary
}
