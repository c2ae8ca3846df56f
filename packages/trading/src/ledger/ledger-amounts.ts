import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal } from '../money/decimal.js'
import type { FillEvent } from './ledger-event.js'

/** Decimals kept of a price and of a quantity: together the 30 that a decimal text may have, so that every product is exact. */
const pricePlaces = 12
const quantityPlaces = 18
const largest = decimal(`1${'0'.repeat(15)}`)

function bounded(text: string, field: string, places: number): Decimal {
  const value = decimal(text, field)
  if (value.places > places || value.abs().gte(largest)) {
    throw new SwarmError({
      code: 'INVALID_DECIMAL',
      message: `${field}: "${text}" has more than ${places} decimals or is 1e15 or more; the ledger cannot book it exactly`,
      context: { field },
    })
  }
  return value
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

/** What a fill does, as numbers: units that come in (fee in the asset taken off), cash that comes in, the fee in the currency. */
export type FillFigures = {
  readonly units: Decimal
  readonly price: Decimal
  readonly cash: Decimal
  readonly fee: Decimal
}

export type FillTerms = Pick<FillEvent, 'asset' | 'side' | 'price' | 'quantity' | 'fee' | 'feeCurrency'>

/**
 * A fee taken in the asset is worth fee × price: buying 1 at 100 with 0.01 kept back brings 0.99 units, costs 99 and a fee of 1.
 * Throws `INVALID_DECIMAL`, `INVALID_LEDGER_EVENT` or `FEE_CURRENCY_UNKNOWN`.
 */
export function fillFigures(fill: FillTerms, currency: string): FillFigures {
  const price = unitPrice(fill.price, 'fill.price')
  const quantity = unitQuantity(fill.quantity, 'fill.quantity')
  if (!quantity.isPositive() || price.isNegative()) {
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `fill.quantity must be above 0 and fill.price not below 0, not "${fill.quantity}" at "${fill.price}"`,
    })
  }
  const traded = price.times(quantity)
  const cash = fill.side === 'buy' ? traded.neg() : traded
  const units = fill.side === 'buy' ? quantity : quantity.neg()
  const fee = unitQuantity(fill.fee, 'fill.fee')
  if (fill.feeCurrency === currency) return { units, price, cash: cash.minus(fee), fee }
  if (fill.feeCurrency === fill.asset) return { units: units.minus(fee), price, cash, fee: fee.times(price) }
  throw new SwarmError({
    code: 'FEE_CURRENCY_UNKNOWN',
    message: `fill.feeCurrency: "${fill.feeCurrency}" is neither the ledger's currency ${currency} nor the asset ${fill.asset}; book that fee as an event of its own`,
  })
}
