import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { decimalText, zero } from '../money/decimal.js'
import { applyCashEvent } from './apply-cash-event.js'
import { applyBust, applyCorrection, applyFill, takeBackFill } from './apply-fill.js'
import { applyPositionEvent, applySplit } from './apply-position-event.js'
import { checkFields } from './check-fields.js'
import { eventFingerprint } from './event-fingerprint.js'
import { forgetBefore } from './forget-history.js'
import { checkName, invalidField } from './ledger-amounts.js'
import type { LedgerEvent } from './ledger-event.js'
import type { Ledger, LedgerResult } from './ledger-port.js'
import { ledgerProfit } from './ledger-profit.js'
import { ledgerSnapshot, stateOfSnapshot } from './ledger-snapshot.js'
import { emptyLedgerState, fillKey, type LedgerState, type SeenEvent } from './ledger-state.js'
import { ledgerValuation, ledgerWorth } from './ledger-valuation.js'
import {
  ledgerBalance,
  ledgerBalances,
  ledgerCurrencies,
  ledgerPosition,
  ledgerPositions,
  ledgerTotals,
  ledgerTrialBalance,
} from './ledger-views.js'
import { type LotMethod, lotMethods } from './open-lots.js'

/** What books are kept in. */
export type LedgerOptions = {
  /** The base currency, such as `USD`. */
  readonly currency: string
  /** Which units a sale takes first. Default `fifo`. */
  readonly lots?: LotMethod
}

/** Empty books. Throws `INVALID_OPTION` without a base currency, for a lot method that there is not, or for an option that there is not. */
export function createLedger(options: LedgerOptions): Ledger {
  assertKnownOptions('createLedger', options, ['currency', 'lots'])
  const { currency, lots = 'fifo' } = options
  try {
    checkName(currency, 'currency')
  } catch (cause) {
    throw invalidOption(`currency is ${JSON.stringify(currency)}; name one, such as "USD"`, cause)
  }
  if (!lotMethods.includes(lots)) throw invalidOption(`lots is "${lots}"; there are ${lotMethods.join(', ')}`)
  return ledgerOf(emptyLedgerState(currency, lots))
}

/** The books that a snapshot of version 1, 2, 3 or 4 holds. Throws `LEDGER_SNAPSHOT_INVALID` when it cannot be read or its figures do not follow from its history. */
export function restoreLedger(snapshot: unknown): Ledger {
  return ledgerOf(stateOfSnapshot(snapshot))
}

/** The books as the fold of their events, from nothing. */
export function rebuildLedger(options: LedgerOptions & { readonly events: Iterable<LedgerEvent> }): Ledger {
  assertKnownOptions('rebuildLedger', options, ['currency', 'lots', 'events'])
  const { events, ...made } = options
  const ledger = createLedger(made)
  for (const event of events) ledger.apply(event)
  return ledger
}

function ledgerOf(state: LedgerState): Ledger {
  const base = state.base.currency
  return {
    currency: base,
    lots: state.lots,
    apply: (event) => apply(state, event),
    takeBack: (fill) => takeBackFill(state, fill),
    hasBooked: (eventId) => state.seen.has(eventId),
    cash: (currency) => decimalText(state.currencies.get(currency)?.cash ?? zero),
    cashAmount: (currency) => state.currencies.get(currency)?.cash ?? zero,
    balance: (asset) => ledgerBalance(state, asset),
    balances: () => ledgerBalances(state),
    currencies: () => ledgerCurrencies(state),
    currencyCount: () => state.currencies.size,
    position: (symbol) => ledgerPosition(state, symbol),
    quantity: (symbol) => decimalText(state.books.get(symbol)?.totals.quantity ?? zero),
    units: (symbol) => state.books.get(symbol)?.totals.quantity ?? zero,
    unitsAt: (symbol, time) => state.books.get(symbol)?.unitsAt(time) ?? zero,
    positions: () => ledgerPositions(state),
    totals: (currency = base) => ledgerTotals(state, currency),
    valuation: (priceOf, rateOf) => ledgerValuation(state, priceOf, rateOf),
    equity: (priceOf, rateOf, repriced) => {
      const worth = ledgerWorth(state, priceOf, rateOf, repriced)
      return 'equity' in worth ? worth.equity : undefined
    },
    profit: (priceOf, rateOf) => ledgerProfit(state, priceOf, rateOf),
    trialBalance: () => ledgerTrialBalance(state),
    forgetBefore: (time, options = {}) => forgetBefore(state, time, options),
    snapshot: () => ledgerSnapshot(state),
  }
}

