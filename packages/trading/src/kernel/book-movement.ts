import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import type { InstrumentKind } from '../instruments/instrument.js'
import type {
  CarryEvent,
  CashMovementEvent,
  CashTransferEvent,
  InCurrency,
  LedgerEvent,
  UnitsTransferEvent,
} from '../ledger/ledger-event.js'
import { parseLedgerEvent } from '../ledger/parse-ledger-event.js'
import { decimal, decimalText } from '../money/decimal.js'
import { type Authorisation, assertOperator } from './authorise.js'
import { rateOf } from './currency-rate.js'
import { movedBaselines } from './flow-desk.js'
import type { KernelRecord } from './kernel-record.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { assertCovered, tellOverdrawn } from './overdrawn.js'

/** Money that moves without a trade. A movement is known by its event id: told again, it changes nothing; with other figures it is refused. */
export type CashMovement = WithoutTime<CashMovementEvent | CarryEvent | CashTransferEvent> | Conversion

/**
 * Units of a currency that are held as a position become cash of it, at the cost of their lots; or, below 0, cash becomes units at a stated
 * cost, in the currency that the symbol settles in. The venue keeps both as one balance, so nothing moves there. Decimal texts.
 */
export type Conversion = {
  readonly type: 'conversion'
  readonly eventId: string
  readonly symbol: string
  readonly quantity: string
  /** Of cash that becomes units, and of nothing else. */
  readonly cost?: string
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'time'> : never

const movements: ReadonlySet<string> = new Set([
  'deposit',
  'withdrawal',
  'fee',
  'interest',
  'funding',
  'borrow',
  'transfer',
])

/**
 * Books money that came, went or was charged outside of any order, so that books and venue agree again. Throws `NOT_AUTHORIZED`,
 * `INVALID_LEDGER_EVENT` or `INVALID_DECIMAL`, naming the field; the former also for an event id that was booked with other figures, and for
 * more cash to be taken out than there is.
 */
export function bookMovement(runtime: KernelRuntime, movement: CashMovement, { operator }: Authorisation): void {
  assertOperator(runtime, 'book', operator)
  if (typeof movement !== 'object' || movement === null)
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `book: the movement is ${String(movement)}; give an object such as { type: "deposit", … }`,
    })
  if (movement.type === 'conversion') {
    assertKnownOptions('book', movement, conversionFields)
    convert(runtime, movement)
    return
  }
  const event = parseLedgerEvent({ ...movement, time: runtime.clock.now() })
  if (!movements.has(event.type) || 'asset' in event)
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `book: type "${event.type}" is not one of ${[...movements].join(', ')} of cash; trades are booked by the venue's word, positions are taken in by adopt()`,
    })
  checkWorth(runtime, event)
  assertCovered(runtime, event)
  const { currency = runtime.state.currency } = event as InCurrency
  const before = runtime.state.ledger.cashAmount(currency)
  bookAs(runtime, event, movement.eventId)
  tellOverdrawn(runtime, currency, before)
}

/** Of a currency that nobody can value, by a slip of the pen, all entries would be denied until somebody has booked it back. */
function checkWorth(runtime: KernelRuntime, event: LedgerEvent): void {
  const { ledger, currency: base } = runtime.state
  const currency = 'currency' in event ? event.currency : undefined
  if (currency === undefined || currency === base || ledger.currencies().includes(currency)) return
  if (rateOf(runtime, currency) !== undefined) return
  throw notBooked(
    `${event.type}.currency`,
    `nobody can say what ${currency} is worth in ${base}: no symbol that trades one for the other has a price here`,
  )
}

/** Told again with the same figures it changes nothing; with others it is refused, since the first booking stands. */
function bookAs(runtime: KernelRuntime, event: LedgerEvent, eventId: string): void {
  const { contradicts } = commit(runtime, {
    type: 'booked',
    time: event.time,
    event,
    ...movedBaselines(runtime, event),
  })
  if (contradicts === undefined) return
  throw new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `book: eventId "${eventId.slice(0, 100)}" was booked with other figures before, in entry ${contradicts}, and these change nothing; book what is missing under an eventId of its own`,
    context: { field: 'eventId' },
  })
}

const conversionFields = ['type', 'eventId', 'symbol', 'quantity', 'cost']
const unitsOf = (eventId: string): string => `conversion-${eventId}-units`
const unitsId = /^conversion-(.+)-units$/s

/** Of a conversion of which the units are booked: the cash, in the currency that the units are of. */
function bookConvertedCash(runtime: KernelRuntime, eventId: string, units: UnitsTransferEvent): void {
  const { time, asset } = units
  const amount = decimalText(decimal(units.quantity).neg())
  const currency = asset === runtime.state.currency ? {} : { currency: asset }
  const event = { type: 'transfer', eventId: `conversion-${eventId}-cash`, time, amount, ...currency } as const
  commit(runtime, { type: 'booked', time: runtime.clock.now(), event })
}

/** A conversion is two lines in a journal, and a crash may have come between them. */
export function completeConversion(runtime: KernelRuntime, last: KernelRecord): void {
  if (last.type !== 'booked' || last.event.type !== 'transfer' || !('asset' in last.event)) return
  const eventId = unitsId.exec(last.event.eventId)?.[1]
  if (eventId !== undefined) bookConvertedCash(runtime, eventId, last.event)
}

function fault(field: string, why: string): SwarmError {
  return notBooked(`conversion.${field}`, why, field)
}

function notBooked(where: string, why: string, field = where): SwarmError {
  return new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `book: ${where}: ${why}`,
    context: { field },
  })
}

/** What has units that are a currency. */
const convertible: ReadonlySet<string> = new Set<InstrumentKind>(['crypto-spot', 'fx-spot'])

function convert(runtime: KernelRuntime, { eventId, symbol, quantity: text, cost }: Conversion): void {
  const { ledger, currency: base } = runtime.state
  if (typeof eventId !== 'string' || eventId === '') throw fault('eventId', 'must be a text that is not empty')
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument === undefined || !convertible.has(instrument.kind))
    throw fault('symbol', `${JSON.stringify(symbol)} is no symbol here whose units are a currency`)
  const quantity = decimal(text, 'conversion.quantity')
  if (quantity.isZero()) throw fault('quantity', 'must not be 0')
  const { asset, currency } = instrument
  const isToCash = quantity.isPositive()
  if (isToCash === (cost !== undefined))
    throw fault('cost', isToCash ? 'goes with cash that becomes units' : 'is missing')
  const time = runtime.clock.now()
  const paidIn = currency === base ? {} : { currency }
  const cash = ledger.cash(asset)
  if (!isToCash && decimal(cash).plus(quantity).isNegative())
    throw fault('quantity', `${text} is more than the ${cash} ${asset} of cash`)
  const event: UnitsTransferEvent = {
    type: 'transfer',
    eventId: unitsOf(eventId),
    time,
    symbol,
    asset,
    ...paidIn,
    quantity: decimalText(quantity.neg()),
    ...(cost === undefined ? {} : { cost }),
  }
  bookAs(runtime, event, eventId)
  bookConvertedCash(runtime, eventId, event)
}
