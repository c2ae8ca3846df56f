import { SwarmError } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import { type Decimal, decimalText } from '../money/decimal.js'
import type { DenialCode } from './denial-codes.js'
import type { OrderFigures } from './order-figures.js'
import type { PolicyLimits, Share } from './policy-limits.js'
import type { RiskContext } from './risk-context.js'

/** What a rule says of an order: nothing, one finding or several. */
export type RuleOutcome = RiskFinding | readonly RiskFinding[] | undefined

/** One reason to deny. A rule that binds entries is not asked about orders that reduce exposure. */
export type RiskRule = {
  /** The denial code, also of a rule that throws. */
  readonly code: string
  readonly binds: 'entry' | 'all'
  /** The reasons to deny; none permits. */
  check(context: RiskContext, figures: OrderFigures): RuleOutcome
  /** What comes near a limit without passing it. */
  warn?(context: RiskContext, figures: OrderFigures): RuleOutcome
  /**
   * True where neither `check` nor `warn` would say anything, as nearly always: one look in place of two. Both are asked where it is false,
   * throws or is not there.
   */
  readonly isQuiet?: (context: RiskContext, figures: OrderFigures) => boolean
  /** Set by `defineRiskRule`: it is no part of the kernel, and never keeps a position from being left when it throws. */
  readonly own?: true
}

/** A rule of the form "value ≤ share × base", that warns from the policy's `warnAt` share of the limit on. */
export function limitRule(options: {
  readonly code: DenialCode
  /** What may be at most so much; unset in the policy: not asked. */
  readonly share: (limits: PolicyLimits) => Share | undefined
  /** What the share is of. */
  readonly base: (context: RiskContext, figures: OrderFigures) => Decimal
  /** Undefined where the rule has nothing to say. */
  readonly value: (context: RiskContext, figures: OrderFigures) => Decimal | undefined
  readonly what: string | ((context: RiskContext) => string)
}): RiskRule {
  const { code, share, base, value } = options
  const what = (context: RiskContext): string =>
    typeof options.what === 'string' ? options.what : options.what(context)
  return {
    code,
    binds: 'entry',
    check(context, figures) {
      const limits = share(context.limits)
      if (limits === undefined) return undefined
      const found = value(context, figures)
      if (found === undefined) return undefined
      const limit = limits.limitOf(base(context, figures))
      return found.gt(limit) ? measured(code, what(context), found, limit, 'above') : undefined
    },
    warn(context, figures) {
      const limits = share(context.limits)
      if (limits === undefined) return undefined
      const found = value(context, figures)
      if (found === undefined) return undefined
      const whole = base(context, figures)
      return found.gte(limits.warningOf(whole))
        ? measured(code, what(context), found, limits.limitOf(whole), 'near')
        : undefined
    },
    isQuiet(context, figures) {
      const limits = share(context.limits)
      if (limits === undefined) return true
      const found = value(context, figures)
      return found === undefined || limits.isFar(found, base(context, figures))
    },
  }
}

/** The finding of a figure that is above or near its limit. */
export function measured(
  code: DenialCode,
  what: string,
  value: Decimal,
  limit: Decimal,
  where: 'above' | 'near',
): RiskFinding {
  const [valueText, limitText] = [decimalText(value), decimalText(limit)]
  return {
    code,
    value: valueText,
    limit: limitText,
    message: `${what} ${valueText}${where === 'above' ? ', above the limit of ' : ', near the limit of '}${limitText}`,
  }
}

/** What a gate says: a sentence, with the figure that it is about and what that is held to where it compares two. */
export type Said = string | { readonly message: string; readonly value: string; readonly limit: string }

/** The sentence of a gate with whole numbers behind it, or with decimal texts. */
export function figured(value: number | string, limit: number | string, message: string): Said {
  return { message, value: String(value), limit: String(limit) }
}

/** A rule that denies when it finds a sentence to say. */
export function gateRule(
  code: DenialCode,
  binds: RiskRule['binds'],
  fault: (context: RiskContext, figures: OrderFigures) => Said | undefined,
): RiskRule {
  return {
    code,
    binds,
    check: (context, figures) => saidUnder(code, fault(context, figures)),
    isQuiet: (context, figures) => fault(context, figures) === undefined,
  }
}

/** A gate that counts, or measures in whole numbers, and warns from the policy's `warnAt` share of its limit on: asked for what is near it, `fault` tells what is beyond it too. */
export function warningGate(
  code: DenialCode,
  binds: RiskRule['binds'],
  fault: (context: RiskContext, figures: OrderFigures, near: boolean) => Said | undefined,
): RiskRule {
  return {
    code,
    binds,
    check: (context, figures) => saidUnder(code, fault(context, figures, false)),
    warn: (context, figures) => saidUnder(code, fault(context, figures, true)),
    isQuiet: (context, figures) => fault(context, figures, true) === undefined,
  }
}

function saidUnder(code: DenialCode, said: Said | undefined): RiskFinding | undefined {
  if (said === undefined) return undefined
  return typeof said === 'string' ? { code, message: said } : { code, ...said }
}

/** What a rule of a user's own finds: a sentence, or a sentence with the figures behind it. */
export type OwnFinding = string | { readonly message: string; readonly value?: string; readonly limit?: string }

type OwnCheck = (context: RiskContext, figures: OrderFigures) => OwnFinding | undefined

/**
 * A rule of a user's own. `check` says why an order is denied, or nothing; when it throws, what adds exposure is denied under its code.
 * One that binds `all` is asked about the exits that agents want too, never about those by which the kernel protects a position.
 * Throws `INVALID_OPTION`.
 */
export function defineRiskRule(options: {
  readonly code: string
  readonly binds: 'entry' | 'all'
  readonly check: OwnCheck
  readonly warn?: OwnCheck
}): RiskRule {
  const { code, binds, check, warn } = options
  const refuse = (why: string): never => {
    throw new SwarmError({ code: 'INVALID_OPTION', message: `defineRiskRule: ${why}` })
  }
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{0,63}$/.test(code))
    refuse(`code is ${JSON.stringify(code)}; it must be 1 to 64 capital letters, digits and _, such as "MY_LIMIT"`)
  if (binds !== 'entry' && binds !== 'all')
    refuse(`binds of ${code} is ${JSON.stringify(binds)}; it must be "entry" or "all"`)
  if (typeof check !== 'function') refuse(`check of ${code} must be a function`)
  const said =
    (ask: OwnCheck): RiskRule['check'] =>
    (context, figures) =>
      ownFinding(code, ask(context, figures))
  return Object.freeze({
    code,
    binds,
    check: said(check),
    ...(warn === undefined ? {} : { warn: said(warn) }),
    own: true,
  } as const)
}

/** Anything but a finding or nothing is a fault of the rule, such as a promise, and denies like one that throws. */
function ownFinding(code: string, found: unknown): RiskFinding | undefined {
  if (found === undefined) return undefined
  // Nobody waits for it; that it fails must not bring the process down.
  if (found instanceof Promise) found.catch(() => undefined)
  if (typeof found === 'string') return { code, message: found }
  if (typeof found === 'object' && found !== null && 'message' in found && typeof found.message === 'string') {
    const { message, value, limit } = found as { message: string; value?: unknown; limit?: unknown }
    return {
      code,
      ...(typeof value === 'string' ? { value } : {}),
      ...(typeof limit === 'string' ? { limit } : {}),
      message,
    }
  }
  throw new SwarmError({
    code: 'RISK_RULE_INVALID',
    message: `rule ${code} answered with neither a sentence nor a finding nor undefined`,
  })
}
