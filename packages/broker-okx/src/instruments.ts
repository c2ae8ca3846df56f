import {
  amountText,
  asPayload,
  optionalAmount,
  optionalEpochMs,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { decimal, decimalText, type Instrument, zero } from '@tradeswarm/trading'

/** What OKX lists, and whether it trades now. Units of a swap are contracts. */
export type OkxListing = {
  readonly instrument: Instrument
  readonly isSwap: boolean
  readonly isLive: boolean
  /** The instrument family that some questions are asked with: `BTC-USDT` of a swap. */
  readonly family: string
  /** What must be named as paid with, where the site asks for that. */
  readonly paidWith: string | undefined
  /**
   * What one order may be worth, in dollars, where it is not paid in dollars: OKX tells no bound in its own currency, and `instrument` has none.
   * Undefined where that holds the bound.
   */
  readonly mostDollars: string | undefined
  /** When it was first traded; 0 where that is not told. */
  readonly listedAt: EpochMs
}

const what = 'an instrument'

/** Reads one of `account/instruments` or `public/instruments`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseInstrument(value: unknown): OkxListing {
  const payload = asPayload(value, what)
  const symbol = text(payload, 'instId', what)
  const isSwap = text(payload, 'instType', what) === 'SWAP'
  // In units; of spot the most at the market and of a stop is an amount of dollars.
  const maximum = leastOf(payload, isSwap ? ['maxLmtSz', 'maxMktSz', 'maxStopSz'] : ['maxLmtSz'])
  const grid = {
    tickSize: plain(amountText(payload, 'tickSz', what)),
    lotSize: plain(amountText(payload, 'lotSz', what)),
    // OKX knows a least size, and no least worth.
    minimumNotional: '0',
    minimumQuantity: plain(amountText(payload, 'minSz', what)),
    ...(maximum === undefined ? {} : { maximumQuantity: maximum }),
    calendar: 'always-open',
  } as const
  const listedAt = optionalEpochMs(payload, 'listTime') ?? 0
  const isLive = text(payload, 'state', what) === 'live'
  const family = optionalText(payload, 'uly') ?? optionalText(payload, 'instFamily') ?? symbol
  if (!isSwap) {
    const asset = text(payload, 'baseCcy', what)
    const currency = text(payload, 'quoteCcy', what)
    const most = leastOf(payload, worths)
    const isInDollars = currency.startsWith('USD')
    const instrument: Instrument = {
      symbol,
      kind: 'crypto-spot',
      asset,
      currency,
      ...grid,
      ...(most === undefined || !isInDollars ? {} : { maximumNotional: most }),
      shortable: false,
    }
    const list: readonly unknown[] = Array.isArray(payload['tradeQuoteCcyList']) ? payload['tradeQuoteCcyList'] : []
    const paidWith = list.includes(currency) ? currency : undefined
    return { instrument, isSwap, isLive, family, listedAt, paidWith, mostDollars: isInDollars ? undefined : most }
  }
  const contractValue = decimal(amountText(payload, 'ctVal', what))
  const multiplier = contractValue.times(decimal(optionalAmount(payload, 'ctMult') ?? '1'))
  const instrument: Instrument = {
    symbol,
    kind: 'perpetual',
    asset: symbol,
    currency: text(payload, 'settleCcy', what),
    ...grid,
    multiplier: decimalText(multiplier),
    ...(payload['ctType'] === 'inverse' ? { contractType: 'inverse' } : {}),
  }
  return { instrument, isSwap, isLive, family, listedAt, paidWith: undefined, mostDollars: undefined }
}

/** The most that one spot order may be worth, at a limit, at the market and as a stop, in dollars. */
const worths = ['maxLmtAmt', 'maxMktAmt', 'maxMktSz', 'maxStopSz']

/**
 * The least of several bounds, of which some may not be told. An instrument has one bound for all types: what enters at a limit is to be left
 * at the market, by one order and behind one stop.
 */
function leastOf(payload: Payload, fields: readonly string[]): string | undefined {
  const told = fields.map((field) => optionalAmount(payload, field)).filter((amount) => amount !== undefined)
  const [first, ...others] = told.map((amount) => decimal(amount)).filter((amount) => amount.gt(zero))
  if (first === undefined) return undefined
  return decimalText(others.reduce((least, amount) => (amount.lt(least) ? amount : least), first))
}

/** Reads a list of instruments. One that does not trade yet may lack its grid: then it is left out. Throws `BROKER_BAD_PAYLOAD` for any other. */
export function parseInstruments(rows: readonly unknown[]): readonly OkxListing[] {
  return rows.flatMap((row) => {
    const { state, tickSz, lotSz, minSz, ctVal, instType } = asPayload(row, what)
    const grid = [tickSz, lotSz, minSz, ...(instType === 'SWAP' ? [ctVal] : [])]
    return state !== 'live' && grid.some((cell) => cell === '' || cell === undefined) ? [] : [parseInstrument(row)]
  })
}

function plain(amount: string): string {
  return decimalText(decimal(amount))
}
