import type { EpochMs } from '@tradeswarm/core'
import { decimalText, zero } from '@tradeswarm/trading'
import type { FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import { plainText } from '../shared/json-text.js'
import type { CancelAllAfter } from './cancel-all-after.js'
import { failed, failedBy, type OkxItem, told, verdict } from './envelope.js'
import { marginModeOf } from './margin-mode.js'
import type { OkxInstruments } from './okx-instruments.js'
import { isOpen, type OkxOrder, orderJson } from './okx-order.js'
import type { OkxOrderDesk } from './okx-order-desk.js'
import { emptyParameter, noInstrument, noOrder, refuse, wrongParameter } from './okx-refusal.js'
import type { OkxVenue } from './okx-venue.js'
import { pageLines } from './page-lines.js'
import { textOf } from './read-fields.js'
import type { Body } from './read-order.js'
import { bodiesOf } from './request-items.js'

export type TradeRouteParts = {
  readonly venue: OkxVenue
  readonly desk: OkxOrderDesk
  readonly instruments: OkxInstruments
  readonly deadMan: CancelAllAfter
  readonly now: () => EpochMs
  readonly shownNow: () => EpochMs
}

const mostItems = 20
const dayMs = 86_400_000

/** What a write does with one item, and how many of them may come in one request. */
export type TradeWrite = {
  readonly act: (desk: OkxOrderDesk, body: Body) => Promise<OkxItem>
  readonly isBatch: boolean
  /** Whether a deadline may be set on it. */
  readonly expires: boolean
}

const place: TradeWrite['act'] = (desk, body) => desk.place(body)
const cancel: TradeWrite['act'] = (desk, body) => desk.cancel(body)
const amend: TradeWrite['act'] = (desk, body) => desk.amend(body)

/** The writes of orders by the path of REST, which sockets share. */
export const tradeWrites: Readonly<Record<string, TradeWrite>> = {
  'trade/order': { act: place, isBatch: false, expires: true },
  'trade/batch-orders': { act: place, isBatch: true, expires: true },
  'trade/cancel-order': { act: cancel, isBatch: false, expires: false },
  'trade/cancel-batch-orders': { act: cancel, isBatch: true, expires: false },
  'trade/amend-order': { act: amend, isBatch: false, expires: true },
  'trade/amend-batch-orders': { act: amend, isBatch: true, expires: true },
}

/** Carries a write out; answers its items, or the request's refusal. */
export async function carryOut(
  write: TradeWrite,
  bodies: readonly Body[],
  expTime: string,
  { desk, shownNow }: Pick<TradeRouteParts, 'desk' | 'shownNow'>,
): Promise<readonly OkxItem[] | FakeAnswer> {
  if (bodies.length > mostItems) return failed('50025', `Parameter args count exceeds the limit ${mostItems}.`)
  if (write.expires && expTime !== '') {
    if (!/^\d+$/.test(expTime)) return failedBy(wrongParameter('expTime'))
    if (Number(expTime) < shownNow())
      return failed(
        '50036',
        "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
      )
  }
  const items: OkxItem[] = []
  const used = new Set<string>()
  for (const body of bodies) {
    const clOrdId = textOf(body, 'clOrdId')
    // Once in a batch, even where the first has ended meanwhile.
    const isRepeated = write.act === place && clOrdId !== '' && used.has(clOrdId)
    used.add(clOrdId)
    items.push(isRepeated ? desk.refuseRepeated(body) : await write.act(desk, body))
  }
  const [only] = items
  // A single order with a parameter missing is refused as a request.
  if (!write.isBatch && only?.sCode === '50014') return failed('50014', only.sMsg)
  return items
}

/** Answers requests of orders and fills; undefined for a path that is none. */
export async function answerTrade(
  request: FakeRequest,
  headers: Readonly<Record<string, unknown>>,
  parts: TradeRouteParts,
): Promise<FakeAnswer | undefined> {
  const { method, path } = request
  const name = path.replace('/api/v5/', '')
  const write = method === 'POST' ? tradeWrites[name] : undefined
  if (write !== undefined) {
    const inTime = parts.shownNow()
    const bodies = write.isBatch ? bodiesOf(request.body) : [request.body]
    const items = await carryOut(write, bodies, plainText(headers['exptime']), parts)
    if ('status' in items) return items as FakeAnswer
    return { status: 200, json: timed(verdict(items as readonly OkxItem[]), items, inTime, parts.shownNow()) }
  }
  if (method === 'POST') {
    if (name === 'trade/close-position') return closePosition(request.body, parts)
    if (name === 'trade/cancel-all-after') return parts.deadMan.set(request.body)
    return undefined
  }
  return reads[name]?.(request.query, parts)
}

/** The envelope of a write, with the gateway's clock in microseconds. */
export function timed(envelope: object, data: unknown, inTime: EpochMs, outTime: EpochMs): object {
  return { ...envelope, data, inTime: `${inTime}339`, outTime: `${outTime}${inTime === outTime ? '940' : '240'}` }
}

const reads: Readonly<Record<string, (query: URLSearchParams, parts: TradeRouteParts) => FakeAnswer>> = {
  'trade/order': oneOrder,
  'trade/orders-pending': (query, { venue }) => orders(venue.open(), query),
  'trade/orders-history': (query, parts) => history(query, parts, 7 * dayMs),
  'trade/orders-history-archive': (query, parts) => history(query, parts, 90 * dayMs),
  'trade/fills': (query, parts) => fills(query, parts, 3 * dayMs),
  'trade/fills-history': (query, parts) =>
    query.get('instType') === null ? failedBy(emptyParameter('instType')) : fills(query, parts, 90 * dayMs),
  'trade/account-rate-limit': (_query, { now }) =>
    told([{ accRateLimit: '1000', fillRatio: '', mainFillRatio: '', nextAccRateLimit: '', ts: String(now()) }]),
}

function oneOrder(query: URLSearchParams, { venue, instruments }: TradeRouteParts): FakeAnswer {
  const [instId, ordId, clOrdId] = [query.get('instId'), query.get('ordId') ?? '', query.get('clOrdId') ?? '']
  if (instId === null) return failedBy(emptyParameter('instId'))
  if (instruments.find(instId) === undefined) return failedBy(noInstrument())
  if (ordId === '' && clOrdId === '')
    return failedBy(refuse('51003', 'Either client order ID or order ID is required.'))
  const order = venue.find(instId, ordId, clOrdId)
  return order === undefined ? failedBy(noOrder()) : told([orderJson(order)])
}

function history(query: URLSearchParams, { venue, now }: TradeRouteParts, reachMs: number): FakeAnswer {
  if (query.get('instType') === null) return failedBy(emptyParameter('instType'))
  const isArchive = reachMs > 7 * dayMs
  const done = [...venue.orders.values()].filter(
    (order) =>
      !isOpen(order) &&
      venue.isKnown(order) &&
      now() - order.uTime < reachMs &&
      !(isArchive && order.state === 'canceled' && order.filled.eq(zero)),
  )
  return orders(done, query)
}

function orders(found: readonly OkxOrder[], query: URLSearchParams): FakeAnswer {
  const wanted = filterOf(query, ['instType', 'instId', 'ordType', 'state'])
  const lines = found
    .map((order) => ({ id: order.ordId, time: order.cTime, json: orderJson(order) }))
    .filter(({ json }) => wanted.every(([field, values]) => values.includes(String(json[field]))))
  return pageLines(lines, query)
}

function fills(query: URLSearchParams, { venue, now }: TradeRouteParts, reachMs: number): FakeAnswer {
  const wanted = filterOf(query, ['instType', 'instId', 'ordId', 'subType'])
  const lines = venue.ledger.fills.filter(
    ({ time, json }) => now() - time < reachMs && wanted.every(([field, values]) => values.includes(json[field] ?? '')),
  )
  return pageLines(lines, query)
}

function filterOf(
  query: URLSearchParams,
  fields: readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  return fields.flatMap((field) => {
    const value = query.get(field)
    return value === null || value === '' ? [] : [[field, value.split(',')] as const]
  })
}

/** A market order for all that is held in a margin mode. */
async function closePosition(body: Body, { venue, desk, instruments }: TradeRouteParts): Promise<FakeAnswer> {
  const listing = instruments.find(textOf(body, 'instId'))
  if (listing === undefined) return failedBy(noInstrument())
  const mgnMode = textOf(body, 'mgnMode')
  if (mgnMode === '') return failedBy(emptyParameter('mgnMode'))
  if (mgnMode !== 'cross' && mgnMode !== 'isolated') return failedBy(wrongParameter('mgnMode'))
  const units = venue.positions.units(listing.instId, mgnMode)
  if (units.eq(zero)) return failed('51023', "Position doesn't exist.")
  const side = units.gt(zero) ? 'sell' : 'buy'
  const closing = venue
    .open()
    .filter(({ terms: one }) => one.listing === listing && one.side === side && marginModeOf(one.tdMode) === mgnMode)
  if (closing.length > 0 && String(body['autoCxl']) !== 'true')
    return failed('51126', 'Cancel the pending orders for closing out before closing the position.')
  for (const order of closing) await venue.cancel(order, '1')
  const [clOrdId, tag] = [textOf(body, 'clOrdId'), textOf(body, 'tag')]
  const sz = decimalText(units.abs())
  const order = { instId: listing.instId, tdMode: mgnMode, side, ordType: 'market', sz, reduceOnly: true, clOrdId, tag }
  const { sCode, sMsg } = await desk.place(order)
  return sCode === '0' ? told([{ clOrdId, instId: listing.instId, posSide: 'net', tag }]) : failed(sCode, sMsg)
}
