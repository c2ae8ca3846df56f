import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { BrokerEvent, Execution } from './broker.js'
import { compareExecutions, type ExecutionAmounts, executionAmounts } from './compare-executions.js'
import { withCorrection } from './correction-fact.js'
import { noExecutions, putExecution, toldExecution } from './execution-book.js'
import { noted, nothingNoted } from './noted.js'
import type { OrderEvent } from './order-event.js'
import {
  executionOf,
  filledMeasure,
  isOpen,
  newOrderState,
  type OrderRevision,
  type OrderState,
  type OrderWord,
  type SendingFacts,
} from './order-state.js'
import { orderStatus, revisionsInForce } from './order-status.js'
import { withWord } from './words-heard.js'

/** An order's state while one event is worked in: a copy of its own, whose parts are still shared. */
type Draft = { -readonly [Key in keyof OrderState]: OrderState[Key] }

/** The state that a set of events makes of an order: the same for every permutation and with any of them repeated. */
export function reduceOrder(
  orderedQuantity: string,
  events: Iterable<OrderEvent>,
  options?: Parameters<typeof newOrderState>[1],
): OrderState {
  let state = newOrderState(orderedQuantity, options)
  for (const event of events) state = applyOrderEvent(state, event)
  return state
}

/** The words of an order of which one was heard, kept with those that all orders share. It saves time alone. */
const firstWords: { [Word in 'permitted' | 'denied']?: OrderState['words'] } = {}

const firstEvents = {
  permitted: { type: 'permitted', eventId: 'permitted', time: 0, permitId: '' },
  denied: { type: 'denied', eventId: 'denied', time: 0, findings: [] },
} as const satisfies Partial<Record<OrderWord, OrderEvent>>

/** The state of an order that was permitted or denied, of which nothing else was heard yet: what the event of that makes of a new one. */
export function assessedOrderState(
  orderedQuantity: string,
  options: NonNullable<Parameters<typeof newOrderState>[1]>,
  word: 'permitted' | 'denied',
): OrderState {
  const { clientOrderId, sizedIn } = options
  if (clientOrderId === undefined || sizedIn !== undefined || orderedQuantity.startsWith('-'))
    return applyOrderEvent(newOrderState(orderedQuantity, options), firstEvents[word])
  firstWords[word] ??= withWord(nothingNoted, word)
  // In one piece, as every order begins so, with room for what nearly all come to have.
  return {
    status: word,
    orderedQuantity,
    filledQuantity: '0',
    leavesQuantity: word === 'permitted' ? orderedQuantity : '0',
    overfilledQuantity: '0',
    filledNotional: '0',
    fees: nothingNoted,
    words: firstWords[word],
    executions: noExecutions,
    busted: nothingNoted,
    cancelRequests: nothingNoted,
    cancelRejections: nothingNoted,
    misfits: nothingNoted,
    clientOrderId,
    venueOrderId: undefined,
  }
}

/**
 * The state after one more event. Nothing is lost that comes early: a bust or a correction waits for its execution, a fill does not wait
 * for its acceptance. An event that cannot belong is kept among the misfits and changes nothing.
 */
export function applyOrderEvent(state: OrderState, event: OrderEvent): OrderState {
  const draft: Draft = { ...state }
  if ('venueOrderId' in event) noteVenueOrderId(draft, event.venueOrderId)
  takeEvent(draft, event)
  settle(draft)
  return draft
}

