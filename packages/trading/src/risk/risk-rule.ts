import type { RiskFinding } from '../kernel/kernel.js'
import { type Decimal, decimalText } from '../money/decimal.js'
import { exactFraction } from './order-figures.js'
import type { RiskContext } from './risk-context.js'

/** One reason to deny. A rule that binds entries is not asked about orders that reduce exposure. */
export type RiskRule = {
  /** The denial code, also of a rule that throws. */
  readonly code: string
  readonly binds: 'entry' | 'all'
  /** The reasons to deny; none permits. */
  check(context: RiskContext): readonly RiskFinding[]
  /** What comes near a limit without passing it. */
  warn?(context: RiskContext): readonly RiskFinding[]
}

/** A figure and what it may be at most. */
export type Measure = { readonly value: Decimal; readonly limit: Decimal; readonly what: string }

/** A rule of the form "value ≤ limit", that warns from the policy's `warnAt` share of the limit on. */
export function limitRule(options: {
  readonly code: string
  readonly measure: (context: RiskContext) => readonly Measure[]
}): RiskRule {
  const { code, measure } = options
  const found = (measured: Measure, verb: string): RiskFinding => {
    const [value, limit] = [decimalText(measured.value), decimalText(measured.limit)]
    return { code, value, limit, message: `${measured.what} ${value}, ${verb} the limit of ${limit}` }
  }
  return {
    code,
    binds: 'entry',
    check: (context) =>
      measure(context)
        .filter(({ value, limit }) => value.gt(limit))
        .map((measured) => found(measured, 'above')),
    warn: (context) => {
      const share = exactFraction(context.policy.warnAt, 'warnAt')
      return measure(context)
        .filter(({ value, limit }) => value.gte(limit.times(share)))
        .map((measured) => found(measured, 'near'))
    },
  }
}

/** A rule that denies when it finds a sentence to say. */
export function gateRule(
  code: string,
  binds: RiskRule['binds'],
  fault: (context: RiskContext) => string | undefined,
): RiskRule {
  return {
    code,
    binds,
    check: (context) => {
      const message = fault(context)
      return message === undefined ? [] : [{ code, message }]
    },
  }
}
