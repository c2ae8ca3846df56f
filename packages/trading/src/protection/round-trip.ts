import type { EpochMs } from '@tradeswarm/core'
import type { ClosedPosition, OrderPurpose } from '../kernel/kernel.js'
import type { DatedSplit } from '../ledger/book-record.js'
import { type LedgerEntry, ledgerAccounts } from '../ledger/ledger-entry.js'
import type { BookedFigures } from '../ledger/ledger-port.js'
import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { Execution } from '../orders/broker.js'
import type { OrderHeader } from '../orders/order-record.js'
import type { ExitPlan } from '../orders/order-request.js'
import { mergedExitPlan } from './merged-exit-plan.js'
import { inUnitsAfter, unitPlaces } from './split-amounts.js'

/** What a round trip needs to know of an execution. */
export type TradedAmounts = Pick<Execution, 'tradeId' | 'price' | 'quantity'>

/** A split while it was held, from when it holds, and the executions of before it, whose figures count in old units. */
export type SplitNote = {
  readonly numerator: number
  readonly denominator: number
  /** Absent in books of before that was kept. */
  readonly time?: EpochMs
  readonly tradeIds: readonly string[]
}

/** A position from flat to flat, and the mandate for its exits; plain JSON, amounts as decimal texts. */
export type RoundTrip = {
  readonly positionId: string
  readonly symbol: string
  readonly asset: string
  /** What its amounts are in; absent where that is the account's currency. */
  readonly currency?: string
  readonly side: 'long' | 'short'
  readonly status: 'open' | 'closed'
  /** Absent for a position that no intent of ours opened. */
  readonly plan?: ExitPlan
  readonly intentId: string
  readonly agent: string
  readonly strategy: string
  readonly correlationId: string
  readonly causationId: string
  readonly openedAt: EpochMs
  readonly closedAt?: EpochMs
  /** Sessions that have closed since it was opened. */
  readonly sessionsHeld: number
  /** It was held for its maximum of sessions: to be left at the coming open. */
  readonly timeExitDue: boolean
  /** It is left whatever its plan: an operator wants it, or nobody wanted what a change has made of it. Absent otherwise. */
  readonly leaving?: true
  /** The price has reached a level that the venue does not hold: it is to be left at once. */
  readonly due?: 'exit-stop' | 'exit-target'
  /** An exit that an agent asked for and that waits until protective orders have made room. */
  readonly queuedExitOrderId?: string
  /** A part of an exit that is worked, which waits likewise: an exit that waits for its auction does not hold it up. */
  readonly queuedPartOrderId?: string
  /** Stops and time exits of this session that were refused, or ended without being asked to. */
  readonly refusals: number
  /** Targets likewise. Absent while there were none. */
  readonly targetRefusals?: number
  /** Pairs likewise; after one the stop is placed alone. Absent while there were none. */
  readonly pairRefusals?: number
  readonly tradeIds: readonly string[]
  /** Crosses by which it, or parts of it, went from one principal to another; absent where there was none. */
  readonly crossIds?: readonly string[]
  /** What a unit had cost whoever took it over whole by a cross: where it breaks even. Absent where nobody did. */
  readonly takenOverAt?: string
  /** Oldest first; absent where there was none. */
  readonly splits?: readonly SplitNote[]
  readonly entryQuantity: string
  readonly entryNotional: string
  readonly exitQuantity: string
  readonly exitNotional: string
  readonly fees: string
  readonly realised: string
  /** Dividends and funding received while it was held; what was paid is negative. */
  readonly income: string
  readonly exitReason?: ClosedPosition['exitReason']
}

const reasons: Readonly<Record<Exclude<OrderPurpose, 'exit-pair'>, ClosedPosition['exitReason']>> = {
  entry: 'intent',
  'exit-stop': 'stop',
  'exit-target': 'target',
  'exit-time': 'time',
  'exit-intent': 'intent',
}

/** Which leg of a pair was executed shows in the price: the one that it is nearer to. So it does not depend on the order of the venue's words. */
function reasonOf(trip: RoundTrip, purpose: OrderPurpose, price: Decimal): ClosedPosition['exitReason'] {
  if (trip.leaving === true && purpose === 'exit-time') return 'flatten'
  if (purpose !== 'exit-pair') return reasons[purpose]
  const { plan, side } = trip
  if (plan === undefined) return 'stop'
  const both = decimal(plan.stopPrice).plus(decimal(plan.targetPrice))
  const isHigher = price.plus(price).gte(both)
  return isHigher === (side === 'long') ? 'target' : 'stop'
}

/**
 * The round trip after a fill was booked; a fill that takes a position through zero ends one and begins another. `overtaken` are the splits
 * that hold from after its execution and were booked before it.
 */