function takeEvent(draft: Draft, event: OrderEvent): void {
  switch (event.type) {
    case 'filled':
      takeFill(draft, event)
      return
    case 'corrected':
      takeCorrection(draft, event)
      return
    case 'busted':
      takeBust(draft, event.tradeId)
      return
    case 'cancel-requested':
      changeSending(draft, event.by, ({ cancelRequests }) => ({
        cancelRequests: { ...cancelRequests, [event.eventId]: true },
      }))
      return
    case 'cancel-rejected':
      changeSending(draft, event.clientOrderId, ({ cancelRejections }) => ({
        cancelRejections: { ...cancelRejections, [event.eventId]: true },
      }))
      return
    case 'amend-requested': {
      const { by, revision, how, quantity, limitPrice, stopPrice } = event
      const prices = {
        ...(limitPrice === undefined ? {} : { limitPrice }),
        ...(stopPrice === undefined ? {} : { stopPrice }),
      }
      changeRevision(draft, by, (known) => ({ ...known, terms: { by, revision, how, quantity, ...prices } }))
      return
    }
    case 'replaced':
      changeRevision(draft, event.by, (known) => ({ ...known, words: { ...known.words, replaced: true } }))
      return
    case 'replace-rejected':
      changeRevision(draft, event.by, (known) => ({ ...known, words: { ...known.words, 'replace-rejected': true } }))
      return
    case 'rejected':
      noteRefusal(draft, event)
      noteWord(draft, event.clientOrderId, 'rejected')
      return
    case 'submission-failed':
      noteRefusal(draft, event)
      noteWord(draft, event.by, 'submission-failed')
      return
    case 'accepted':
    case 'triggered':
    case 'canceled':
    case 'expired':
      noteWord(draft, event.clientOrderId, event.type)
      return
    case 'submitted':
      noteWord(draft, event.by, event.type)
      if (event.by !== undefined && event.quantity !== undefined) noteSent(draft, event.by, event.quantity)
      return
    case 'denied':
    case 'permitted':
    case 'submission-unknown':
    case 'lapsed':
      noteWord(draft, event.by, event.type)
      return
  }
}

/** A venue that gives an order two ids has it known by the one that sorts first, whichever came first. */
function noteVenueOrderId(draft: Draft, venueOrderId: string): void {
  if (venueOrderId === '' || (draft.venueOrderId !== undefined && draft.venueOrderId <= venueOrderId)) return
  draft.venueOrderId = venueOrderId
}

function noteRefusal(draft: Draft, told: { readonly code: string; readonly message: string }): void {
  const { code, message } = told
  const known = draft.rejection
  if (known !== undefined && (known.code < code || (known.code === code && known.message <= message))) return
  draft.rejection = { code, message }
}

function noteWord(draft: Draft, clientOrderId: string | undefined, word: OrderWord): void {
  if (isFirstSending(draft, clientOrderId)) draft.words = withWord(draft.words, word)
  else changeRevision(draft, clientOrderId ?? '', (known) => ({ ...known, words: withWord(known.words, word) }))
}

/** Changes what was heard under a client order id; without one, of the order as first made. */
function changeSending(
  draft: Draft,
  clientOrderId: string | undefined,
  change: (known: SendingFacts) => Partial<SendingFacts>,
): void {
  if (isFirstSending(draft, clientOrderId)) Object.assign(draft, change(draft))
  else changeRevision(draft, clientOrderId ?? '', (known) => ({ ...known, ...change(known) }))
}

function isFirstSending({ clientOrderId: first }: Draft, clientOrderId: string | undefined): boolean {
  return clientOrderId === undefined || first === undefined || clientOrderId === first
}

function noteSent(draft: Draft, by: string, quantity: string): void {
  changeRevision(draft, by, (known) => {
    const sentQuantity =
      known.sentQuantity !== undefined && known.sentQuantity < quantity ? known.sentQuantity : quantity
    return { ...known, sentQuantity }
  })
}

const unheard: OrderRevision = { words: {}, cancelRequests: {}, cancelRejections: {} }

function changeRevision(draft: Draft, clientOrderId: string, change: (known: OrderRevision) => OrderRevision): void {
  draft.firstQuantity ??= draft.orderedQuantity
  const known = noted(draft.revisions ?? nothingNoted, clientOrderId) ?? unheard
  draft.revisions = { ...draft.revisions, [clientOrderId]: change(known) }
}

