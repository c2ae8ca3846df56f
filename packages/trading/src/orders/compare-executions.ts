import { type Decimal, decimal } from '../money/decimal.js'
import type { Execution } from './broker.js'

const fields = [
  'tradeId',
  'quantity',
  'price',
  'fee',
  'feeCurrency',
  'referencePrice',
  'referenceTime',
  'liquidity',
] as const satisfies readonly (keyof Execution)[]

/** 0 where two tellings of an execution are the same, else which of them sorts first, whichever came first. */
export function compareExecutions(a: Execution, b: Execution): number {
  for (const field of fields) {
    if (a[field] === b[field]) continue
    return a[field] < b[field] ? -1 : 1
  }
  return 0
}

/** What an execution says, as numbers. */
export type ExecutionAmounts = { readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal }

/** The amounts of an execution; a text where it cannot be one, which says why. */
export function executionAmounts(execution: Execution): ExecutionAmounts | string {
  try {
    const quantity = decimal(execution.quantity, 'quantity')
    if (!quantity.isPositive()) return `quantity: "${execution.quantity}" is not above 0`
    const price = decimal(execution.price, 'price')
    if (!price.isPositive()) return `price: "${execution.price}" is not above 0`
    return { quantity, price, fee: decimal(execution.fee, 'fee') }
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}
