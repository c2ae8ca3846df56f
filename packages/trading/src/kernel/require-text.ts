import { SwarmError } from '@tradeswarm/core'

/** Throws `INVALID_OPTION` unless a value is a text that says something. */
export function requireText(place: string, option: string, value: unknown): void {
  if (typeof value === 'string' && value.trim() !== '') return
  const found = typeof value === 'string' ? 'empty' : String(value)
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${place}: ${option} is ${found}; give it a text that is not empty`,
    context: { option },
  })
}
