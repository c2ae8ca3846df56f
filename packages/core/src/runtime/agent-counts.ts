/** What an agent has done since its swarm started. */
export type AgentCounts = {
  /** Messages, timers and requests that its handlers have dealt with. */
  handled: number
  /** Attempts of handlers that ended in an error. */
  failed: number
  /** Messages given up after all their tries. */
  deadLetters: number
  /** Messages that came too late to be delivered. */
  expired: number
  /** Messages dropped, or replaced by newer ones, as their subscription asks. */
  dropped: number
}

export function createAgentCounts(): AgentCounts {
  return { handled: 0, failed: 0, deadLetters: 0, expired: 0, dropped: 0 }
}
