import type { Instrument } from '../instruments/instrument.js'
import type { MarketEvent } from '../market/market-event.js'
import { type Decimal, decimal, decimalText, divide, fromFloat, roundToStep, zero } from '../money/decimal.js'
import { type ExecutionPlan, maximumChildren, type PartsPlan } from '../orders/execution/execution-plan.js'
import { isOutdated, nextChildTerms, type WorkInput } from '../orders/execution/next-child.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { instrumentGrid } from '../risk/instrument-grid.js'
import { reservedPrice } from '../risk/order-figures.js'
import { policyLimits } from '../risk/policy-limits.js'
import { contain } from './contain.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { fetchMissing } from './missing-executions.js'
import { noteOrderEvent, requestCancel, sendOrder } from './order-desk.js'
import {
  childHeader,
  childrenOf,
  endWorked,
  executedOf,
  isEnding,
  isLeft,
  isOpposed,
  lastChildOf,
  openChildrenOf,
} from './worked-order.js'
import { workExit } from './working-exits.js'

/** Units that the market has traded since an order is worked as a share of it. */
export type TradedVolume = { units: Decimal; byTrades: boolean }

/** Takes a permitted parent in hand: from here on it is worked, across restarts, until it is filled or ends. */
export async function beginWork(runtime: KernelRuntime, orderId: string): Promise<void> {
  noteOrderEvent(runtime, orderId, { type: 'submitted', eventId: 'submitted' })
  await runtime.journal.durable()
  await workContained(runtime, orderId)
}

/**
 * Does what is due of every order that is worked: takes outdated children back, sends the next one, ends what is over. What is due follows
 * from the books, the market and the clock, so that it may be asked for at any time, after a restart as well.
 */
export async function workOrders(runtime: KernelRuntime): Promise<void> {
  for (const orderId of Array.from(runtime.state.index.working)) await workContained(runtime, orderId)
}

function workContained(runtime: KernelRuntime, orderId: string): Promise<void> | undefined {
  const symbol = runtime.state.orders.get(orderId)?.header.request.symbol
  return contain(runtime, `working order ${orderId}`, symbol, () => workOrder(runtime, orderId))
}

/** Withdraws what is worked in a symbol whose position is being left, by its stop for instance: its reason to be bought has gone. */
export async function withdrawLeft(runtime: KernelRuntime, symbol: string): Promise<void> {
  for (const orderId of Array.from(runtime.state.index.working)) {
    const parent = runtime.state.orders.get(orderId)
    if (parent?.header.request.symbol === symbol && isLeft(runtime, parent))
      await requestCancel(runtime, orderId, 'the position that it was part of was left')
  }
}

/** Counts what the market trades for the orders that are a share of it. Where trades are told one by one, bars are not counted again. */
export function noteTraded(runtime: KernelRuntime, event: MarketEvent): void {
  if (event.type !== 'trade' && event.type !== 'bar') return
  for (const orderId of runtime.state.index.working) {
    const parent = runtime.state.orders.get(orderId)
    const plan = parent?.header.execution
    if (parent === undefined || plan?.style !== 'participation' || parent.header.request.symbol !== event.symbol)
      continue
    void contain(runtime, `the volume that order ${orderId} is a share of`, event.symbol, () =>
      countTraded(runtime, parent, plan, event),
    )
  }
}

function countTraded(
  runtime: KernelRuntime,
  parent: OrderRecord,
  plan: Extract<ExecutionPlan, { style: 'participation' }>,
  event: Extract<MarketEvent, { type: 'trade' | 'bar' }>,
): void {
  const traded = tradedFor(runtime, parent, plan)
  const begun = event.type === 'bar' ? event.start : event.time
  if (begun < startOf(parent.header) || (event.type === 'bar' && traded.byTrades)) return
  traded.byTrades ||= event.type === 'trade'
  traded.units = traded.units.plus(decimal(event.type === 'trade' ? event.quantity : event.volume))
}

/** The volume is no part of the books: after a restart an order is taken to have kept its share so far. */
function tradedFor(
  runtime: KernelRuntime,
  parent: OrderRecord,
  { maximumVolumeFraction }: Extract<ExecutionPlan, { style: 'participation' }>,
): TradedVolume {
  const known = runtime.traded.get(parent.header.orderId)
  if (known !== undefined) return known
  const share = fromFloat(maximumVolumeFraction, 12, 'maximumVolumeFraction')
  // A journal of before may hold a share that is none: nothing is due of it, however much is traded.
  const units = share.isZero() ? zero : divide(executedOf(parent), share, 12, 'down')
  const begun = { units, byTrades: false }
  runtime.traded.set(parent.header.orderId, begun)
  return begun
}

