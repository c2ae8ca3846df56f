import { type Decimal, decimal, divide, one } from '@tradeswarm/trading'

/** What stands in a report where a figure does not apply: never a 0. */
export const notApplicable = 'n/a'

const minus = '\u2212'

/** A float with so many decimals and thousands apart; n/a for null and for what is not finite. */
export function numberText(value: number | null | undefined, places: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return notApplicable
  return grouped(value.toFixed(places))
}

/** A fraction as per cent with two decimals. */
export function percentText(fraction: number | null | undefined): string {
  if (fraction === null || fraction === undefined || !Number.isFinite(fraction)) return notApplicable
  return `${numberText(fraction * 100, 2)}%`
}

/** The same with its sign, whichever it is. */
export function signedPercentText(fraction: number | null | undefined): string {
  return signed(percentText(fraction))
}

/** An exact amount rounded to cents, half to even, with thousands apart. Throws `INVALID_DECIMAL`. */
export function moneyText(amount: string | Decimal | null | undefined, currency: string): string {
  if (amount === null || amount === undefined) return notApplicable
  const exact = typeof amount === 'string' ? decimal(amount) : amount
  const text = grouped(divide(exact, one, 2, 'half-even').toFixed(2))
  if (currency !== 'USD') return `${text} ${currency}`
  return text.startsWith(minus) ? `${minus}$${text.slice(1)}` : `$${text}`
}

/** The same with its sign, whichever it is. */
export function signedMoneyText(amount: string | Decimal, currency: string): string {
  return signed(moneyText(amount, currency))
}

/** An amount or a price as it is, digit for digit, with thousands apart. */
export function amountText(text: string): string {
  return grouped(text)
}

/** Milliseconds in the unit that fits them. */
export function durationText(milliseconds: number | null): string {
  if (milliseconds === null) return notApplicable
  const hours = milliseconds / 3_600_000
  return hours < 48 ? `${numberText(hours, 1)} hours` : `${numberText(hours / 24, 1)} days`
}

/** `1 trade`, `2 trades`. */
export function countText(count: number, noun: string): string {
  return `${numberText(count, 0)} ${noun}${count === 1 ? '' : 's'}`
}

/** The UTC day of an instant. */
export function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The UTC minute of an instant. */
export function minuteText(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

function grouped(plain: string): string {
  const isNegative = plain.startsWith('-')
  const [whole = '', fraction] = (isNegative ? plain.slice(1) : plain).split('.')
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`)
  // A loss of less than half a unit of the last place is not a negative zero.
  return isNegative && /[1-9]/.test(text) ? minus + text : text
}

function signed(text: string): string {
  return /[1-9]/.test(text) && !text.startsWith(minus) ? `+${text}` : text
}
