import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { zero } from '@tradeswarm/trading'
import { readAmount } from './order-values.js'

/** What each exit that an order brings along is given as: a price above 0 as a decimal text, or any text. */
export type ExitFields<Exits extends object> = Readonly<Record<keyof Exits, 'price' | 'text'>>

/**
 * Refuses exits of which a field is not known, or is not of its kind: a misspelt target would be left out in silence. To be called before a
 * permit is used up, so that the order can still be sent. Throws `INVALID_OPTION`, naming the field.
 */
export function assertExits<Exits extends object>(exits: Exits, fields: ExitFields<Exits>): void {
  assertKnownOptions('exits', exits, Object.keys(fields))
  for (const [field, value] of Object.entries(exits)) {
    if (value === undefined) continue
    const isPrice = fields[field as keyof Exits] === 'price'
    if (isPrice ? isAbove0(value) : typeof value === 'string') continue
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `exits: ${field} is ${shown(value)}; it must be ${isPrice ? 'a decimal text above 0, such as "12.50"' : 'a text'}`,
      context: { option: field },
    })
  }
}

function isAbove0(value: unknown): boolean {
  return typeof value === 'string' && readAmount(value)?.gt(zero) === true
}
