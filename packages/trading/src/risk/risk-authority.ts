import { type Clock, type Ids, messageOf } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import { decimalText, one } from '../money/decimal.js'
import { orderHash } from '../orders/order-hash.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { approvalCode } from './approval.js'
import { createEvaluation, type Evaluation } from './evaluate-rules.js'
import { budgetNeed, OrderFigures } from './order-figures.js'
import type { AccountMode, Permit, PermittedOrder } from './permit.js'
import type { Standing } from './permit-checks.js'
import { createPermitDesk, type PermitDesk } from './permit-desk.js'
import type { Reservation } from './reservation.js'
import type { RiskContext } from './risk-context.js'
import type { RiskPolicy } from './risk-policy.js'
import type { RiskRule } from './risk-rule.js'
import { assessmentRules, childRules, exitUseRules, useRules } from './rules/default-rules.js'

/** What an assessment came to; plain JSON. Either a permit with its reservation, or findings. */
export type Verdict = {
  readonly permit?: Permit
  readonly reservation?: Reservation
  readonly findings: readonly RiskFinding[]
  readonly warnings: readonly RiskFinding[]
  /** A person approved these very terms; absent otherwise. */
  readonly approved?: true
}

/** A verdict, or the finding for which a person has to be asked. */
export type Assessed = Verdict & { readonly approval?: RiskFinding }

export type RiskAuthorityOptions = {
  readonly clock: Clock
  readonly ids: Ids
  /** What the rules look at, as the books stand now. `isNew`: the order is surely not in the books yet. */
  readonly contextOf: (header: OrderHeader, isNew: boolean) => RiskContext
  readonly standing: () => Standing & { readonly policy: RiskPolicy }
  /** Writes the verdict into the books before the next order is looked at. */
  readonly record: (header: OrderHeader, verdict: Verdict) => void
  readonly currency: string
  readonly account: string
  readonly mode: AccountMode
  /** Signs permits; see `PermitDeskOptions`. */
  readonly permitKey: string
  /** What asks for a person's word on an order that nothing else speaks against, besides a rule's `APPROVAL_REQUIRED`. */
  readonly needsApproval?: ((context: RiskContext) => RiskFinding | undefined) | undefined
  /** Default {@link assessmentRules}. */
  readonly rules?: readonly (readonly RiskRule[])[]
  /** What is asked again when the permit of an entry is used; default {@link useRules}. */
  readonly useRules?: readonly (readonly RiskRule[])[]
}

/** The one place where permits come from. */
export type RiskAuthority = {
  /**
   * Checks and reserves in one step: nothing comes between the look at the books and the entry in them. With an `approval`, a person must
   * be asked first, and nothing was entered; `approved` is that person's word, at this moment.
   */
  assess(header: OrderHeader, approved?: boolean): Assessed
  /**
   * What an order that lives already would be told with these terms; nothing is entered in the books. What would need a person's word is
   * denied, unless these very terms were `approved`.
   */
  reassess(header: OrderHeader, approved?: boolean): Verdict
  /** What speaks against using a permit now: its age, a halt, a new policy, the price. Orders that reduce meet their age and the no-flip check only. */
  usable(order: OrderRecord): readonly RiskFinding[]
  /** A fresh permit on the reservation of an order that was not sent; of a child, on that of its parent. */
  renewed(order: OrderRecord): Permit
  /** What speaks against sending a part of an order that was assessed as a whole: is it an order, may we trade, does it meet one of ours? */
  childFaults(header: OrderHeader): readonly RiskFinding[]
  /** The order as a broker takes it. Throws nothing: the guard has the last word. */
  mint(request: OrderRequest, permit: Permit): PermittedOrder
  readonly guard: PermitDesk['guard']
}

