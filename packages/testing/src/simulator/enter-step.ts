import type { Dice } from './dice.js'
import type { Step } from './scenario.js'

/** An agent asks to enter. */
export type EnterStep = Extract<Step, { readonly do: 'enter' }>

/** An entry at a time, in whatever an agent may ask for. */
export function enterStep(dice: Dice, at: number): EnterStep {
  const type = dice.pick(['market', 'market', 'limit', 'limit', 'stop'])
  return {
    at,
    do: 'enter',
    agent: dice.int(1, 3),
    symbol: dice.int(0, 2),
    side: dice.chance(0.97) ? 'buy' : 'sell',
    type,
    timeInForce: dice.pick(['day', 'day', 'gtc', 'ioc']),
    size: dice.pick([0.1, 0.2, 0.3, 0.5, 0.9, 1, 1.02]),
    offsetBasisPoints: type === 'stop' ? dice.int(5, 150) : dice.int(-200, 100),
    stopBasisPoints: dice.pick([20, 100, 300, 600]),
    targetBasisPoints: dice.pick([20, 150, 500]),
    sessions: dice.pick([1, 1, 2, 5]),
    submit: dice.chance(0.75) ? 'at once' : dice.pick(['twice', 'never', 'after a while', 'under a forged permit']),
  }
}
