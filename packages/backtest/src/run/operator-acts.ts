import type { TradingSwarm } from '@tradeswarm/agents'
import { operatorActKind, type Storage, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

const agentAct = z.object({ act: z.enum(['pause', 'resume', 'stop', 'start', 'restart']), agent: z.string() })

const operatorAct = z.discriminatedUnion('act', [
  z.object({ act: z.literal('kill'), reason: z.string() }),
  z.object({ act: z.literal('halt'), state: z.enum(['reducing', 'halted']), reason: z.string() }),
  z.object({ act: z.literal('resume-trading'), operator: z.string(), reason: z.string() }),
  z.object({ act: z.literal('reset-kill-switch'), operator: z.string() }),
  agentAct,
])

/** An operator's act and its place in the journal. */
export type RecordedAct = { readonly sequence: number; readonly act: z.output<typeof operatorAct> }

/** What operators did in a recorded run, in order. Throws `RUN_UNREADABLE` on an act that this version does not know. */
export async function readOperatorActs(storage: Storage): Promise<readonly RecordedAct[]> {
  const acts: RecordedAct[] = []
  for await (const { sequence, text } of storage.journal.read({ kinds: [operatorActKind], unverified: true })) {
    const parsed = operatorAct.safeParse(JSON.parse(text))
    if (!parsed.success) {
      throw new SwarmError({
        code: 'RUN_UNREADABLE',
        message: `entry ${sequence}: an operator did something that this version cannot do again: ${text.slice(0, 200)}`,
      })
    }
    acts.push({ sequence, act: parsed.data })
  }
  return acts
}

/** Does again what an operator did. Throws `REPLAY_NEEDS_SECRET` for a reset of the kill switch: its secret is in no journal. */
export async function performAct(swarm: TradingSwarm, act: RecordedAct['act']): Promise<void> {
  switch (act.act) {
    case 'kill':
      return swarm.kill(act.reason)
    case 'halt':
      return swarm.halt(act.state, act.reason)
    case 'resume-trading':
      return swarm.resume({ operator: act.operator, reason: act.reason })
    case 'reset-kill-switch':
      throw new SwarmError({
        code: 'REPLAY_NEEDS_SECRET',
        message: `${act.operator} reset the kill switch with a secret that is in no journal: the run cannot be repeated from there on`,
      })
    default:
      return swarm.agent(act.agent)[act.act]()
  }
}