function takeFill(draft: Draft, event: Extract<BrokerEvent, { type: 'filled' }>): void {
  const { execution, clientOrderId, eventId } = event
  const amounts = executionAmounts(execution)
  if (typeof amounts === 'string') {
    draft.misfits = { ...draft.misfits, [eventId]: amounts }
    return
  }
  if (!isFirstSending(draft, clientOrderId)) noteWord(draft, clientOrderId, 'filled')
  const { tradeId } = execution
  const known = toldExecution(draft, tradeId)
  if (known !== undefined && compareExecutions(known, execution) <= 0) return
  if (noted(draft.corrections ?? nothingNoted, tradeId) === undefined)
    exchange(draft, tradeId, known, execution, amounts)
  putExecution(draft, execution)
}

function takeCorrection(draft: Draft, event: Extract<BrokerEvent, { type: 'corrected' }>): void {
  const { execution, time, eventId } = event
  const amounts = executionAmounts(execution)
  if (typeof amounts === 'string') {
    draft.misfits = { ...draft.misfits, [eventId]: amounts }
    return
  }
  if (!isFirstSending(draft, event.clientOrderId)) noteWord(draft, event.clientOrderId, 'filled')
  const { tradeId } = execution
  const known = noted(draft.corrections ?? nothingNoted, tradeId)
  const next = withCorrection(known, { time, eventId, execution })
  if (next === known) return
  if (next.execution !== known?.execution) exchange(draft, tradeId, executionOf(draft, tradeId), next.execution)
  draft.corrections = { ...draft.corrections, [tradeId]: next }
}

function takeBust(draft: Draft, tradeId: string): void {
  if (noted(draft.busted, tradeId) === true) return
  const execution = executionOf(draft, tradeId)
  if (execution !== undefined) {
    count(draft, execution, -1)
    countBusted(draft, execution, 1)
  }
  draft.busted = { ...draft.busted, [tradeId]: true }
}

/** Puts the figures of an execution in the place of those counted before. */
function exchange(
  draft: Draft,
  tradeId: string,
  before: Execution | undefined,
  after: Execution,
  amounts?: ExecutionAmounts,
): void {
  const isBusted = noted(draft.busted, tradeId) === true
  if (before !== undefined) (isBusted ? countBusted : count)(draft, before, -1)
  if (isBusted) countBusted(draft, after, 1)
  else count(draft, after, 1, amounts)
}

/** Adds (or takes back) one execution. */
function count(draft: Draft, execution: Execution, sign: 1 | -1, amounts?: ExecutionAmounts): void {
  const quantity = amounts?.quantity ?? decimal(execution.quantity)
  const price = amounts?.price ?? decimal(execution.price)
  draft.filledQuantity = moved(draft.filledQuantity, quantity, sign)
  draft.filledNotional = moved(draft.filledNotional, quantity.times(price), sign)
  const { feeCurrency } = execution
  const total = moved(noted(draft.fees, feeCurrency) ?? '0', amounts?.fee ?? decimal(execution.fee), sign)
  if (draft.fees === nothingNoted) {
    if (total !== '0') draft.fees = { [feeCurrency]: total }
    return
  }
  const { [feeCurrency]: _, ...others } = draft.fees
  draft.fees = total === '0' ? others : { ...others, [feeCurrency]: total }
}

/**
 * What corrections have taken off executions, below 0 where they have added: by what it had executed at the time a venue closes an order or
 * leaves it open, whatever it finds afterwards. Where no telling of an execution arrived, the earliest correction is what is known of that.
 */
function correctedAway(draft: Draft, corrections: NonNullable<OrderState['corrections']>): Decimal {
  let away = zero
  for (const [tradeId, { execution, first }] of Object.entries(corrections)) {
    const told = toldExecution(draft, tradeId) ?? first?.execution
    if (told === undefined) continue
    away = away.plus(measureOf(draft, told)).minus(measureOf(draft, execution))
  }
  return away
}