export function afterFill(
  trip: RoundTrip | undefined,
  header: OrderHeader,
  execution: TradedAmounts,
  entry: LedgerEntry,
  overtaken: readonly DatedSplit[] = noSplits,
  figures: BookedFigures = figuresOf(execution, entry),
): RoundTrip | undefined {
  if (overtaken.length > 0) return afterLateFill(trip, header, execution, entry, overtaken)
  const { closed, after, price } = figures
  const open = trip?.status === 'open' ? trip : undefined
  if (closed.isZero()) {
    // What comes to a position that is being left goes with it.
    const held = open?.leaving === true ? { ...open, ...unwanted } : open
    const base = held ?? beginning(header, openedTrip(header, execution.tradeId, entry.time, after))
    return grown(base, header, execution.tradeId, figures)
  }
  if (open === undefined) return trip
  const left: Mutable<RoundTrip> = {
    ...open,
    tradeIds: [...open.tradeIds, execution.tradeId],
    exitQuantity: plus(open.exitQuantity, closed),
    exitNotional: plus(open.exitNotional, closed.times(price)),
    fees: plus(open.fees, figures.fee),
    realised: plus(open.realised, figures.realised),
    exitReason: reasonOf(open, header.purpose, price),
  }
  if (!after.isZero() && isLong(after) === (open.side === 'long')) return left
  left.status = 'closed'
  left.closedAt = entry.time
  left.timeExitDue = false
  return left
}

const noSplits: readonly never[] = Object.freeze([])

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What the texts of an execution and of its entry say. */
function figuresOf({ price, quantity }: TradedAmounts, entry: LedgerEntry): BookedFigures {
  return {
    price: decimal(price),
    quantity: decimal(quantity),
    fee: decimal(entry.fee ?? '0'),
    realised: decimal(entry.realised ?? '0'),
    closed: decimal(entry.closedQuantity ?? '0'),
    after: decimal(entry.quantityAfter ?? '0'),
  }
}

/** That of an execution of before a split, told after it: its figures are those of the units of now, at the price that stands for the same. */
function afterLateFill(
  trip: RoundTrip | undefined,
  header: OrderHeader,
  execution: TradedAmounts,
  entry: LedgerEntry,
  overtaken: readonly DatedSplit[],
): RoundTrip | undefined {
  const after = afterFill(trip, header, inUnitsAfter(execution, overtaken), entry)
  if (after === undefined || after === trip) return after
  const notes = [...(after.splits ?? [])]
  for (const { numerator, denominator, time } of overtaken) {
    const at = notes.findIndex((note) => note.time === time)
    const known = notes[at] ?? { numerator, denominator, time, tradeIds: [] }
    const note = { ...known, tradeIds: [...known.tradeIds, execution.tradeId] }
    if (at < 0) notes.push(note)
    else notes[at] = note
  }
  return { ...after, splits: notes }
}

/** What was told of an execution, and the figures that hold of it now: none where it was taken back. */
export type ChangedExecution = { readonly told: TradedAmounts; readonly now: TradedAmounts | undefined }

/** The round trip after an execution of it was taken back or given other figures. One that had ended may be open again. */
export function afterChange(
  trip: RoundTrip,
  header: OrderHeader,
  { told, now }: ChangedExecution,
  entry: LedgerEntry,
): RoundTrip {
  const open = !decimal(entry.quantityAfter ?? '0').eq(zero)
  const { closedAt, ...rest } = trip
  const reopened = trip.status === 'closed' ? stillToLeave(trip) : {}
  const base: RoundTrip = open
    ? { ...rest, ...reopened, status: 'open' }
    : { ...rest, status: 'closed', closedAt: closedAt ?? entry.time, timeExitDue: false }
  if (!trip.tradeIds.includes(told.tradeId)) return base
  const quantity = zero.minus(unitsNow(trip, told)).plus(now === undefined ? zero : unitsNow(trip, now))
  const notional = zero.minus(notionalOf(told)).plus(now === undefined ? zero : notionalOf(now))
  const entered = (header.request.side === 'buy') === (trip.side === 'long')
  return {
    ...base,
    tradeIds: now === undefined ? trip.tradeIds.filter((tradeId) => tradeId !== told.tradeId) : trip.tradeIds,
    entryQuantity: entered ? plus(trip.entryQuantity, quantity) : trip.entryQuantity,
    entryNotional: entered ? plus(trip.entryNotional, notional) : trip.entryNotional,
    exitQuantity: entered ? trip.exitQuantity : plus(trip.exitQuantity, quantity),
    exitNotional: entered ? trip.exitNotional : plus(trip.exitNotional, notional),
    fees: plus(trip.fees, decimal(entry.fee ?? '0')),
    realised: plus(trip.realised, decimal(entry.realised ?? '0')),
  }
}

