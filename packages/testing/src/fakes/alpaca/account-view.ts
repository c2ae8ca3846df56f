import type { PaperOperator } from '@tradeswarm/broker-paper'
import { type Decimal, decimal, decimalText, zero } from '@tradeswarm/trading'
import type { FakeVenue } from './fake-venue.js'
import type { MarketHistory } from './market-history.js'

type Json = Record<string, unknown>

/** The account and its positions, as the trading API tells them. */
export class AccountView {
  readonly #engine: PaperOperator
  readonly #venue: FakeVenue
  readonly #history: MarketHistory
  readonly #id: string

  constructor(engine: PaperOperator, venue: FakeVenue, history: MarketHistory) {
    this.#engine = engine
    this.#venue = venue
    this.#history = history
    this.#id = venue.newId()
  }

  /** What new orders may spend. */
  buyingPower(): string {
    return this.#cash('free')
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
    return this.#venue.positions.json(asset, this.#history.price(asset.symbol), this.#venue.available(asset))
  }

  json(): Json {
    const held = this.positions().map((position) => decimal(position['market_value'] as string))
    const long = held.reduce((sum: Decimal, worth) => sum.plus(worth), zero)
    const cash = this.#cash('total')
    const equity = decimalText(decimal(cash).plus(long))
    const longText = decimalText(long)
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
      long_market_value: longText,
      short_market_value: '0',
      position_market_value: longText,
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
      shorting_enabled: false,
      pattern_day_trader: false,
      daytrade_count: 0,
      options_approved_level: 0,
      options_trading_level: 0,
      user_configurations: null,
      admin_configurations: {},
    }
  }

  #cash(part: 'total' | 'free'): string {
    return this.#engine.holdings().find(({ asset }) => asset === 'USD')?.[part] ?? '0'
  }
}
