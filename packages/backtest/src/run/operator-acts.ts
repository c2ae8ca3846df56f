import type { TradingSwarm } from '@tradeswarm/agents'
import { operatorActKind, operatorActLeftUndone, type Storage, SwarmError } from '@tradeswarm/core'
import type {
  Adoption,
  Authorisation,
  CashMovement,
  HaltDetails,
  HaltScope,
  RiskPolicyInput,
} from '@tradeswarm/trading'
import { z } from 'zod'

const agentAct = z.object({
  act: z.enum(['pause', 'resume', 'stop', 'start', 'restart', 'kill-agent', 'release']),
  agent: z.string(),
})

const scope = z
  .union([z.object({ venue: z.string() }), z.object({ strategy: z.string() }), z.object({ agent: z.string() })])
  .exactOptional()
const haltDetails = { scope, operator: z.string().exactOptional() }
const authorised = { operator: z.string(), reason: z.string() }
const account = z.string().exactOptional()

const leftUndone = z.object({ act: z.literal(operatorActLeftUndone), of: z.string() })

const operatorAct = z.discriminatedUnion('act', [
  z.object({ act: z.literal('kill'), reason: z.string(), ...haltDetails }),
  z.object({ act: z.literal('halt'), state: z.enum(['reducing', 'halted']), reason: z.string(), ...haltDetails }),
  z.object({ act: z.literal('resume-trading'), ...authorised, scope }),
  z.object({ act: z.literal('flatten'), ...authorised, scope }),
  z.object({ act: z.enum(['freeze', 'unfreeze']), ...authorised }),
  z.object({
    act: z.literal('approve'),
    token: z.string(),
    operator: z.string(),
    reason: z.string().exactOptional(),
  }),
  z.object({ act: z.literal('deny'), token: z.string(), ...authorised }),
  z.object({ act: z.literal('reset-kill-switch'), operator: z.string() }),
  z.object({ act: z.literal('change-policy'), policy: z.record(z.string(), z.unknown()), ...authorised, account }),
  z.object({ act: z.literal('book'), movement: z.record(z.string(), z.unknown()), ...authorised, account }),
  z.object({ act: z.literal('adopt'), adoption: z.record(z.string(), z.unknown()), ...authorised, account }),
  z.object({
    act: z.literal('reconfigure'),
    agent: z.string(),
    config: z.unknown(),
    masked: z.array(z.string()).default([]),
  }),
  z.object({ act: z.literal('scale'), agent: z.string(), replicas: z.number() }),
  z.object({ act: z.enum(['requeue-dead-letter', 'discard-dead-letter']), id: z.string() }),
  z.object({ act: z.literal('forget-consumer'), consumer: z.string() }),
  z.object({ act: z.literal('replay'), agent: z.string(), from: z.number(), topic: z.string().optional() }),
  agentAct,
])

/** An operator's act and its place in the journal. */
export type RecordedAct = { readonly sequence: number; readonly act: z.output<typeof operatorAct> }

/** What operators did in a recorded run, in order, without what came to nothing because the journal failed. Throws `RUN_UNREADABLE` on an act that this version does not know. */
export async function readOperatorActs(storage: Storage): Promise<readonly RecordedAct[]> {
  const acts = new Map<string, RecordedAct>()
  for await (const { id, sequence, text } of storage.journal.read({ kinds: [operatorActKind], unverified: true })) {
    const undone = leftUndone.safeParse(JSON.parse(text))
    if (undone.success) {
      acts.delete(undone.data.of)
      continue
    }
    const parsed = operatorAct.safeParse(JSON.parse(text))
    if (!parsed.success) {
      throw new SwarmError({
        code: 'RUN_UNREADABLE',
        message: `entry ${sequence}: an operator did something that this version cannot do again: ${text.slice(0, 200)}`,
      })
    }
    acts.set(id, { sequence, act: parsed.data })
  }
  return [...acts.values()]
}

/**
 * Does again what an operator did. What failed then fails again, which changes nothing: the entries tell whether all else is the same.
 * Throws `REPLAY_NEEDS_SECRET` for a reset of the kill switch, whose secret is in no journal, and for a configuration with secrets;
 * `ACT_NOT_REPEATABLE` for a group that was sent back in the journal: a run in virtual time has none to read again.
 */