async function workOrder(runtime: KernelRuntime, orderId: string): Promise<void> {
  const parent = runtime.state.orders.get(orderId)
  const plan = parent?.header.execution
  const instrument = parent === undefined ? undefined : runtime.broker?.instrument(parent.header.request.symbol)
  if (parent === undefined || plan === undefined || instrument === undefined || !isOpen(parent.state.status)) return
  const open = openChildrenOf(runtime, orderId)
  if (isEnding(runtime, parent)) {
    for (const { header } of open) await requestCancel(runtime, header.orderId, 'the order that it is part of ends')
    endWorked(runtime, orderId)
    return
  }
  if (parent.header.request.reduceOnly) {
    const input = inputOf(runtime, parent, plan, instrument)
    return workExit(runtime, parent, instrument, { input, allKnown: () => isAllKnown(runtime, parent) })
  }
  if (isLeft(runtime, parent)) {
    await withdrawLeft(runtime, parent.header.request.symbol)
    return
  }
  // A correction has made it whole, which its children's venue does not say of it.
  if (parent.state.leavesQuantity === '0') return requestCancel(runtime, orderId, 'nothing of it is left to be bought')
  const input = inputOf(runtime, parent, plan, instrument)
  for (const { header } of open) {
    const resting = { limitPrice: header.request.limitPrice, sentAt: header.createdAt }
    if (isOutdated(input, resting))
      await requestCancel(runtime, header.orderId, 'its part is ordered anew at a better place')
  }
  if (open.length > 0) return
  if (input.children >= maximumChildren(plan)) {
    await requestCancel(runtime, orderId, `its ${input.children} children are used up`)
    return
  }
  await sendNextChild(runtime, parent, input)
}

async function sendNextChild(runtime: KernelRuntime, parent: OrderRecord, input: WorkInput): Promise<void> {
  const { header } = parent
  if (runtime.calendar.openSession(input.now) === undefined || isOpposed(runtime, header)) return
  if (nextChildTerms(input) === undefined || !(await isAllKnown(runtime, parent))) return
  // What the venue told meanwhile counts.
  const known = runtime.state.orders.get(header.orderId)
  if (known === undefined || !isOpen(known.state.status) || runtime.state.index.openChildren.has(header.orderId)) return
  const terms = nextChildTerms({ ...input, progress: progressOf(known) })
  if (terms === undefined) return
  const child = childHeader(runtime.clock.now(), known, terms)
  const findings = runtime.authority.childFaults(child)
  if (findings.length > 0) {
    const [{ code, message } = { code: '', message: '' }] = findings
    runtime.logger.debug('a child waits', { orderId: header.orderId, code, message })
    return
  }
  const permit = runtime.authority.renewed({ ...known, header: child })
  const verdict = { permit, findings: [], warnings: [] }
  commit(runtime, { type: 'order-assessed', time: input.now, header: child, verdict })
  tellOrder(runtime, child.orderId)
  await sendOrder(runtime, child.orderId)
}

/** What children left is ordered again only when all of their executions are in the books: one may come after its child's end. */
async function isAllKnown(runtime: KernelRuntime, parent: OrderRecord): Promise<boolean> {
  // Of most the one before was over, and known, when the next was made; parts of an exit go out together.
  const together = parent.header.execution?.style === 'parts'
  for (const child of together ? childrenOf(runtime, parent) : [lastChildOf(runtime, parent)]) {
    if (child === undefined || child.state.status === 'filled' || child.state.words.submitted !== true) continue
    if (!(await fetchMissing(runtime, child.header.request.clientOrderId))) return false
  }
  return true
}

function inputOf(
  runtime: KernelRuntime,
  parent: OrderRecord,
  plan: ExecutionPlan | PartsPlan,
  instrument: Instrument,
): WorkInput {
  const { header } = parent
  const { children = 0 } = parent
  const { tickSize, lotSize } = instrument
  return {
    plan,
    parent: {
      terms: header.request,
      lotSize,
      startAt: startOf(header),
      endAt: header.request.expiresAt ?? Number.POSITIVE_INFINITY,
    },
    progress: progressOf(parent),
    view: runtime.market.view(header.request.symbol),
    tickSize,
    worstPrice: worstPriceOf(runtime, parent, instrument),
    tradedVolume: plan.style === 'participation' ? decimalText(tradedFor(runtime, parent, plan).units) : '0',
    children,
    lastChildAt: lastChildOf(runtime, parent)?.header.createdAt,
    now: runtime.clock.now(),
  }
}

/** Only asked where no child is open: nothing is outstanding. */
function progressOf(parent: OrderRecord): WorkInput['progress'] {
  return { filledQuantity: decimalText(executedOf(parent)), outstandingQuantity: '0' }
}

function startOf({ execution, createdAt }: OrderHeader): number {
  return execution !== undefined && 'startAt' in execution ? (execution.startAt ?? createdAt) : createdAt
}

/** The limit of the parent, or, of a market buy, the price that its reservation was made for, so that what is set aside pays for all children. */
function worstPriceOf(runtime: KernelRuntime, parent: OrderRecord, instrument: Instrument): string | undefined {
  const { limitPrice, side } = parent.header.request
  if (limitPrice !== undefined || side === 'sell' || parent.reservation === undefined) return limitPrice
  const perUnit = decimal(parent.reservation.perUnit)
  const reserved = reservedPrice(perUnit, policyLimits(runtime.state.risk.policy), instrumentGrid(instrument))
  const price = roundToStep(reserved, decimal(instrument.tickSize), 'down')
  return price.gt(zero) ? decimalText(price) : undefined
}