/** An execution in what the order is counted in. */
function measureOf({ multiplier, sizedIn }: Draft, { quantity, price }: Execution): Decimal {
  const units = decimal(quantity)
  if (sizedIn !== 'quote') return units
  const notional = units.times(decimal(price))
  return multiplier === undefined ? notional : notional.times(decimal(multiplier))
}

function countBusted(draft: Draft, execution: Execution, sign: 1 | -1): void {
  const total = moved(draft.bustedQuantity ?? '0', measureOf(draft, execution), sign)
  if (total === '0') delete draft.bustedQuantity
  else draft.bustedQuantity = total
}

function moved(total: string, amount: Decimal, sign: 1 | -1): string {
  if (total === '0' && sign === 1) return decimalText(amount)
  return decimalText(sign === 1 ? decimal(total).plus(amount) : decimal(total).minus(amount))
}

/** Fills in what follows from the facts: status, ordered, leaves, overfill. */
function settle(draft: Draft): void {
  if (isUntouched(draft)) {
    draft.status = statusOfUntouched(draft)
    draft.leavesQuantity = isOpen(draft.status) ? draft.orderedQuantity : '0'
    return
  }
  const { current, pending } = revisionsInForce(draft)
  if (draft.firstQuantity !== undefined) draft.orderedQuantity = current?.terms?.quantity ?? draft.firstQuantity
  const ordered = decimal(draft.orderedQuantity)
  const filled = filledMeasure(draft)
  const busted = draft.bustedQuantity === undefined ? filled : filled.plus(decimal(draft.bustedQuantity))
  const executed = draft.corrections === undefined ? busted : busted.plus(correctedAway(draft, draft.corrections))
  const isOver = executed.gte(ordered) || (filled.gte(ordered) && hasEnded(current ?? draft))
  draft.status = orderStatus({
    fullyExecuted: executed.gt(zero) && isOver,
    anyFilled: filled.gt(zero),
    anyExecution: current === undefined ? executed.gt(zero) : current.words.filled === true,
    current: current ?? draft,
    pending,
  })
  const most = pending?.terms === undefined ? ordered : greater(ordered, decimal(pending.terms.quantity))
  const left = most.minus(filled)
  draft.leavesQuantity = isOpen(draft.status) && left.gt(zero) ? decimalText(left) : '0'
  draft.overfilledQuantity = left.lt(zero) ? decimalText(filled.minus(most)) : '0'
}

/** A venue that ended an order of which corrections have made a whole one has not cut it short. */
function hasEnded({ words }: SendingFacts): boolean {
  return words.canceled === true || words.expired === true
}

/** What the words alone make of an order; they are shared by nearly all orders. */
const statusOfWords = new WeakMap<OrderState['words'], OrderState['status']>()

function statusOfUntouched(draft: Draft): OrderState['status'] {
  const isQuiet = draft.cancelRequests === nothingNoted && draft.cancelRejections === nothingNoted
  const known = isQuiet ? statusOfWords.get(draft.words) : undefined
  if (known !== undefined) return known
  const status = orderStatus({ ...untouched, current: draft })
  if (isQuiet && Object.isFrozen(draft.words)) statusOfWords.set(draft.words, status)
  return status
}

const untouched = { fullyExecuted: false, anyFilled: false, anyExecution: false, pending: undefined } as const

/** Whether nothing was executed and nothing amended: then no amount has to be worked out. */
function isUntouched(draft: Draft): boolean {
  return (
    draft.filledQuantity === '0' &&
    draft.overfilledQuantity === '0' &&
    draft.bustedQuantity === undefined &&
    draft.revisions === undefined &&
    !draft.orderedQuantity.startsWith('-')
  )
}

function greater(a: Decimal, b: Decimal): Decimal {
  return a.gt(b) ? a : b
}
