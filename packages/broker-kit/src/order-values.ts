import { type Decimal, decimal, type OrderRequest, zero } from '@tradeswarm/trading'

/** What of an order a venue may refuse it for. */
export type OrderField = 'symbol' | 'quantity' | 'limitPrice' | 'stopPrice' | 'trailAmount' | 'trailFraction'

/** Prices of an order, each on the grid of its instrument. */
export const priceFields = ['limitPrice', 'stopPrice'] as const satisfies readonly OrderField[]

/** Fields of an order with their values, for a message: `quantity: 5, limitPrice: 90`. Those that it has not are left out. */
export function namedValues(request: OrderRequest, fields: readonly OrderField[]): string {
  return fields
    .filter((field) => request[field] !== undefined)
    .map((field) => `${field}: ${String(request[field])}`)
    .join(', ')
}

/** A remedy that begins with what it is about; as it is where an order has none of these fields, or is not known. */
export function remedyFor(
  request: OrderRequest | undefined,
  fields: readonly OrderField[] | undefined,
  remedy: string,
): string {
  const named = request === undefined || fields === undefined ? '' : namedValues(request, fields)
  return named === '' ? remedy : `${named}: ${remedy}`
}

/** An amount of an order; undefined for what is none. */
export function readAmount(text: string): Decimal | undefined {
  try {
    return decimal(text)
  } catch {
    return undefined
  }
}

/** Whether an amount lies between the steps of a grid. */
export function isOffGrid(amount: Decimal, step: string): boolean {
  return !amount.mod(decimal(step)).eq(zero)
}
