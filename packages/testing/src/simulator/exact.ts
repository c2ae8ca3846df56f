import { SwarmError } from '@tradeswarm/core'

/** An exact amount in units of 10⁻²⁴, for venue and checkers: they share no arithmetic with the code that they judge. */
export type Exact = bigint

const places = 24
/** Exactly 1. */
export const unit: Exact = 10n ** BigInt(places)

const plain = /^(-?)(\d{1,30})(?:\.(\d{1,24})0*)?$/

/** The amount of a plain decimal text. Throws `SIMULATION_AMOUNT` for anything else. */
export function exact(text: string): Exact {
  const match = plain.exec(text)
  if (match === null) throw fault(`"${text}" is not a plain decimal number`)
  const [, sign, whole = '0', fraction = ''] = match
  const value = BigInt(whole) * unit + BigInt(fraction.padEnd(places, '0'))
  return sign === '-' ? -value : value
}

/** A fraction of a policy, at twelve decimals. */
export function exactFraction(value: number): Exact {
  return exact(value.toFixed(12))
}

/** The shortest plain text. */
export function exactText(value: Exact): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const whole = digits.slice(0, -places)
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The exact product. Throws `SIMULATION_AMOUNT` where it has more than 24 decimals. */
export function times(a: Exact, b: Exact): Exact {
  const product = a * b
  if (product % unit !== 0n) throw fault(`${exactText(a)} × ${exactText(b)} has more than ${places} decimals`)
  return product / unit
}

/** Down to a whole number of steps; for amounts of 0 or more. */
export function floorTo(value: Exact, step: Exact): Exact {
  return value - (value % step)
}

/** The smaller one. */
export function least(a: Exact, b: Exact): Exact {
  return a < b ? a : b
}

/** Without its sign. */
export function magnitude(value: Exact): Exact {
  return value < 0n ? -value : value
}

function fault(message: string): SwarmError {
  return new SwarmError({ code: 'SIMULATION_AMOUNT', message: `simulation: ${message}` })
}
