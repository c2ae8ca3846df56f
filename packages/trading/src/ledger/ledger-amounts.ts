import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, one, zero } from '../money/decimal.js'
import type { FillEvent } from './ledger-event.js'

/** Decimals kept of a price and of a quantity: together the 30 that a decimal text may have, so that every product is exact. */
const pricePlaces = 12
const quantityPlaces = 18
const costPlaces = pricePlaces + quantityPlaces
const largest = decimal(`1${'0'.repeat(15)}`)

function bounded(text: string, field: string, places: number): Decimal {
  const value = decimal(text, field)
  if (decimalsIn(text, places) > places || value.abs().gte(largest)) {
    throw new SwarmError({
      code: 'INVALID_DECIMAL',
      message: `${field}: "${text}" has more than ${places} decimals or is 1e15 or more; the ledger cannot book it exactly`,
      context: { field },
    })
  }
  return value
}

/** Decimals of a plain decimal text; zeros at its end count for nothing, and are looked at only where they would matter. */
function decimalsIn(text: string, places: number): number {
  const point = text.indexOf('.')
  if (point < 0) return 0
  let end = text.length
  if (end - point - 1 > places) while (text.endsWith('0', end)) end -= 1
  return end - point - 1
}

/** An amount of money, exact to 18 decimals. Throws `INVALID_DECIMAL`. */
export function moneyAmount(text: string, field: string): Decimal {
  return bounded(text, field, quantityPlaces)
}

/** A signed number of units, exact to 18 decimals. Throws `INVALID_DECIMAL`. */
export function unitQuantity(text: string, field: string): Decimal {
  return bounded(text, field, quantityPlaces)
}

/** Money per unit, exact to 12 decimals. Throws `INVALID_DECIMAL`. */
export function unitPrice(text: string, field: string): Decimal {
  return bounded(text, field, pricePlaces)
}

/** The cost of units, exact to 30 decimals: what price times quantity may have. Throws `INVALID_DECIMAL`. */
export function unitsCost(text: string, field: string): Decimal {
  return bounded(text, field, costPlaces)
}

/** An error that names a field of an event. */
export function invalidField(field: string, reason: string): SwarmError {
  return new SwarmError({ code: 'INVALID_LEDGER_EVENT', message: `${field}: ${reason}`, context: { field } })
}

/** Control characters, lone surrogates and invisible marks: two names that differ by one of them look the same to a person. */
const invisible = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u
const longestName = 256

/** A name of a symbol, an asset or a currency. Look-alikes in other alphabets are different names. Throws `INVALID_LEDGER_EVENT`. */
export function checkName(name: string, field: string): void {
  if (typeof name !== 'string' || name === '' || name.length > longestName || invisible.test(name))
    throw invalidField(
      field,
      `must have 1 to ${longestName} visible characters, not ${JSON.stringify(String(name).slice(0, 40))}`,
    )
}

/** Letters, digits and signs of ASCII: no currency is written in others, and one that looks like another would be a currency of its own. */
const currencyName = /^[\x21-\x7e]{1,64}$/

/** Whether a text can be the name of a currency. */
export function isCurrencyName(name: string): boolean {
  return typeof name === 'string' && currencyName.test(name)
}

/** The name of a currency. Throws `INVALID_LEDGER_EVENT`. */
export function checkCurrencyName(name: string, field: string): void {
  if (isCurrencyName(name)) return
  throw invalidField(
    field,
    `must be a currency such as "USD", 1 to 64 letters, digits and signs of ASCII, not ${JSON.stringify(String(name).slice(0, 40))}`,
  )
}

/** How the units of a book count; see `UnitTerms`. */
export type CountedUnits = { readonly multiplier: Decimal | undefined; readonly isContract: boolean }

/** What one unit is worth at a price. */
export function worthOfUnit(price: Decimal, { multiplier }: CountedUnits): Decimal {
  return multiplier === undefined ? price : price.times(multiplier)
}

/** The multiplier of an event; undefined where it is 1. Throws `INVALID_DECIMAL` or `INVALID_LEDGER_EVENT`, naming the field. */
export function unitMultiplier(text: string | undefined, field: string): Decimal | undefined {
  if (text === undefined) return undefined
  const multiplier = unitPrice(text, field)
  if (multiplier.lte(zero)) throw invalidField(field, `must be above 0, not "${text}"`)
  return multiplier.eq(one) ? undefined : multiplier
}