/** The round trip after a dividend, or funding, was booked; one that has ended gets nothing of it. */
export function afterDividend(trip: RoundTrip, entry: LedgerEntry): RoundTrip {
  if (trip.status !== 'open') return trip
  const paid = entry.postings.find(({ account }) => account === ledgerAccounts.cash)?.amount ?? '0'
  return withIncome(trip, decimal(paid))
}

/** The round trip with so much more income. */
export function withIncome(trip: RoundTrip, amount: Decimal): RoundTrip {
  return { ...trip, income: plus(trip.income, amount) }
}

/** A finished round trip as it is told to others; undefined while it is open, or when busts have left nothing of it. */
export function closedPositionOf(trip: RoundTrip): ClosedPosition | undefined {
  const entered = decimal(trip.entryQuantity)
  const left = decimal(trip.exitQuantity)
  if (trip.status !== 'closed' || entered.lte(zero) || left.lte(zero)) return undefined
  const closed: ClosedPosition = {
    positionId: trip.positionId,
    symbol: trip.symbol,
    side: trip.side,
    quantity: trip.exitQuantity,
    entryPrice: decimalText(divide(decimal(trip.entryNotional), entered, 12, 'half-even')),
    exitPrice: decimalText(divide(decimal(trip.exitNotional), left, 12, 'half-even')),
    realised: trip.realised,
    fees: trip.fees,
    income: trip.income,
    openedAt: trip.openedAt,
    closedAt: trip.closedAt ?? trip.openedAt,
    exitReason: trip.exitReason ?? 'intent',
    intentId: trip.intentId,
    causationId: trip.causationId,
    correlationId: trip.correlationId,
  }
  const { currency, crossIds } = trip
  if (currency === undefined && crossIds === undefined) return closed
  return {
    ...closed,
    ...(currency === undefined ? {} : { currency }),
    ...(crossIds === undefined ? {} : { crossIds }),
  }
}

/** An exit that came too late has opened something that nobody wanted. */
function beginning({ request }: OrderHeader, trip: RoundTrip): RoundTrip {
  return request.reduceOnly ? { ...trip, ...unwanted } : trip
}

/** Of a position that came about by a change, or by an exit too many: nobody planned its exits, and it is left at once. */
export const unwanted: Pick<RoundTrip, 'leaving' | 'timeExitDue'> = { leaving: true, timeExitDue: true }

/** The wish to have all left, as it goes on to what comes of a round trip after its end. */
export function stillToLeave(trip: RoundTrip): Partial<typeof unwanted> {
  return trip.leaving === true ? unwanted : {}
}

/** A round trip with nothing in it yet. */
export function openedTrip(header: OrderHeader, tradeId: string, time: EpochMs, after: Decimal): RoundTrip {
  const trip: RoundTrip = {
    positionId: `position-${header.orderId}-${tradeId}`,
    symbol: header.request.symbol,
    asset: header.asset,
    side: isLong(after) ? 'long' : 'short',
    status: 'open',
    intentId: header.intentId,
    agent: header.agent,
    strategy: header.strategy,
    correlationId: header.correlationId,
    causationId: header.causationId,
    openedAt: time,
    sessionsHeld: 0,
    timeExitDue: false,
    refusals: 0,
    tradeIds: [],
    entryQuantity: '0',
    entryNotional: '0',
    exitQuantity: '0',
    exitNotional: '0',
    fees: '0',
    realised: '0',
    income: '0',
  }
  return header.currency === undefined ? trip : { ...trip, currency: header.currency }
}

function grown(
  trip: RoundTrip,
  header: OrderHeader,
  tradeId: string,
  { quantity, price, fee, realised }: BookedFigures,
): RoundTrip {
  const plan = mergedExitPlan(trip.side, trip.plan, header.exits)
  const next: Mutable<RoundTrip> = {
    ...trip,
    tradeIds: [...trip.tradeIds, tradeId],
    entryQuantity: plus(trip.entryQuantity, quantity),
    entryNotional: plus(trip.entryNotional, quantity.times(price)),
    fees: plus(trip.fees, fee),
    realised: plus(trip.realised, realised),
  }
  if (plan !== undefined) next.plan = plan
  return next
}

/** The units of an execution in those of now. */
export function unitsNow({ splits = [] }: RoundTrip, { tradeId, quantity }: TradedAmounts): Decimal {
  let units = decimal(quantity)
  for (const split of splits) {
    if (!split.tradeIds.includes(tradeId)) continue
    const grown = units.times(decimal(String(split.numerator)))
    units = divide(grown, decimal(String(split.denominator)), unitPlaces, 'half-even')
  }
  return units
}

function notionalOf({ price, quantity }: TradedAmounts): Decimal {
  return decimal(price).times(decimal(quantity))
}

function isLong(quantity: Decimal): boolean {
  return quantity.gt(zero)
}

function plus(total: string, amount: Decimal): string {
  if (amount.isZero()) return total
  return decimalText(total === '0' ? amount : decimal(total).plus(amount))
}