/** The risk authority of one account. */
export function createRiskAuthority(options: RiskAuthorityOptions): RiskAuthority {
  const { clock, ids, standing } = options
  const rules = options.rules ?? assessmentRules
  const evaluate = createEvaluation(rules)
  const evaluateUse = createEvaluation(options.useRules ?? useRules)
  const evaluateExitUse = createEvaluation(exitUseRules)
  const evaluateChild = createEvaluation(childRules)
  const hearsOthers = options.needsApproval !== undefined || rules.some((stage) => stage.some(({ own }) => own))
  /** Code of a user's own is shown the very request that the permit will be bound to: it must not change that, nor what the next rule sees. */
  const contextOf = (header: OrderHeader, isNew = false): RiskContext => {
    if (!hearsOthers) return options.contextOf(header, isNew)
    Object.freeze(header.request)
    Object.freeze(header.exits)
    return Object.freeze(options.contextOf(header, isNew))
  }
  const { account, mode, permitKey: key } = options
  const desk = createPermitDesk({ account, mode, key, clock, standing })
  const permitFor = (request: OrderRequest, reservationId: string): Permit => {
    const { policy, policyVersion, haltEpoch } = standing()
    const issuedAt = clock.now()
    const permit: Permit = {
      expiresAt: issuedAt + policy.permitLifetimeMs,
      haltEpoch,
      issuedAt,
      orderHash: orderHash(request),
      permitId: ids.next('permit'),
      policyVersion,
      reservationId,
    }
    desk.remember(request, permit)
    return permit
  }
  return {
    guard: desk.guard,
    mint: (request, permit) => desk.mint(request, permit),
    assess(header, approved = false) {
      const context = contextOf(header, true)
      const figures = new OrderFigures(context)
      const evaluation = evaluate(context, figures)
      const approval = approved ? undefined : approvalNeed(context, evaluation)
      if (approval !== undefined) return { approval, findings: [approval], warnings: [] }
      const verdict = verdictOf(header, context, figures, approved ? withoutApprovals(evaluation) : evaluation)
      const known: Verdict = approved && verdict.permit !== undefined ? { ...verdict, approved } : verdict
      options.record(header, known)
      return known
    },
    reassess(header, approved = false) {
      const context = contextOf(header)
      const figures = new OrderFigures(context)
      const evaluation = evaluate(context, figures)
      if (approved) return verdictOf(header, context, figures, withoutApprovals(evaluation))
      const approval = approvalNeed(context, evaluation)
      if (approval !== undefined) return { findings: [approval], warnings: [] }
      return verdictOf(header, context, figures, evaluation)
    },
    usable(order) {
      const { permit, header } = order
      if (permit === undefined) return order.findings
      if (clock.now() > permit.expiresAt)
        return [
          { code: 'APPROVAL_EXPIRED', message: `permit ${permit.permitId} has expired; ask for a new assessment` },
        ]
      if (header.request.reduceOnly) return evaluateExitUse(contextOf(header)).findings
      const { findings } = evaluateUse(contextOf(header))
      if (findings.length > 0) return findings
      const now = standing()
      if (now.haltEpoch === permit.haltEpoch && now.policyVersion === permit.policyVersion) return []
      return [
        {
          code: 'APPROVAL_EXPIRED',
          message: `trading was halted or the policy changed since permit ${permit.permitId}; ask for a new assessment`,
        },
      ]
    },
    renewed: (order) =>
      permitFor(order.header.request, order.reservation?.reservationId ?? order.permit?.reservationId ?? ''),
    childFaults: (header) => evaluateChild(contextOf(header)).findings,
  }

  /** Nobody is asked about an order that is denied anyway. */
  function approvalNeed(context: RiskContext, { findings }: Evaluation): RiskFinding | undefined {
    if (!context.addsExposure) return undefined
    if (findings.length === 0) return options.needsApproval && wordNeeded(options.needsApproval, context)
    return findings.every(({ code }) => code === approvalCode) ? findings[0] : undefined
  }

  function verdictOf(
    header: OrderHeader,
    context: RiskContext,
    figures: OrderFigures,
    { findings, warnings }: Evaluation,
  ): Verdict {
    if (findings.length > 0) return { findings, warnings: [] }
    const reservation = reservationFor(header, context, figures)
    return { findings, permit: permitFor(header.request, reservation.reservationId), reservation, warnings }
  }

  function reservationFor({ orderId, request }: OrderHeader, context: RiskContext, figures: OrderFigures): Reservation {
    const reservationId = `reservation-${orderId}`
    if (request.reduceOnly)
      return { asset: request.symbol, fixed: '0', kind: 'units', orderId, perUnit: '1', reservationId }
    const { perUnit, fixed } = figures.cashNeed
    const reservation: Reservation = {
      asset: context.currency ?? options.currency,
      fixed: decimalText(fixed),
      kind: 'cash',
      orderId,
      perUnit: decimalText(perUnit),
      reservationId,
    }
    const { grid } = context
    if (context.currency === undefined && grid?.multiplier === undefined && grid?.isContract !== true)
      return reservation
    return { ...reservation, ...countedAs(context) }
  }
}

/** How a reservation counts that is no amount of the account's currency for units that are worth their price. */
function countedAs(context: RiskContext): Pick<Reservation, 'budget' | 'used'> {
  const { grid, limits } = context
  const budget = budgetNeed(context)
  const margin = grid?.isContract === true ? limits.contractMargin : one
  const used = grid?.multiplier === undefined ? margin : grid.multiplier.times(margin)
  return {
    ...(budget === undefined
      ? {}
      : { budget: { perUnit: decimalText(budget.perUnit), fixed: decimalText(budget.fixed) } }),
    ...(used.eq(one) ? {} : { used: decimalText(used) }),
  }
}

/** What a user's own function says of the need for a person's word. Where it fails, or says what is no finding, a person is asked. */
function wordNeeded(ask: (context: RiskContext) => unknown, context: RiskContext): RiskFinding | undefined {
  const unclear = (why: string): RiskFinding => ({
    code: approvalCode,
    message: `whether a person has to approve it could not be told: ${why}`,
  })
  try {
    const found = ask(context)
    if (found === undefined) return undefined
    // Nobody waits for it, and its failure must not go unheard by somebody.
    if (found instanceof Promise) found.catch(() => undefined)
    return isFinding(found) ? { ...found, code: approvalCode } : unclear('needsApproval answered with no finding')
  } catch (thrown) {
    return unclear(messageOf(thrown))
  }
}

function isFinding(value: unknown): value is RiskFinding {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}

function withoutApprovals({ findings, warnings }: Evaluation): Evaluation {
  return { findings: findings.filter(({ code }) => code !== approvalCode), warnings }
}
