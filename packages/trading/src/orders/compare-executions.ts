import { decimal, zero } from '../money/decimal.js'
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

/** Why an execution cannot be one; undefined where it can. */
export function executionFault(execution: Execution): string | undefined {
  try {
    if (!decimal(execution.quantity, 'quantity').gt(zero)) return `quantity: "${execution.quantity}" is not above 0`
    if (!decimal(execution.price, 'price').gt(zero)) return `price: "${execution.price}" is not above 0`
    decimal(execution.fee, 'fee')
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}
