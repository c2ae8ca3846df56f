import { SwarmError } from '@tradeswarm/core'
import type { OrderHeader } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { type ApprovalOutcome, approvalCode, type PendingApproval } from '../risk/approval.js'
import { type Authorisation, assertOperator } from './authorise.js'
import type { Assessment, RiskFinding } from './kernel.js'
import { alert, commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'

/** So many orders may wait for a person at once; one more is denied without a token. */
const maximumPendingApprovals = 100

/** Puts an order before a person. Returns the answer to its intent. */
export function requestApproval(
  runtime: KernelRuntime,
  intent: OrderIntent,
  header: OrderHeader,
  finding: RiskFinding,
): void {
  const { clock, ids, state, approvalLifetimeMs } = runtime
  const time = clock.now()
  if (state.approvals.size >= maximumPendingApprovals) {
    const message = `${finding.message}; ${maximumPendingApprovals} orders wait for approval already`
    recordDenial(runtime, header, { ...finding, message })
    return
  }
  const token = ids.next('approval')
  const expiresAt = time + approvalLifetimeMs
  commit(runtime, {
    type: 'approval-requested',
    time,
    approval: { token, intent, header, finding, requestedAt: time, expiresAt },
  })
  const { side, quantity, symbol } = intent
  const what = `${side} ${quantity} ${symbol} for ${intent.agent} (intent ${intent.intentId})`
  alert(runtime, approvalCode, `${what} waits for a person's approval: ${finding.message}`, symbol)
}

/** The approval that an intent waits for. */
export function pendingApproval({ state }: KernelRuntime, intentId: string): PendingApproval | undefined {
  if (state.approvals.size === 0) return undefined
  const token = state.index.approvalByIntent.get(intentId)
  return token === undefined ? undefined : state.approvals.get(token)
}

/** The answer to an intent that waits. */
export function answerOfPending({ intent, finding, token, expiresAt }: PendingApproval): Assessment {
  return { status: 'denied', intentId: intent.intentId, findings: [finding], approval: { token, expiresAt } }
}

/** Takes an approval out for good, in an operator's name. Throws `NOT_AUTHORIZED`, and `APPROVAL_NOT_FOUND` for one that was used, has expired or never was. */
export function takeApproval(
  runtime: KernelRuntime,
  token: string,
  outcome: 'approved' | 'denied',
  { operator, reason }: Pick<Authorisation, 'operator'> & Partial<Authorisation>,
): PendingApproval {
  assertOperator(runtime, outcome === 'approved' ? 'approve' : 'deny', operator)
  expireApprovals(runtime)
  const approval = runtime.state.approvals.get(token)
  if (approval === undefined)
    throw new SwarmError({
      code: 'APPROVAL_NOT_FOUND',
      message: `no order waits under the token "${String(token).slice(0, 100)}": it was approved or denied, has expired, or never was; approvals() lists what waits`,
    })
  settle(runtime, approval, outcome, { operator, ...(reason === undefined ? {} : { reason }) })
  return approval
}

/** Denies an order that waits. */
export function denyApproval(runtime: KernelRuntime, token: string, authorisation: Authorisation): void {
  const { header, finding } = takeApproval(runtime, token, 'denied', authorisation)
  const message = `${authorisation.operator} denied it: ${authorisation.reason}`
  recordDenial(runtime, header, { ...finding, message })
}

/** Ends what waited too long: nobody's word is a no. */
export function expireApprovals(runtime: KernelRuntime): void {
  if (runtime.state.approvals.size === 0) return
  const now = runtime.clock.now()
  // What is settled leaves the map while it is walked, which a map bears.
  for (const approval of runtime.state.approvals.values()) {
    if (now <= approval.expiresAt) continue
    settle(runtime, approval, 'expired')
    const message = `nobody approved the order within ${runtime.approvalLifetimeMs / 1_000} s; ask again under a new intent`
    recordDenial(runtime, approval.header, { code: 'APPROVAL_EXPIRED', message })
  }
}

function settle(
  runtime: KernelRuntime,
  { token }: PendingApproval,
  outcome: ApprovalOutcome,
  by: { readonly operator?: string; readonly reason?: string } = {},
): void {
  commit(runtime, { type: 'approval-settled', time: runtime.clock.now(), token, outcome, ...by })
}

/** Keeps the denial as the answer to the intent. */
function recordDenial(runtime: KernelRuntime, header: OrderHeader, finding: RiskFinding): void {
  const verdict = { findings: [finding], warnings: [] }
  commit(runtime, { type: 'order-assessed', time: runtime.clock.now(), header, verdict })
  tellOrder(runtime, header.orderId)
}
