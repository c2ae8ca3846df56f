import { type Decimal, decimal, type Instrument } from '@tradeswarm/trading'
import type { FakeOkxInstrument } from './fake-okx-options.js'
import { engineSymbol, type MarginMode } from './margin-mode.js'

/** A listed instrument, with what was left out, parsed. */
export type OkxListing = {
  readonly instId: string
  readonly instIdCode: number
  readonly instType: 'SPOT' | 'SWAP'
  readonly base: string
  readonly quote: string
  readonly tick: Decimal
  readonly lot: Decimal
  readonly minimum: Decimal
  readonly maximumLimit: Decimal
  readonly maximumMarket: Decimal
  /** What a limit order may be worth, in the quote currency. */
  readonly maximumWorth: Decimal
  /** How much of the base coin one unit of quantity stands for; 1 for spot. */
  readonly unit: Decimal
  state: 'live' | 'suspend' | 'preopen'
  readonly maximumLever: string
  readonly fields: FakeOkxInstrument
}

/** When what does not say so was listed. */
export const defaultListTime = '1611916828000'

/** What is listed, by its id and by its code. */
export class OkxInstruments {
  readonly all: readonly OkxListing[]
  readonly #byId = new Map<string, OkxListing>()
  readonly #byCode = new Map<number, OkxListing>()

  constructor(instruments: readonly FakeOkxInstrument[]) {
    this.all = instruments.map((one, index) => listed(one, 10_001 + index))
    for (const one of this.all) {
      this.#byId.set(one.instId, one)
      this.#byCode.set(one.instIdCode, one)
    }
  }

  find(instId: unknown): OkxListing | undefined {
    return typeof instId === 'string' ? this.#byId.get(instId) : undefined
  }

  /** By `instIdCode` where it is given, else by `instId`, as order operations over a socket name it. */
  named(body: Readonly<Record<string, unknown>>): OkxListing | undefined {
    const code = body['instIdCode']
    if (code === undefined || code === '') return this.find(body['instId'])
    return this.#byCode.get(Number(code))
  }
}

function listed(fields: FakeOkxInstrument, instIdCode: number): OkxListing {
  const { instId } = fields
  const isSwap = instId.endsWith('-SWAP')
  const [base = instId, quote = 'USDT'] = instId.split('-')
  return {
    instId,
    instIdCode,
    instType: isSwap ? 'SWAP' : 'SPOT',
    base,
    quote,
    tick: decimal(fields.tickSz, 'tickSz'),
    lot: decimal(fields.lotSz, 'lotSz'),
    minimum: decimal(fields.minSz, 'minSz'),
    maximumLimit: decimal(fields.maxLmtSz ?? (isSwap ? '100000000' : '9999999999'), 'maxLmtSz'),
    maximumMarket: decimal(fields.maxMktSz ?? (isSwap ? '30000' : '1000000'), 'maxMktSz'),
    maximumWorth: decimal(fields.maxLmtAmt ?? '20000000', 'maxLmtAmt'),
    unit: decimal(isSwap ? (fields.ctVal ?? '1') : '1', 'ctVal'),
    state: fields.state ?? 'live',
    maximumLever: isSwap ? (fields.lever ?? '100') : '',
    fields,
  }
}

/** How the matching engine lists it, for orders in a margin mode. */
export function engineInstrument(
  { instId, instType, base, quote, fields }: OkxListing,
  mode: MarginMode = 'cross',
): Instrument {
  const isSwap = instType === 'SWAP'
  const symbol = engineSymbol(instId, mode)
  return {
    symbol,
    kind: isSwap ? 'perpetual' : 'crypto-spot',
    asset: isSwap ? symbol : base,
    currency: quote,
    tickSize: fields.tickSz,
    lotSize: fields.lotSz,
    minimumNotional: '0',
    calendar: 'always-open',
    ...(isSwap ? { multiplier: fields.ctVal ?? '1' } : {}),
  }
}

/** The instrument as `public/instruments` tells it. */
export function instrumentJson(listing: OkxListing): Record<string, unknown> {
  const { instId, instType, base, quote, fields } = listing
  const isSwap = instType === 'SWAP'
  const largest = fields.maxLmtSz ?? (isSwap ? '100000000' : '9999999999')
  const largestMarket = fields.maxMktSz ?? (isSwap ? '30000' : '1000000')
  return {
    alias: '',
    auctionEndTime: '',
    baseCcy: isSwap ? '' : base,
    category: '1',
    contTdSwTime: '1704876947000',
    ctMult: isSwap ? '1' : '',
    ctType: isSwap ? 'linear' : '',
    ctVal: isSwap ? (fields.ctVal ?? '1') : '',
    ctValCcy: isSwap ? base : '',
    elp: '0',
    expTime: '',
    futureSettlement: false,
    groupId: '1',
    instCategory: '1',
    instFamily: isSwap ? `${base}-${quote}` : '',
    instId,
    instIdCode: listing.instIdCode,
    instType,
    lever: listing.maximumLever,
    listTime: fields.listTime ?? defaultListTime,
    lotSz: fields.lotSz,
    maxIcebergSz: `${largest}.0000000000000000`,
    maxLmtAmt: fields.maxLmtAmt ?? '20000000',
    maxLmtSz: largest,
    maxMktAmt: isSwap ? '' : '1000000',
    maxMktSz: largestMarket,
    maxPlatOILmt: '',
    maxStopSz: largestMarket,
    maxTriggerSz: `${largest}.0000000000000000`,
    maxTwapSz: `${largest}.0000000000000000`,
    minSz: fields.minSz,
    openType: '',
    optType: '',
    posLmtAmt: '',
    posLmtPct: '',
    preMktSwTime: '',
    quoteCcy: isSwap ? '' : quote,
    ruleType: 'normal',
    settleCcy: isSwap ? quote : '',
    state: listing.state,
    stk: '',
    tickSz: fields.tickSz,
    tradeQuoteCcyList: isSwap ? [] : [quote],
    uly: isSwap ? `${base}-${quote}` : '',
    upcChg: [],
  }
}
