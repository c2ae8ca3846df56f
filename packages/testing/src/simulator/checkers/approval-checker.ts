import type { KernelRecord, OrderRequest, RiskPolicy } from '@tradeswarm/trading'
import { type Exact, exact, exactFraction, exactText, times } from '../exact.js'
import type { LifeView } from '../observation.js'
import { createAskedPolicies } from './asked-policies.js'
import type { CheckerFactory } from './checker.js'
import { amendedRequest, type FoldedOrder, newSending } from './folded-order.js'
import { equityAt, referencePrice, worthOf } from './naive-prices.js'

type Yes = { readonly token: string; readonly life: number }

/**
 * A person's word (I10): no entry above the limit is permitted without a yes of a person, to the very intent, in time; a yes admits one
 * order; a no, and nobody's word, admit none; and an amendment above the limit is permitted only where it is no more than the order was.
 */
export const createApprovalChecker: CheckerFactory = ({ scenario, foldOf }, report) => {
  const policies = createAskedPolicies(scenario)
  const given: Yes[] = []
  const usedTokens = new Set<string>()
  const askedAt = new Map<string, ReadonlyMap<string, string>>()
  const settled = new Map<string, string>()

  const limitIn = (policy: RiskPolicy, equity: Exact | undefined): Exact | undefined => {
    const { approvalAboveFraction: fraction, approvalAboveNotional: notional } = policy
    const ofEquity = fraction === undefined || equity === undefined ? undefined : times(equity, exactFraction(fraction))
    if (notional === undefined) return ofEquity
    const amount = exact(notional)
    return ofEquity === undefined || amount < ofEquity ? amount : ofEquity
  }

  const isAbove = (life: number, request: OrderRequest, prices: ReadonlyMap<string, string>): boolean => {
    const fold = foldOf(life)
    const price = referencePrice(request, prices)
    const limit = limitIn(policies.policy(life, fold.policyVersion), equityAt(fold, prices))
    return price !== undefined && limit !== undefined && worthOf(fold, request, price) > limit
  }

  const checkAssessed = (life: LifeView, record: Extract<KernelRecord, { type: 'order-assessed' }>): void => {
    const { header, verdict } = record
    const { request, orderId, intentId } = header
    if (verdict.permit === undefined || request.reduceOnly || header.parentOrderId !== undefined) return
    const prices = askedAt.get(intentId) ?? life.prices
    if (verdict.approved !== true) {
      if (isAbove(life.number, request, prices))
        report('I10', `order ${orderId} needs a person's word, and was permitted without`)
      return
    }
    const yes = lastYes(life.number, intentId)
    if (yes === undefined) report('I10', `order ${orderId} counts as approved, and no person has approved it`)
    else if (usedTokens.has(yes.token))
      report('I10', `a second order, ${orderId}, was permitted by the yes to ${yes.token}`)
    else usedTokens.add(yes.token)
  }

  /** Who said yes to an intent: the token names it, in the journal of that life. */
  const intentOf = new Map<string, { readonly intentId: string; readonly expiresAt: number }>()
  const lastYes = (life: number, intentId: string): Yes | undefined =>
    given.findLast((yes) => yes.life === life && intentOf.get(yes.token)?.intentId === intentId)

  const checkSettled = (life: LifeView, record: Extract<KernelRecord, { type: 'approval-settled' }>): void => {
    const { token, outcome } = record
    const before = settled.get(token)
    const fold = foldOf(life.number)
    if (!fold.approvals.has(token))
      report('I10', `approval ${token} is ${outcome}, and was ${before ?? 'never asked for'}`)
    const approval = intentOf.get(token)
    if (outcome === 'approved' && approval !== undefined && record.time > approval.expiresAt)
      report('I10', `approval ${token} was given after it had expired`)
    if (outcome === 'approved' && !given.some((yes) => yes.token === token && yes.life === life.number))
      report('I10', `approval ${token} was given by nobody`)
    settled.set(token, outcome)
  }

  const checkAmended = (life: LifeView, record: Extract<KernelRecord, { type: 'order-amended' }>): void => {
    const fold = foldOf(life.number)
    const order = fold.orders.get(record.orderId)
    if (order === undefined || order.header.request.reduceOnly) return
    const known: FoldedOrder = { ...order, amendments: new Map(order.amendments) }
    known.amendments.set(record.event.by, { ...newSending(), terms: record.event })
    const request = amendedRequest(known, record.event.by)
    if (request === undefined || isNoMore(order.header.request, request)) return
    const prices = askedAt.get(record.event.reason) ?? life.prices
    if (isAbove(life.number, request, prices))
      report(
        'I10',
        `order ${record.orderId} was amended to ${exactText(exact(request.quantity))}, which needs a person's word`,
      )
  }

  return (observation) => {
    policies.observe(observation, (life) => foldOf(life).policyVersion)
    switch (observation.type) {
      case 'asked':
        askedAt.set(observation.intentId, observation.prices)
        return
      case 'call begun':
        if (observation.call.name === 'approve' && observation.call.token !== undefined)
          given.push({ token: observation.call.token, life: observation.life.number })
        return
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        const { life } = observation
        if (record.type === 'approval-requested') {
          const { token, intent, expiresAt } = record.approval
          intentOf.set(token, { intentId: intent.intentId, expiresAt })
        }
        if (record.type === 'approval-settled') checkSettled(life, record)
        if (record.type === 'order-assessed') checkAssessed(life, record)
        if (record.type === 'order-amended') checkAmended(life, record)
        return
      }
      default:
    }
  }
}

/** Whether an amendment leaves no more of an order than was permitted: no more units, worth no more, and at no worse a price. */
function isNoMore(first: OrderRequest, amended: OrderRequest): boolean {
  const [before, after] = [exact(first.quantity), exact(amended.quantity)]
  return (
    after <= before &&
    (['limitPrice', 'stopPrice'] as const).every((field) => {
      if (first[field] === undefined || amended[field] === undefined) return true
      const [was, is] = [exact(first[field]), exact(amended[field])]
      return (first.side === 'buy' ? is <= was : is >= was) && times(is, after) <= times(was, before)
    })
  )
}
