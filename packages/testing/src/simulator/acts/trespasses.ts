import type { KernelLife } from '../kernel-life.js'
import type { OperatorCall } from '../observation.js'
import { callOperator } from '../operator-desk.js'
import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

const acts = [
  'reset kill switch',
  'flatten',
  'freeze',
  'unfreeze',
  'resume',
  'policy',
  'approve',
  'deny',
  'book',
  'adopt',
] as const

/** Somebody acts who may not: a name that is no operator's, or a wrong secret. */
export type TrespassStep = { readonly do: 'trespass'; readonly act: (typeof acts)[number]; readonly byName: boolean }

/** Acts of those who may not: each must be refused, and change nothing. */
export const trespasses: ActFamily = {
  name: 'trespasses',
  share: 6,
  shape: (scenario) => ({ ...scenario, guardsEmergencies: true, operators: ['Ada'] }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(3, 7); count > 0; count -= 1)
      steps.push({
        at: dice.int(5_500, lastActMs(scenario)),
        do: 'trespass',
        act: dice.pick(acts),
        byName: dice.chance(0.6),
      })
    return steps
  },
  carryOut({ world, current }, step) {
    if (step.do !== 'trespass') return false
    const life = current()
    if (life?.running !== true) return true
    const secretly = step.act === 'reset kill switch' || step.act.endsWith('freeze') || step.act === 'flatten'
    const operator = step.byName || !secretly ? 'Mallory' : 'Ada'
    world.cover(`trespass: ${step.act}`)
    const call: OperatorCall = { name: step.act, trespasses: true }
    callOperator(world, life, call, () => actAs(life, step.act, { operator, reason: 'simulated', secret: 'guessed' }))
    return true
  },
  covers: Object.fromEntries(acts.map((act) => [`trespass: ${act}`, 'kernel API, wrong name or secret'])),
}

function actAs(
  { kernel }: KernelLife,
  act: TrespassStep['act'],
  who: { readonly operator: string; readonly reason: string; readonly secret: string },
): Promise<unknown> {
  const token = kernel.approvals()[0]?.token ?? 'approval-0'
  switch (act) {
    case 'reset kill switch':
      return kernel.resetKillSwitch(who)
    case 'flatten':
    case 'freeze':
    case 'unfreeze':
    case 'resume':
      return kernel[act](who)
    case 'policy':
      return kernel.changePolicy({ maxOpenPositions: 1_000 }, who)
    case 'approve':
      return kernel.approve(token, who)
    case 'deny':
      return kernel.deny(token, who)
    case 'book':
      return kernel.book({ type: 'deposit', eventId: 'gift', amount: '1000000' }, who)
    case 'adopt':
      return kernel.adopt({ symbol: 'AAA', price: '1' }, who)
  }
}
