import type { Random } from '@tradeswarm/core'

/** Chance, as scenarios are made of it. */
export type Dice = {
  /** A whole number, both ends included. */
  int(least: number, most: number): number
  chance(likelihood: number): boolean
  pick<const T>(choices: readonly [T, ...T[]]): T
}

/** Dice that a random generator throws. */
export function diceOf(random: Random): Dice {
  const int = (least: number, most: number): number => least + Math.floor(random.next() * (most - least + 1))
  return {
    int,
    chance: (likelihood) => random.next() < likelihood,
    pick: (choices) => choices[int(0, choices.length - 1)] ?? choices[0],
  }
}
