import { type Decimal, decimal, decimalText, one } from '../money/decimal.js'
import type { BalancePrecision } from './broker.js'

/** Whether the books and what a venue tells of a balance are the same amount, as far as the venue tells it; to the last digit where it does not say. */
export function balanceAgrees(booked: Decimal, told: Decimal, precision: BalancePrecision | undefined): boolean {
  if (booked.eq(told)) return true
  return precision !== undefined && booked.minus(told).abs().lte(unitOf(told, precision))
}

/** The last place of a balance that counts: of its digits, or of its decimals where that is larger. */
function unitOf(told: Decimal, { significantDigits, decimals }: BalancePrecision): Decimal {
  const [whole = '0'] = decimalText(told.abs()).split('.')
  const place = told.abs().lt(one) ? -decimals : Math.max(whole.length - significantDigits, -decimals)
  return decimal(place < 0 ? `0.${'0'.repeat(-place - 1)}1` : `1${'0'.repeat(place)}`)
}
