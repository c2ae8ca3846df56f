import { fundingAmount } from '../instruments/funding-amount.js'
import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { FundingEvent } from '../market/market-event.js'
import { decimal, decimalText } from '../money/decimal.js'
import type { VenueMovement } from '../orders/broker.js'
import { alert, brokerOf, commit, type KernelRuntime } from './kernel-runtime.js'
import { mostClocksDifferMs } from './missing-executions.js'
import { bookedRate } from './settled-as.js'

/**
 * Books what the venue has paid or charged without a trade since an instant of our clock, each movement once, by its id at the venue.
 * What came before the books were opened is in what they were opened with. Throws what the venue throws.
 */
export async function bookMovementsSince(runtime: KernelRuntime, since: number): Promise<void> {
  const broker = brokerOf(runtime)
  if (broker.movements === undefined) return
  const opened = runtime.state.openedAt ?? Number.NEGATIVE_INFINITY
  for (const movement of await broker.movements(since - mostClocksDifferMs))
    if (movement.time >= opened) bookOne(runtime, movement)
}

/** Funding of what is held: by the venue's word, where it tells of movements, else as the market's rate makes it. */
export async function takeFunding(runtime: KernelRuntime, event: FundingEvent): Promise<void> {
  const { symbol, time, rate, price } = event
  const instrument = runtime.broker?.instrument(symbol)
  const position = runtime.state.ledger.position(symbol)
  if (instrument?.kind !== 'perpetual' || position === undefined) return
  if (runtime.broker?.movements !== undefined) {
    try {
      await bookMovementsSince(runtime, time)
    } catch (thrown) {
      // The next comparison of books and venue finds it missing, and asks again.
      runtime.logger.warn('the venue could not be asked for funding', { symbol, thrown: String(thrown) })
    }
    return
  }
  const amount = fundingAmount({
    units: decimal(position.quantity),
    multiplier: position.multiplier === undefined ? undefined : decimal(position.multiplier),
    price: decimal(price, `funding price of ${symbol}`),
    rate: decimal(rate, `funding rate of ${symbol}`),
  })
  if (amount.isZero()) return
  bookOne(runtime, {
    movementId: `funding-${symbol}-${time}`,
    time,
    type: 'funding',
    symbol,
    currency: instrument.currency,
    amount: decimalText(amount),
  })
}

function bookOne(runtime: KernelRuntime, movement: VenueMovement): void {
  const { currency, time } = movement
  const foreign = currency === runtime.state.currency ? {} : { currency }
  const event = { ...bookingOf(runtime, movement), ...foreign } as LedgerEvent
  try {
    commit(runtime, { type: 'booked', time: runtime.clock.now(), event, ...bookedRate(runtime, foreign) })
  } catch (thrown) {
    const what = `${movement.type} ${movement.movementId} of ${movement.amount} ${currency} at ${time}`
    alert(runtime, 'BOOKING_FAILED', `${what} could not be booked: ${String(thrown)}`)
  }
}

/** Charges are stated as received by the venue's word, and as paid in the ledger. */
function bookingOf(runtime: KernelRuntime, movement: VenueMovement): object {
  const { movementId, time, type, amount } = movement
  const base = { type, eventId: `venue-${movementId}`, time }
  if (!('symbol' in movement)) return { ...base, amount: type === 'fee' ? decimalText(decimal(amount).neg()) : amount }
  const { symbol } = movement
  const trip = runtime.state.trips.get(symbol)
  const chain = trip === undefined ? {} : { correlationId: trip.correlationId, causationId: trip.causationId }
  return { ...base, symbol, amount: type === 'borrow' ? decimalText(decimal(amount).neg()) : amount, ...chain }
}
