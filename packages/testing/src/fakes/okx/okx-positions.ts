import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, divide, zero } from '@tradeswarm/trading'
import type { OkxListing } from './okx-instruments.js'
import type { VenueIds } from './venue-ids.js'

/** Decimals of the share of a cost that is averaged. */
const sharePlaces = 18

/** A position of a swap, in net mode. */
export type OkxPosition = {
  readonly posId: string
  readonly listing: OkxListing
  /** Contracts, signed. */
  units: Decimal
  averagePrice: Decimal
  /** What the contracts stood for when they were entered, signed like them. */
  cost: Decimal
  /** What closing has made, what was paid in fees (negative) and in funding, since it was opened. */
  pnl: Decimal
  fee: Decimal
  fundingFee: Decimal
  tradeId: string
  cTime: EpochMs
  uTime: EpochMs
}

/** What the account holds of swaps, from its executions. */
export class OkxPositions {
  readonly #positions = new Map<string, OkxPosition>()
  readonly #ids: VenueIds

  constructor(ids: VenueIds) {
    this.#ids = ids
  }

  /** Books an execution; `units` are signed, `fee` is negative where it is paid. Answers what closing has made. */
  book(listing: OkxListing, units: Decimal, price: Decimal, fee: Decimal, tradeId: string, time: EpochMs): Decimal {
    const position = this.#of(listing, time)
    if (position.units.eq(zero)) this.#reopen(position, time)
    const made = closingPnl(position, units, price)
    const after = position.units.plus(units)
    position.cost = position.cost.plus(units.times(price).times(listing.unit)).plus(made)
    if (position.units.eq(zero) || position.units.isNegative() === units.isNegative())
      position.averagePrice = divide(position.cost, after.times(listing.unit), 12, 'half-even')
    else if (!after.eq(zero) && after.isNegative() !== position.units.isNegative()) position.averagePrice = price
    position.units = after
    position.pnl = position.pnl.plus(made)
    position.fee = position.fee.plus(fee)
    position.tradeId = tradeId
    position.uTime = time
    return made
  }

  fund(listing: OkxListing, amount: Decimal, time: EpochMs): void {
    const position = this.#of(listing, time)
    position.fundingFee = position.fundingFee.plus(amount)
    position.uTime = time
  }

  units(instId: string): Decimal {
    return this.#positions.get(instId)?.units ?? zero
  }

  find(instId: string): OkxPosition | undefined {
    return this.#positions.get(instId)
  }

  /** Those that were closed included. */
  all(): Iterable<OkxPosition> {
    return this.#positions.values()
  }

  /** Positions of which something is held. */
  open(): readonly OkxPosition[] {
    return [...this.#positions.values()].filter(({ units }) => !units.eq(zero))
  }

  #of(listing: OkxListing, time: EpochMs): OkxPosition {
    const known = this.#positions.get(listing.instId)
    if (known !== undefined) return known
    const position: OkxPosition = {
      posId: this.#ids.next(),
      listing,
      units: zero,
      averagePrice: zero,
      cost: zero,
      pnl: zero,
      fee: zero,
      fundingFee: zero,
      tradeId: '',
      cTime: time,
      uTime: time,
    }
    this.#positions.set(listing.instId, position)
    return position
  }

  #reopen(position: OkxPosition, time: EpochMs): void {
    position.pnl = zero
    position.fee = zero
    position.fundingFee = zero
    position.cTime = time
  }
}

/** Rounded as the matching engine rounds, which pays it out: not by the average that is shown. */
function closingPnl({ units: held, cost, listing }: OkxPosition, units: Decimal, price: Decimal): Decimal {
  if (held.eq(zero) || held.isNegative() === units.isNegative()) return zero
  const isWhole = units.abs().gte(held.abs())
  const closed = isWhole ? held : units.neg()
  const share = isWhole ? cost : divide(cost.times(closed), held, sharePlaces, 'half-even')
  return closed.times(listing.unit).times(price).minus(share)
}
