import { wellFormed } from '@tradeswarm/core'
import type { OrderIntent, RiskFinding } from '@tradeswarm/trading'

/** Longer names are cut: what an intent says is not to be trusted here. */
const maximumNameLength = 64

/** Why an agent gets nothing for an intent that bears another's name. */
export function agentNotAuthorized(intent: Pick<OrderIntent, 'agent'>, caller = ''): RiskFinding {
  const agent = wellFormed(intent.agent.slice(0, maximumNameLength))
  return {
    code: 'AGENT_NOT_AUTHORIZED',
    value: agent,
    limit: caller,
    message: `the intent is in the name of ${agent} but ${caller} asks for it: an agent orders in its own name (agent: this.id)`,
  }
}
