import { enterStep } from '../enter-step.js'
import { callOperator, simulatedOperator } from '../operator-desk.js'
import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** A person answers what waits for a word, in time or not. */
export type ApprovalStep =
  | {
      readonly do: 'approve'
      readonly pick: number
      /** `again`: under a token that was answered already. */
      readonly how: 'once' | 'twice' | 'again' | 'under a forged token'
    }
  | { readonly do: 'deny'; readonly pick: number }

/** Large orders wait for a person: approved, denied, approved twice, forgotten, and amended after the yes. */
export const approvals: ActFamily = {
  name: 'approvals',
  share: 12,
  shape: (scenario, dice) => ({
    ...scenario,
    amends: true,
    approvalLifetimeMs: dice.pick([2_000, 6_000, 20_000]),
    policy: {
      ...scenario.policy,
      ...(dice.chance(0.5)
        ? { approvalAboveFraction: dice.pick([0.03, 0.08]) }
        : { approvalAboveNotional: dice.pick(['1500', '6000']) }),
    },
  }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(3, 6); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      steps.push({ ...enterStep(dice, at), side: 'buy', size: dice.pick([0.6, 0.9]), submit: 'at once' })
      const answerAt = at + dice.int(20, dice.chance(0.2) ? 20_000 : 2_500)
      if (dice.chance(0.15)) steps.push({ at: answerAt, do: 'deny', pick: 0 })
      else if (dice.chance(0.85))
        steps.push({
          at: answerAt,
          do: 'approve',
          pick: dice.int(0, 1),
          how: dice.pick(['once', 'once', 'once', 'twice', 'again', 'under a forged token']),
        })
      if (dice.chance(0.2)) steps.push({ at: answerAt + 40, do: 'approve', pick: 0, how: 'again' })
      if (dice.chance(0.3))
        steps.push({ at: answerAt + dice.int(200, 4_000), do: 'amend', pick: 0, size: 1.3, offsetBasisPoints: -20 })
    }
    return steps
  },
  carryOut({ world, agents, current }, step) {
    if (step.do !== 'approve' && step.do !== 'deny') return false
    const life = current()
    if (life?.running !== true) return true
    const { kernel } = life
    const waiting = kernel.approvals()
    const pending = waiting[step.pick % Math.max(1, waiting.length)]
    if (step.do === 'deny') {
      if (pending === undefined) return true
      world.cover('deny')
      const { token } = pending
      callOperator(world, life, { name: 'deny', token }, () => kernel.deny(token, simulatedOperator))
      return true
    }
    const token =
      step.how === 'again' ? world.answered.at(-1) : step.how === 'under a forged token' ? 'approval-0' : pending?.token
    if (token === undefined) return true
    const approve = (): void => {
      if (pending !== undefined) agents.seen(life, pending.intent.intentId)
      callOperator(world, life, { name: 'approve', token }, () => kernel.approve(token, simulatedOperator))
    }
    world.cover(`approve ${step.how}`)
    world.answered.push(token)
    approve()
    if (step.how === 'twice') approve()
    return true
  },
  covers: {
    deny: 'kernel API',
    'approve once': 'kernel API',
    'approve twice': 'kernel API, at the same moment',
    'approve again': 'kernel API, a token that was answered',
    'approve under a forged token': 'kernel API',
    'approval expired': 'seen in the journal',
    'approved order permitted': 'seen in the journal',
  },
}
