import { SwarmError, shown } from '@tradeswarm/core'

/** The furthest instant that a date can be of (ECMA-262, 21.4.1.1). */
const furthestMs = 8.64e15

/** Refuses what is no instant to list executions or movements from, in the name of whoever was asked. Throws `INVALID_OPTION`. */
export function assertSince(where: string, since: unknown): void {
  if (typeof since === 'number' && Math.abs(since) <= furthestMs) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${where}: since: ${shown(since)} is no instant; use milliseconds since 1970, such as Date.UTC(2024, 0, 1), or 0 for all`,
    context: { option: 'since' },
  })
}
