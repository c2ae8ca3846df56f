import type { PaperOperator } from '@tradeswarm/broker-paper'
import { type Decimal, decimal, decimalText, zero } from '@tradeswarm/trading'
import type { ListedAsset } from './fake-assets.js'
import type { FakeVenue } from './fake-venue.js'
import type { MarketHistory } from './market-history.js'

type Json = Record<string, unknown>

const two = decimal('2')

/** The account and its positions, as the trading API tells them. */
export class AccountView {
  readonly #engine: PaperOperator
  readonly #venue: FakeVenue
  readonly #history: MarketHistory
  readonly #id: string

  /** Whether shares may be sold short. */
  readonly shorting: boolean

  constructor(engine: PaperOperator, venue: FakeVenue, history: MarketHistory, shorting: boolean) {
    this.shorting = shorting
    this.#engine = engine
    this.#venue = venue
    this.#history = history
    this.#id = venue.newId()
  }

  /** What new orders may spend. */
  buyingPower(): string {
    const { short } = this.#worth()
    // What was got for shares that are owed is not to be spent, nor as much again.
    const left = decimal(this.#cash('free')).plus(short.times(two))
    return decimalText(left.gt(zero) ? left : zero)
  }

  /** What it would all come to. */
  equity(): Decimal {
    const { long, short } = this.#worth()
    return decimal(this.#cash('total')).plus(long).plus(short)
  }

  /** Of shorts below 0. */
  #worth(): { readonly long: Decimal; readonly short: Decimal } {
    let [long, short]: [Decimal, Decimal] = [zero, zero]
    for (const position of this.positions()) {
      const worth = decimal(position['market_value'] as string)
      if (worth.lt(zero)) short = short.plus(worth)
      else long = long.plus(worth)
    }
    return { long, short }
  }

  positions(): readonly Json[] {
    return this.#venue.positions
      .held()
      .map((asset) => this.position(asset.symbol))
      .filter((position) => position !== undefined)
  }

  position(name: string): Json | undefined {
    const asset = this.#venue.assets.find(name)
    if (asset === undefined) return undefined
    return this.#venue.positions.json(asset, this.#history.price(asset.symbol), this.#availableOf(asset))
  }

  json(): Json {
    const { long, short } = this.#worth()
    const cash = this.#cash('total')
    const equity = decimalText(this.equity())
    const free = this.buyingPower()
    return {
      id: this.#id,
      account_number: 'PAFAKE000001',
      status: 'ACTIVE',
      crypto_status: 'ACTIVE',
      crypto_tier: 1,
      currency: 'USD',
      cash,
      portfolio_value: equity,
      equity,
      last_equity: equity,
      buying_power: free,
      effective_buying_power: free,
      regt_buying_power: free,
      non_marginable_buying_power: free,
      options_buying_power: free,
      daytrading_buying_power: '0',
      bod_dtbp: 0,
      multiplier: '1',
      initial_margin: '0',
      maintenance_margin: '0',
      last_maintenance_margin: '0',
      long_market_value: decimalText(long),
      short_market_value: decimalText(short),
      position_market_value: decimalText(long.plus(short.abs())),
      sma: '0',
      accrued_fees: '0',
      pending_reg_taf_fees: '0',
      pending_transfer_in: '0',
      pending_transfer_out: '0',
      intraday_adjustments: '0',
      balance_asof: '2026-01-02',
      created_at: '2026-01-02T00:00:00Z',
      trading_blocked: false,
      transfers_blocked: false,
      account_blocked: false,
      trade_suspended_by_user: false,
      shorting_enabled: this.shorting,
      pattern_day_trader: false,
      daytrade_count: 0,
      options_approved_level: 0,
      options_trading_level: 0,
      user_configurations: null,
      admin_configurations: {},
    }
  }

  /** Signed as the position is. */
  #availableOf(asset: ListedAsset): Decimal {
    const left = this.#venue.available(asset)
    return this.#venue.positions.quantity(asset).lt(zero) ? left.neg() : left
  }

  #cash(part: 'total' | 'free'): string {
    return this.#engine.holdings().find(({ asset }) => asset === 'USD')?.[part] ?? '0'
  }
}
