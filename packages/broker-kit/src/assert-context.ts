import { SwarmError, shown } from '@tradeswarm/core'

/** What an adapter may be opened with: the calls that it needs of each part, and where one is to be had. */
const parts = {
  clock: { calls: ['now'], remedy: 'use a clock such as createSystemClock() of @tradeswarm/core' },
  random: { calls: ['next', 'fork'], remedy: 'use createSystemRandom() of @tradeswarm/core' },
  logger: {
    calls: ['debug', 'info', 'warn', 'error'],
    remedy: 'use a logger of your own, or createSilentLogger() of @tradeswarm/core',
  },
  guard: {
    calls: ['consume'],
    remedy: 'a swarm gives its own; use openByHand() of @tradeswarm/testing to try an adapter',
  },
} as const

/**
 * Checks what something is opened with. A part that is missing would be found missing later, inside a timer or a stream, where nobody can catch
 * it. Throws `INVALID_OPTION` that names the part.
 */
export function assertContext(owner: string, context: unknown, needed: readonly (keyof typeof parts)[]): void {
  const given = (typeof context === 'object' ? (context ?? {}) : {}) as Readonly<Record<string, unknown>>
  for (const name of needed) {
    const { calls, remedy } = parts[name]
    const part = given[name] as Readonly<Record<string, unknown>> | null | undefined
    if (calls.every((call) => typeof part?.[call] === 'function')) continue
    const fault = part === undefined ? 'it is not given' : `${shown(part)} has no ${calls.join('(), ')}()`
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${owner}: ${name}: ${fault}; open it with { ${needed.join(', ')} }: ${remedy}`,
      context: { option: name },
    })
  }
}
