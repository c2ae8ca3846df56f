import { messageOf, SwarmError } from '@tradeswarm/core'
import { fundingAmount } from '../instruments/funding-amount.js'
import type { CarryEvent, CashMovementEvent, DividendPaidEvent } from '../ledger/ledger-event.js'
import type { FundingEvent } from '../market/market-event.js'
import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import type { VenueMovement } from '../orders/broker.js'
import { kept } from './kept.js'
import { alert, brokerOf, commit, type KernelRuntime } from './kernel-runtime.js'
import { checkLosses } from './loss-desk.js'
import { mostClocksDifferMs } from './missing-executions.js'
import { tellOverdrawn } from './overdrawn.js'
import { bookedRate } from './settled-as.js'

/**
 * Books money that the venue has moved, once however often and in whatever way it is told. One that the ledger does not take keeps none of
 * the others out. Throws `KERNEL_JOURNAL_FAILED`.
 */
export function takeVenueMovement(runtime: KernelRuntime, movement: VenueMovement): void {
  const event = eventOf(runtime, movement)
  const before = runtime.state.ledger.cashAmount(movement.currency)
  try {
    const record = { type: 'booked', time: runtime.clock.now(), event } as const
    const { entry } = commit(
      runtime,
      event.currency === undefined ? record : { ...record, ...bookedRate(runtime, event) },
    )
    if (entry === undefined) return
    tellOverdrawn(runtime, movement.currency, before)
    checkLosses(runtime)
  } catch (thrown) {
    if (SwarmError.isInstance(thrown) && thrown.code.startsWith('KERNEL_')) throw thrown
    const { type, eventId, amount, currency, time } = movement
    const what = `${type} ${eventId} of ${amount} ${currency} at ${time}`
    alert(runtime, 'BOOKING_FAILED', `${what} could not be booked: ${messageOf(thrown)}`)
  }
}

/**
 * Books what the venue moved since an instant of our clock and did not tell as it happened. What came before the books were opened is in
 * what they were opened with. Throws what the venue throws.
 */
export async function bookMovementsSince(runtime: KernelRuntime, since: number): Promise<void> {
  for (const movement of await movementsSince(runtime, since)) takeVenueMovement(runtime, movement)
}

async function movementsSince(runtime: KernelRuntime, since: number): Promise<readonly VenueMovement[]> {
  const told = (await brokerOf(runtime).movements?.(since - mostClocksDifferMs)) ?? []
  const opened = runtime.state.openedAt ?? Number.NEGATIVE_INFINITY
  return told.filter(({ time }) => time >= opened)
}

/**
 * Funding of what was held at its instant, whatever was executed since: by the venue's word, where it tells of movements, else as the market's
 * rate makes it.
 */
export async function takeFunding(runtime: KernelRuntime, event: FundingEvent): Promise<void> {
  const { symbol, time, rate, price } = event
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument?.kind !== 'perpetual') return
  const units = runtime.state.ledger.unitsAt(symbol, time)
  if (units.isZero()) return
  if (runtime.broker?.movements !== undefined || runtime.broker?.subscribeMovements !== undefined) {
    for (const movement of await fundingToldSince(runtime, event)) takeVenueMovement(runtime, movement)
    return
  }
  const amount = fundingAmount({
    units,
    multiplier: instrument.multiplier === undefined ? undefined : decimal(instrument.multiplier),
    price: decimal(price, `funding price of ${symbol}`),
    rate: decimal(rate, `funding rate of ${symbol}`),
  })
  if (amount.isZero()) return
  takeVenueMovement(runtime, {
    eventId: `${symbol}-${time}`,
    time,
    type: 'funding',
    symbol,
    currency: instrument.currency,
    amount: decimalText(amount),
  })
  await kept(runtime, event)
}

/** Nothing where the venue cannot be asked now: the next comparison of books and venue finds it missing, and asks again. */
async function fundingToldSince(
  runtime: KernelRuntime,
  { symbol, time }: FundingEvent,
): Promise<readonly VenueMovement[]> {
  try {
    return await movementsSince(runtime, time)
  } catch (thrown) {
    runtime.logger.warn('the venue could not be asked for funding', { symbol, thrown: messageOf(thrown) })
    return []
  }
}

/** Under an id that no other booking has: a person may have booked something under the venue's own. */
function eventOf(
  { state }: KernelRuntime,
  movement: VenueMovement,
): CashMovementEvent | CarryEvent | DividendPaidEvent {
  const { time, amount, currency } = movement
  const named = {
    eventId: `venue-${movement.type}-${movement.eventId}`,
    time,
    ...(currency === state.currency ? {} : { currency }),
  }
  const booked = { ...named, amount }
  if (!('symbol' in movement)) return { ...booked, type: movement.type }
  const { type, symbol } = movement
  // The venue has said what was paid in all, which what it says of one unit need not come to.
  if (type === 'dividend') return { ...named, type, symbol, ...perUnit(decimal(amount)) }
  const trip = type === 'funding' ? state.trips.get(symbol) : undefined
  const chain = trip === undefined ? {} : { correlationId: trip.correlationId, causationId: trip.causationId }
  return { ...booked, type, symbol, ...chain }
}

function perUnit(amount: Decimal): Pick<DividendPaidEvent, 'quantity' | 'amountPerUnit'> {
  return { quantity: amount.isNegative() ? '-1' : '1', amountPerUnit: decimalText(amount.abs()) }
}