/** Whether a unit's worth at a price is exact in the books, where a multiplier counts. Throws `INVALID_DECIMAL`. */
export function checkUnitWorth(price: Decimal, multiplier: Decimal | undefined, field: string): void {
  if (multiplier === undefined) return
  const worth = price.times(multiplier)
  if (worth.places <= pricePlaces && worth.abs().lt(largest)) return
  throw new SwarmError({
    code: 'INVALID_DECIMAL',
    message: `${field}: ${price.toFixed()} times the multiplier ${multiplier.toFixed()} has more than ${pricePlaces} decimals or is 1e15 or more; the ledger cannot book it exactly`,
    context: { field },
  })
}

/** What a fill does, as numbers: units that come in (fee in the asset taken off), cash that comes in, the fee in the settlement currency. */
export type FillFigures = {
  readonly units: Decimal
  /** Of one unit, the multiplier counted. */
  readonly price: Decimal
  /** Of a contract what it would be if it were paid for. */
  readonly cash: Decimal
  readonly fee: Decimal
  /** A fee that is paid from the balance in `feeCurrency`. */
  readonly otherFee: Decimal | undefined
}

/** The figures of a fill, and what its venue says that it realised. */
export type BookedFill = FillFigures & { readonly realised?: Decimal | undefined }

export type FillTerms = Pick<FillEvent, 'asset' | 'side' | 'price' | 'quantity' | 'fee' | 'feeCurrency'>

/** What a correction may change. */
export type CorrectedTerms = Pick<FillTerms, 'price' | 'quantity' | 'fee' | 'feeCurrency'>

/** The amounts of a fill, as numbers. */
export type FillAmounts = { readonly price: Decimal; readonly quantity: Decimal; readonly fee: Decimal }

/** The amounts of a fill, or a correction, as it comes in. Throws `INVALID_DECIMAL`, `INVALID_LEDGER_EVENT` or `FEE_CURRENCY_UNKNOWN`. */
export function checkedAmounts(terms: CorrectedTerms, type: 'fill' | 'correction'): FillAmounts {
  const price = unitPrice(terms.price, `${type}.price`)
  const quantity = unitQuantity(terms.quantity, `${type}.quantity`)
  const fee = unitQuantity(terms.fee, `${type}.fee`)
  if (quantity.lte(zero)) throw invalidField(`${type}.quantity`, `must be above 0, not "${terms.quantity}"`)
  if (price.lte(zero)) throw invalidField(`${type}.price`, `must be above 0, not "${terms.price}"`)
  if (terms.feeCurrency !== '' || fee.eq(zero)) return { price, quantity, fee }
  throw new SwarmError({
    code: 'FEE_CURRENCY_UNKNOWN',
    message: `${type}.feeCurrency: the venue names no currency of the fee of ${terms.fee}; say which balance it was taken from`,
    context: { field: `${type}.feeCurrency` },
  })
}

/** The amounts of a fill that is booked. */
export function bookedAmounts({ price, quantity, fee }: CorrectedTerms): FillAmounts {
  return { price: decimal(price), quantity: decimal(quantity), fee: decimal(fee) }
}

/**
 * A fee taken in the asset is worth fee × price: buying 1 at 100 with 0.01 kept back brings 0.99 units, costs 99 and a fee of 1.
 * A fee in neither the settlement currency nor the asset is paid from the balance in its own currency, and costs nothing here; nor does
 * one in the name of a contract, of which no units can be kept back.
 */
export function fillFigures(
  { side, asset, feeCurrency }: Pick<FillTerms, 'side' | 'asset' | 'feeCurrency'>,
  { price: quoted, quantity, fee }: FillAmounts,
  currency: string,
  counted: CountedUnits,
): FillFigures {
  const price = worthOfUnit(quoted, counted)
  const traded = price.times(quantity)
  const cash = side === 'buy' ? traded.neg() : traded
  const units = side === 'buy' ? quantity : quantity.neg()
  if (feeCurrency === currency) return { units, price, cash: cash.minus(fee), fee, otherFee: undefined }
  if (feeCurrency === asset && !counted.isContract)
    return { units: units.minus(fee), price, cash, fee: fee.times(price), otherFee: undefined }
  return { units, price, cash, fee: zero, otherFee: fee.eq(zero) ? undefined : fee }
}
