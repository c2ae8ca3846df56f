import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, divide, zero } from '@tradeswarm/trading'
import type { MarginMode } from './margin-mode.js'
import type { OkxListing } from './okx-instruments.js'
import type { VenueIds } from './venue-ids.js'

/** Which position: of a swap in a margin mode. */
export type PositionOf = { readonly listing: OkxListing; readonly mode: MarginMode }

/** An execution as it changes a position. */
export type PositionTrade = {
  /** Signed. */
  readonly units: Decimal
  readonly price: Decimal
  /** Negative where it is paid. */
  readonly fee: Decimal
  /** What it has set aside more, of an isolated one; below 0 what was given back. */
  readonly margin: Decimal
  readonly tradeId: string
  readonly time: EpochMs
}

/** Decimals of the share of a cost that is averaged. */
const sharePlaces = 18

/** A position of a swap, in net mode. */
export type OkxPosition = PositionOf & {
  readonly posId: string
  /** Contracts, signed. */
  units: Decimal
  averagePrice: Decimal
  /** What the contracts stood for when they were entered, signed like them. */
  cost: Decimal
  /** What closing has made, what was paid in fees (negative) and in funding, since it was opened. */
  pnl: Decimal
  fee: Decimal
  fundingFee: Decimal
  /** What is set aside for it, of an isolated one; 0 of a cross one. */
  margin: Decimal
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

  /** Books an execution. Answers what closing has made. */
  book(of: PositionOf, { units, price, fee, margin, tradeId, time }: PositionTrade): Decimal {
    const position = this.#of(of, time)
    if (position.units.eq(zero)) this.#reopen(position, time)
    const { listing } = of
    const made = closingPnl(position, units, price)
    const after = position.units.plus(units)
    position.cost = position.cost.plus(units.times(price).times(listing.unit)).plus(made)
    if (position.units.eq(zero) || position.units.isNegative() === units.isNegative())
      position.averagePrice = divide(position.cost, after.times(listing.unit), 12, 'half-even')
    else if (!after.eq(zero) && after.isNegative() !== position.units.isNegative()) position.averagePrice = price
    position.units = after
    position.pnl = position.pnl.plus(made)
    position.fee = position.fee.plus(fee)
    position.margin = position.margin.plus(margin)
    position.tradeId = tradeId
    position.uTime = time
    return made
  }

  /** Books funding, and the part of it that its margin has paid or received. Answers the position. */
  fund(of: PositionOf, amount: Decimal, margin: Decimal, time: EpochMs): OkxPosition {
    const position = this.#of(of, time)
    position.fundingFee = position.fundingFee.plus(amount)
    position.margin = position.margin.plus(margin)
    position.uTime = time
    return position
  }

  units(instId: string, mode: MarginMode): Decimal {
    return this.find(instId, mode)?.units ?? zero
  }

  /** Sets more aside for an isolated position, or gives some of it back. */
  addMargin(of: PositionOf, change: Decimal, time: EpochMs): void {
    const position = this.#of(of, time)
    position.margin = position.margin.plus(change)
    position.uTime = time
  }

  /** What is set aside of a currency for isolated positions. */
  margin(currency: string): Decimal {
    let sum: Decimal = zero
    for (const { listing, margin } of this.#positions.values()) if (listing.quote === currency) sum = sum.plus(margin)
    return sum
  }

  find(instId: string, mode: MarginMode): OkxPosition | undefined {
    return this.#positions.get(keyOf(instId, mode))
  }

  /** Those that were closed included. */
  all(): Iterable<OkxPosition> {
    return this.#positions.values()
  }

  /** Positions of which something is held. */
  open(): readonly OkxPosition[] {
    return [...this.#positions.values()].filter(({ units }) => !units.eq(zero))
  }

  #of({ listing, mode }: PositionOf, time: EpochMs): OkxPosition {
    const known = this.find(listing.instId, mode)
    if (known !== undefined) return known
    const position: OkxPosition = {
      posId: this.#ids.next(),
      listing,
      mode,
      units: zero,
      averagePrice: zero,
      cost: zero,
      pnl: zero,
      fee: zero,
      fundingFee: zero,
      margin: zero,
      tradeId: '',
      cTime: time,
      uTime: time,
    }
    this.#positions.set(keyOf(listing.instId, mode), position)
    return position
  }

  #reopen(position: OkxPosition, time: EpochMs): void {
    position.pnl = zero
    position.fee = zero
    position.fundingFee = zero
    position.cTime = time
  }
}

const keyOf = (instId: string, mode: MarginMode): string => `${instId} ${mode}`

/** Rounded as the matching engine rounds, which pays it out: not by the average that is shown. */
function closingPnl({ units: held, cost, listing }: OkxPosition, units: Decimal, price: Decimal): Decimal {
  if (held.eq(zero) || held.isNegative() === units.isNegative()) return zero
  const isWhole = units.abs().gte(held.abs())
  const closed = isWhole ? held : units.neg()
  const share = isWhole ? cost : divide(cost.times(closed), held, sharePlaces, 'half-even')
  return closed.times(listing.unit).times(price).minus(share)
}
