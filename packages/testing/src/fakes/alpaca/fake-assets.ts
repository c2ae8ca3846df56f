import type { Random } from '@tradeswarm/core'
import type { Instrument } from '@tradeswarm/trading'
import type { FakeAlpacaAsset } from './fake-alpaca-options.js'
import { fakeUuid } from './fake-uuid.js'

/** A listed asset, with what it leaves out. */
export type ListedAsset = Required<Omit<FakeAlpacaAsset, 'class' | 'name'>> & {
  readonly id: string
  readonly class: 'us_equity' | 'crypto'
  readonly name: string
  /** What a position in it is called: without the slash. */
  readonly positionSymbol: string
}

/** What is listed, by symbol, by symbol without slash and by id. */
export class FakeAssets {
  readonly all: readonly ListedAsset[]
  readonly #byName = new Map<string, ListedAsset>()

  constructor(assets: readonly FakeAlpacaAsset[], random: Random) {
    this.all = assets.map((asset) => listed(asset, fakeUuid(random)))
    for (const asset of this.all)
      for (const name of [asset.symbol, asset.positionSymbol, asset.id]) this.#byName.set(name, asset)
  }

  find(name: string): ListedAsset | undefined {
    return this.#byName.get(name)
  }
}

function listed(asset: FakeAlpacaAsset, id: string): ListedAsset {
  const isCrypto = (asset.class ?? (asset.symbol.includes('/') ? 'crypto' : 'us_equity')) === 'crypto'
  const fractionable = asset.fractionable ?? true
  return {
    id,
    symbol: asset.symbol,
    positionSymbol: asset.symbol.replace('/', ''),
    class: isCrypto ? 'crypto' : 'us_equity',
    name: asset.name ?? asset.symbol,
    fractionable,
    tradable: asset.tradable ?? true,
    shortable: !isCrypto && (asset.shortable ?? true),
    minimumNotional: asset.minimumNotional ?? (isCrypto ? '10' : fractionable ? '1' : '0'),
    priceIncrement: asset.priceIncrement ?? (isCrypto ? '0.000000001' : '0.01'),
    tradeIncrement: asset.tradeIncrement ?? '0.000000001',
    minimumOrderSize: asset.minimumOrderSize ?? '0.000000001',
  }
}

/** The most that an order of crypto may be worth. */
const cryptoMaximum = '200000'

/** How the matching engine lists it. */
export function engineInstrument(asset: ListedAsset): Instrument {
  const isCrypto = asset.class === 'crypto'
  const [base = asset.symbol] = asset.symbol.split('/')
  return {
    symbol: asset.symbol,
    kind: isCrypto ? 'crypto-spot' : 'equity',
    asset: base,
    currency: 'USD',
    tickSize: asset.priceIncrement,
    lotSize: isCrypto ? asset.tradeIncrement : asset.fractionable ? '0.000000001' : '1',
    // Of crypto it binds buys alone, which the desk sees to.
    minimumNotional: isCrypto ? '0' : asset.minimumNotional,
    ...(isCrypto ? { maximumNotional: cryptoMaximum } : {}),
    shortable: asset.shortable,
    calendar: isCrypto ? 'always-open' : 'us-equity',
  }
}

/** The asset as `/v2/assets` tells it. */
export function assetJson(asset: ListedAsset): Record<string, unknown> {
  const isCrypto = asset.class === 'crypto'
  return {
    id: asset.id,
    class: asset.class,
    exchange: isCrypto ? 'CRYPTO' : 'NASDAQ',
    symbol: asset.symbol,
    name: asset.name,
    status: 'active',
    tradable: asset.tradable,
    marginable: !isCrypto,
    maintenance_margin_requirement: isCrypto ? 100 : 30,
    margin_requirement_long: isCrypto ? '100' : '30',
    margin_requirement_short: isCrypto ? '100' : '30',
    shortable: asset.shortable,
    easy_to_borrow: asset.shortable,
    // Said of shares only, as the venue does.
    ...(isCrypto ? {} : { borrow_status: asset.shortable ? 'easy_to_borrow' : 'hard_to_borrow' }),
    fractionable: asset.fractionable,
    cusip: null,
    attributes: [],
    ...(isCrypto
      ? {
          min_order_size: asset.minimumOrderSize,
          min_trade_increment: asset.tradeIncrement,
          price_increment: asset.priceIncrement,
        }
      : {}),
  }
}
