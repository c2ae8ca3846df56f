import type { Random } from './random.js'

/** The machine's randomness. */
export function createSystemRandom(): Random {
  const random: Random = { next: () => Math.random(), fork: () => random }
  return random
}