export async function performAct(swarm: TradingSwarm, { sequence, act }: RecordedAct): Promise<void> {
  if (act.act === 'reset-kill-switch') {
    throw new SwarmError({
      code: 'REPLAY_NEEDS_SECRET',
      message: `${act.operator} reset the kill switch with a secret that is in no journal: the run cannot be repeated from there on`,
    })
  }
  if (act.act === 'reconfigure' && act.masked.length > 0) {
    throw new SwarmError({
      code: 'REPLAY_NEEDS_SECRET',
      message: `entry ${sequence}: an operator gave ${act.agent} a configuration with secrets that are in no journal (${act.masked.join(', ')}): the run cannot be repeated from there on`,
      context: { sequence, agent: act.agent, masked: act.masked },
    })
  }
  if (act.act === 'replay') {
    throw new SwarmError({
      code: 'ACT_NOT_REPEATABLE',
      message: `entry ${sequence}: an operator let ${act.agent} handle the journal again from entry ${act.from}, which nothing can repeat in virtual time: the run cannot be repeated from there on`,
      context: { sequence, act: act.act },
    })
  }
  try {
    await perform(swarm, act)
  } catch (error) {
    if (!SwarmError.isInstance(error) || error.code === 'REPLAY_DIVERGED') throw error
  }
}

type RepeatableAct = Exclude<RecordedAct['act'], { readonly act: 'reset-kill-switch' | 'replay' }>

async function perform(swarm: TradingSwarm, act: RepeatableAct): Promise<unknown> {
  switch (act.act) {
    case 'kill':
      return swarm.kill(act.reason, detailsOf(act))
    case 'halt':
      return swarm.halt(act.state, act.reason, detailsOf(act))
    case 'resume-trading':
      return swarm.resume(authorisationOf(act))
    case 'flatten':
      return swarm.flatten(authorisationOf(act))
    case 'freeze':
    case 'unfreeze':
      return swarm[act.act](authorisationOf(act))
    case 'approve':
      return swarm.approve(act.token, {
        operator: act.operator,
        ...(act.reason === undefined ? {} : { reason: act.reason }),
      })
    case 'deny':
      return swarm.deny(act.token, authorisationOf(act))
    // As they were given: what their kernel refused then it refuses again.
    case 'change-policy':
      return swarm.changePolicy(act.policy as RiskPolicyInput, ofAccount(act))
    case 'book':
      return swarm.book(act.movement as CashMovement, ofAccount(act))
    case 'adopt':
      return swarm.adopt(act.adoption as Adoption, ofAccount(act))
    case 'reconfigure':
      return swarm.agent(act.agent).reconfigure(act.config)
    case 'scale':
      return swarm.scale(act.agent, act.replicas)
    case 'requeue-dead-letter':
      return swarm.deadLetters.requeue(act.id)
    case 'discard-dead-letter':
      return swarm.deadLetters.discard(act.id)
    case 'forget-consumer':
      // Virtual time keeps no place in the journal that could be forgotten: the entry is all there is to it.
      return swarm.noteOperatorAct(act)
    case 'kill-agent':
      return swarm.agent(act.agent).kill()
    default:
      return swarm.agent(act.agent)[act.act]()
  }
}

type Scoped = { readonly scope?: HaltScope }

/** Only what was given: what is noted again must be the same to the byte. */
function detailsOf({ scope, operator }: Scoped & { readonly operator?: string }): HaltDetails {
  return { ...(scope === undefined ? {} : { scope }), ...(operator === undefined ? {} : { operator }) }
}

function ofAccount({
  operator,
  reason,
  account: named,
}: Authorisation & { readonly account?: string }): Authorisation & { readonly account?: string } {
  return { operator, reason, ...(named === undefined ? {} : { account: named }) }
}

function authorisationOf({ operator, reason, scope }: Authorisation & Scoped): Authorisation & Scoped {
  return { operator, reason, ...(scope === undefined ? {} : { scope }) }
}
