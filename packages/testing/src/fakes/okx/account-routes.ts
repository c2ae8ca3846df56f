import type { EpochMs } from '@tradeswarm/core'
import { decimal, decimalText, divide, one, roundToStep, zero } from '@tradeswarm/trading'
import type { FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import { failed, failedBy, told } from './envelope.js'
import { marginModeOf } from './margin-mode.js'
import type { OkxAccountView } from './okx-account-view.js'
import type { OkxInstruments, OkxListing } from './okx-instruments.js'
import type { OkxMarket } from './okx-market.js'
import { emptyParameter, isRefusal, noInstrument, wrongParameter } from './okx-refusal.js'
import type { OkxVenue } from './okx-venue.js'
import { pageLines } from './page-lines.js'
import { amountOf, textOf } from './read-fields.js'

export type AccountRouteParts = {
  readonly account: OkxAccountView
  readonly venue: OkxVenue
  readonly instruments: OkxInstruments
  readonly market: OkxMarket
  readonly makerBasisPoints: string
  readonly takerBasisPoints: string
  readonly onChange: () => void
  readonly now: () => EpochMs
}

type Answer = (request: FakeRequest, parts: AccountRouteParts) => FakeAnswer

const weekMs = 7 * 86_400_000

const answers: Readonly<Record<string, Answer>> = {
  'GET account/config': (_request, { account }) => told([account.config()]),
  'GET account/balance': ({ query }, { account }) => {
    const named = query.get('ccy')?.split(',')
    return told([account.balance(account.details(named))])
  },
  'GET asset/balances': () => told([]),
  'GET account/positions': ({ query }, { account }) => {
    const [instType, instId, posId] = [query.get('instType'), query.get('instId'), query.get('posId')]
    const isWanted = (row: Readonly<Record<string, unknown>>): boolean =>
      (instType === null || row['instType'] === instType) &&
      (instId === null || instId.split(',').includes(String(row['instId']))) &&
      (posId === null || posId.split(',').includes(String(row['posId'])))
    return told(account.positions().filter(isWanted))
  },
  'GET account/bills': (request, parts) => bills(request, parts, weekMs),
  'GET account/bills-archive': (request, parts) => bills(request, parts, 13 * weekMs),
  'GET account/trade-fee': tradeFee,
  'GET account/leverage-info': leverageInfo,
  'POST account/set-leverage': setLeverage,
  'POST account/set-position-mode': setPositionMode,
  'GET account/max-size': maximumSize,
  'GET account/max-avail-size': availableSize,
}

/** Answers requests about the account; undefined for a path that is none. */
export function answerAccount(request: FakeRequest, parts: AccountRouteParts): FakeAnswer | undefined {
  const name = `${request.method} ${request.path.replace('/api/v5/', '')}`
  return answers[name]?.(request, parts)
}

function bills({ query }: FakeRequest, { venue, now }: AccountRouteParts, reachMs: number): FakeAnswer {
  const wanted = ['instType', 'instId', 'ccy', 'mgnMode', 'type', 'subType'].flatMap((field) => {
    const value = query.get(field)
    return value === null ? [] : [[field, value] as const]
  })
  const lines = venue.ledger.bills.filter(
    ({ time, json }) => now() - time < reachMs && wanted.every(([field, value]) => json[field] === value),
  )
  return pageLines(lines, query)
}

function tradeFee({ query }: FakeRequest, parts: AccountRouteParts): FakeAnswer {
  const instType = query.get('instType')
  if (instType === null) return failedBy(emptyParameter('instType'))
  const rate = (points: string): string => decimalText(zero.minus(decimal(points).times(decimal('0.0001'))))
  const [maker, taker] = [rate(parts.makerBasisPoints), rate(parts.takerBasisPoints)]
  const isSwap = instType === 'SWAP'
  return told([
    {
      category: '1',
      delivery: '',
      exercise: '',
      feeGroup: [{ groupId: '1', maker, taker }],
      fiat: [],
      instType,
      level: 'Lv1',
      maker,
      makerU: isSwap ? maker : '',
      makerUSDC: '',
      ruleType: 'normal',
      taker,
      takerU: isSwap ? taker : '',
      takerUSDC: '',
      ts: String(parts.now()),
      uly: '',
    },
  ])
}

function leverageInfo({ query }: FakeRequest, { account, instruments }: AccountRouteParts): FakeAnswer {
  const mgnMode = query.get('mgnMode')
  if (mgnMode === null) return failedBy(emptyParameter('mgnMode'))
  if (mgnMode !== 'cross' && mgnMode !== 'isolated') return failedBy(wrongParameter('mgnMode'))
  const rows = (query.get('instId') ?? '').split(',').map((instId) => instruments.find(instId))
  if (rows.some((row) => row === undefined)) return failedBy(noInstrument())
  return told(
    (rows as readonly OkxListing[]).map(({ instId }) => leverageRow(instId, mgnMode, account.leverOf(instId, mgnMode))),
  )
}

const leverageRow = (instId: string, mgnMode: string, lever: string): object => ({
  ccy: '',
  instId,
  lever,
  mgnMode,
  posSide: 'net',
})

/** Of isolated positions it counts at once, for one that is held too; of cross ones it is told alone. */
function setLeverage({ body }: FakeRequest, { account, venue, instruments, onChange }: AccountRouteParts): FakeAnswer {
  const [lever, mgnMode, instId] = [amountOf(body, 'lever'), textOf(body, 'mgnMode'), textOf(body, 'instId')]
  if (lever === undefined) return failedBy(emptyParameter('lever'))
  if (isRefusal(lever)) return failedBy(lever)
  if (mgnMode !== 'cross' && mgnMode !== 'isolated') return failedBy(wrongParameter('mgnMode'))
  const listing = instruments.find(instId)
  if (listing === undefined) return failedBy(instId === '' ? emptyParameter('instId') : noInstrument())
  if (listing.instType === 'SPOT') return failed('51010', 'Request unsupported under current account mode')
  if (lever.gt(decimal(listing.maximumLever)))
    return failed('59102', 'Leverage exceeds the maximum limit. Please lower the leverage.')
  if (lever.lt(one)) return failed('59105', "Leverage can't be less than 1. Please increase the leverage.")
  if (mgnMode === 'isolated') {
    const isPending = venue.open().some(({ terms }) => terms.listing === listing && terms.tdMode === mgnMode)
    if (isPending)
      return failed(
        '59101',
        "Leverage can't be modified. Please cancel all pending isolated margin orders before adjusting the leverage.",
      )
    if (!venue.swaps.isolate({ listing }, decimalText(lever), venue.now()))
      return failed(
        '59103',
        'Leverage is too low and no sufficient margin in your account. Please increase the leverage.',
      )
  }
  account.setLever(instId, mgnMode, decimalText(lever))
  onChange()
  return told([{ instId, lever: decimalText(lever), mgnMode, posSide: 'net' }])
}

function setPositionMode({ body }: FakeRequest, { account, venue }: AccountRouteParts): FakeAnswer {
  const posMode = textOf(body, 'posMode')
  if (posMode !== 'net_mode' && posMode !== 'long_short_mode') return failedBy(wrongParameter('posMode'))
  const isBusy =
    venue.positions.open().length > 0 || venue.open().some(({ terms }) => terms.listing.instType === 'SWAP')
  if (isBusy && posMode !== account.positionMode)
    return failed('59000', 'Settings failed. Close any open positions or orders before modifying settings.')
  account.positionMode = posMode
  return told([{ posMode }])
}

/** What could be bought and sold at the last price, or that of the request. */
function maximumSize({ query }: FakeRequest, { venue, instruments, market, account }: AccountRouteParts): FakeAnswer {
  const listing = instruments.find(query.get('instId'))
  if (listing === undefined) return failedBy(noInstrument())
  const price = amountOf({ px: query.get('px') ?? market.lastPrice(listing.instId) }, 'px')
  if (price === undefined || isRefusal(price)) return failedBy(wrongParameter('px'))
  const { instId, instType, base, quote, lot } = listing
  const cash = decimal(venue.balance(quote).free)
  const perUnit = price.times(listing.unit)
  const spendable =
    instType === 'SWAP' ? cash.times(decimal(account.leverOf(instId, marginModeOf(query.get('tdMode'))))) : cash
  const maxBuy = roundToStep(divide(spendable, perUnit, 12, 'down'), lot, 'down')
  const maxSell = instType === 'SWAP' ? maxBuy : roundToStep(decimal(venue.balance(base).free), lot, 'down')
  return told([
    { ccy: instType === 'SWAP' ? quote : base, instId, maxBuy: decimalText(maxBuy), maxSell: decimalText(maxSell) },
  ])
}

function availableSize({ query }: FakeRequest, { venue, instruments }: AccountRouteParts): FakeAnswer {
  const listing = instruments.find(query.get('instId'))
  if (listing === undefined) return failedBy(noInstrument())
  const { instId, instType, base, quote } = listing
  const availSell = instType === 'SWAP' ? venue.balance(quote).free : venue.balance(base).free
  return told([{ instId, availBuy: venue.balance(quote).free, availSell }])
}
