import type { Instrument } from '@tradeswarm/trading'
import { type InstrumentTerms, instrumentOf } from './instruments.js'
import type { AlpacaAsset } from './parse-account.js'

/** What the venue lists, by symbol and by its own id. */
export class AssetBook {
  readonly #bySymbol = new Map<string, { readonly asset: AlpacaAsset; readonly instrument: Instrument }>()
  readonly #assetById = new Map<string, string>()
  /** Without what parts them: `BTCUSD`. */
  readonly #pairs = new Set<string>()

  take(assets: readonly AlpacaAsset[], terms: InstrumentTerms): void {
    for (const asset of assets) {
      const instrument = instrumentOf(asset, terms)
      this.#assetById.set(asset.id, instrument.asset)
      if (asset.isCrypto) this.#pairs.add(asset.symbol.replace('-', ''))
      if (asset.tradable) this.#bySymbol.set(asset.symbol, { asset, instrument })
    }
  }

  asset(symbol: string): AlpacaAsset | undefined {
    return this.#bySymbol.get(symbol)?.asset
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#bySymbol.get(symbol)?.instrument
  }

  /** Whether a symbol, as positions and activities write it, is of crypto. */
  isPair(symbol: string): boolean {
    return this.#pairs.has(symbol) || symbol.includes('/')
  }

  /** What a position in an asset is counted in. */
  assetOf(assetId: string): string | undefined {
    return this.#assetById.get(assetId)
  }
}
