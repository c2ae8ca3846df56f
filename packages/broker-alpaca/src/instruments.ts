import { type Decimal, decimalText, type Instrument, type OrderType } from '@tradeswarm/trading'
import type { AlpacaAsset } from './parse-account.js'

/** The least that Alpaca lets one buy of fractions and of crypto for dollars, and the most of crypto in one order. */
const fractionMinimum = '1'
const cryptoMinimum = '10'
const cryptoMaximum = '200000'
/** Alpaca counts units to so many decimals. */
const finestStep = '0.000000001'

/** Trailing stops are for whole shares, and so are groups of orders; of crypto there are neither. */
const ofCrypto: readonly OrderType[] = ['market', 'limit', 'stop', 'stop-limit']
/** A position that may be a fraction has no target and stop in one. */
const ofFractions: readonly OrderType[] = [...ofCrypto, 'trailing-stop']

/** Alpaca carries out stops that buy shares as stop-limits: 4 % beyond their level below 50 dollars, and this from there on. */
const buyStopOffset = '0.025'

/** What an account orders that bears on its instruments. */
export type InstrumentTerms = {
  readonly fractionalShares: boolean
  /** Whether it may sell short: whole shares, and so nothing that is ordered in fractions. */
  readonly shorts: boolean
  /** How far beyond its level the limit lies of what a stop of crypto is sent as. */
  readonly cryptoStopFraction: Decimal
}

/** An asset as an instrument. Prices of shares are on a grid of cents; below a dollar Alpaca would take four decimals. */
export function instrumentOf(
  asset: AlpacaAsset,
  { fractionalShares, shorts, cryptoStopFraction }: InstrumentTerms,
): Instrument {
  if (asset.isCrypto) {
    const [base = asset.symbol, quote = 'USD'] = asset.symbol.split('-')
    const offset = decimalText(cryptoStopFraction)
    return {
      symbol: asset.symbol,
      kind: 'crypto-spot',
      asset: base,
      currency: quote,
      tickSize: asset.priceStep ?? finestStep,
      lotSize: asset.quantityStep ?? finestStep,
      minimumNotional: quote.startsWith('USD') ? cryptoMinimum : '0',
      ...(asset.minimumQuantity === undefined ? {} : { minimumQuantity: asset.minimumQuantity }),
      ...(quote.startsWith('USD') ? { maximumNotional: cryptoMaximum } : {}),
      shortable: false,
      orderTypes: ofCrypto,
      stopLimitOffset: { buy: offset, sell: offset },
      calendar: 'always-open',
    }
  }
  const inFractions = fractionalShares && asset.fractionable
  return {
    symbol: asset.symbol,
    kind: 'equity',
    asset: asset.symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: inFractions ? finestStep : '1',
    minimumNotional: inFractions ? fractionMinimum : '0',
    shortable: asset.shortable && shorts && !inFractions,
    ...(inFractions ? { orderTypes: ofFractions } : {}),
    stopLimitOffset: { buy: buyStopOffset },
    calendar: 'us-equity',
  }
}