function apply(state: LedgerState, event: LedgerEvent): LedgerResult {
  checkFields(event)
  checkIds(event)
  if (!Number.isFinite(event.time)) throw invalidField(`${event.type}.time`, `${event.time} is not a time`)
  const keysBefore = state.horizon?.keysBefore
  if (keysBefore !== undefined && event.time < keysBefore) refuseOld(state, event, keysBefore)
  if (event.type === 'fill') return applyFill(state, event)
  if (event.type === 'bust') return applyBust(state, event)
  const earlier = state.seen.get(event.eventId)
  if (earlier !== undefined)
    return { status: 'duplicate', entryId: earlier.entryId, conflicting: contradicts(state, event, earlier) }
  const result = applyOther(state, event)
  if (result.status === 'applied') {
    const time = state.horizon === undefined ? undefined : event.time
    const said = eventFingerprint(event, state.base.currency)
    state.seen.set(event.eventId, { entryId: result.entry.entryId, time, said })
  }
  return result
}

/** Of an event that only a snapshot remembers nobody knows what it said, and nothing is claimed. */
function contradicts({ base }: LedgerState, event: LedgerEvent, { said }: SeenEvent): boolean {
  return said !== undefined && said !== eventFingerprint(event, base.currency)
}

/** Ids are compared and kept, never shown as names: any text will do, but a text it must be. */
function checkIds(event: LedgerEvent): void {
  if (typeof event.eventId !== 'string' || event.eventId === '') throw noText(event, 'eventId')
  if (event.type !== 'fill' && event.type !== 'bust' && event.type !== 'correction') return
  if (typeof event.account !== 'string' || event.account === '') throw noText(event, 'account')
  if (typeof event.tradeId !== 'string' || event.tradeId === '') throw noText(event, 'tradeId')
  if (event.type === 'fill' && (typeof event.orderId !== 'string' || event.orderId === ''))
    throw noText(event, 'orderId')
}

function noText(event: LedgerEvent, field: string): SwarmError {
  return invalidField(`${event.type}.${field}`, 'must be a text that is not empty')
}

function applyOther(state: LedgerState, event: Exclude<LedgerEvent, { readonly type: 'fill' | 'bust' }>): LedgerResult {
  switch (event.type) {
    case 'correction':
      return applyCorrection(state, event)
    case 'split':
      return applySplit(state, event)
    case 'opening':
    case 'adoption':
      return applyPositionEvent(state, event)
    case 'transfer':
      return 'symbol' in event ? applyPositionEvent(state, event) : applyCashEvent(state, event)
    case 'deposit':
    case 'withdrawal':
    case 'fee':
    case 'interest':
    case 'dividend':
    case 'funding':
    case 'borrow':
      return applyCashEvent(state, event)
    default:
      throw invalidField('type', `there is no event of type ${JSON.stringify((event as LedgerEvent).type)}`)
  }
}

/** So old that nobody remembers whether it was booked: it is refused rather than booked a second time. */
function refuseOld(state: LedgerState, event: LedgerEvent, keysBefore: number): void {
  if (event.type === 'fill' || event.type === 'bust') {
    const key = fillKey(event.account, event.tradeId)
    const { fills, earlyBusts } = state.books.get(event.symbol) ?? {}
    if (fills?.find(key) !== undefined || earlyBusts?.has(key)) return
  } else if (state.seen.has(event.eventId)) return
  throw new SwarmError({
    code: 'LEDGER_HORIZON_PASSED',
    message: `${event.type} ${event.eventId}: its time ${event.time} lies before ${keysBefore}, from when on these books remember what they have booked; it may be in them already`,
    context: { field: `${event.type}.time` },
  })
}

function invalidOption(reason: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createLedger: ${reason}`,
    ...(cause === undefined ? {} : { cause }),
  })
}
