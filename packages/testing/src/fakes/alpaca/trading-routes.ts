import type { FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import type { AccountView } from './account-view.js'
import { assetJson, type FakeAssets } from './fake-assets.js'
import { orderJson } from './fake-order.js'
import type { FakeOrderDesk } from './fake-order-desk.js'
import { type FakeRefusal, isRefusal, malformed, orderNotFound, refuse } from './fake-refusal.js'
import type { FakeVenue } from './fake-venue.js'
import { listOrders, readActivityQuery } from './list-orders.js'
import { calendarJson, type VenueHours } from './venue-hours.js'

export type TradingParts = {
  readonly venue: FakeVenue
  readonly desk: FakeOrderDesk
  readonly account: AccountView
  readonly assets: FakeAssets
  readonly hours: VenueHours
  /** The venue's clock, skewed as it may be. */
  readonly shownNow: () => number
}

const ok = (json: unknown): FakeAnswer => ({ status: 200, json })
const answer = (result: Record<string, unknown> | FakeRefusal): FakeAnswer =>
  isRefusal(result) ? { status: result.status, json: result.body } : ok(result)

/** Answers requests of the trading API; undefined for what is no part of it. */
export async function answerTrading(request: FakeRequest, parts: TradingParts): Promise<FakeAnswer | undefined> {
  const { method, path } = request
  if (path === '/v2/orders' || path.startsWith('/v2/orders/') || path.startsWith('/v2/orders:'))
    return answerOrders(request, parts)
  if (path === '/v2/positions' || path.startsWith('/v2/positions/')) return answerPositions(request, parts)
  if (method !== 'GET') return undefined
  const { query } = request
  if (path === '/v2/account') return ok(parts.account.json())
  if (path === '/v2/clock') return ok(parts.hours.clockJson(parts.shownNow()))
  if (path === '/v2/calendar')
    return ok(calendarJson(query.get('start') ?? '1998-01-01', query.get('end') ?? '2029-12-31'))
  if (path === '/v2/account/activities' || path.startsWith('/v2/account/activities/'))
    return ok(parts.venue.ledger.page(readActivityQuery(path, query)))
  if (path === '/v2/assets') {
    const wanted = query.get('asset_class') ?? 'us_equity'
    return ok(parts.assets.all.filter((asset) => asset.class === wanted).map(assetJson))
  }
  if (!path.startsWith('/v2/assets/')) return undefined
  const name = decodeURIComponent(path.slice('/v2/assets/'.length))
  const asset = parts.assets.find(name)
  return asset === undefined ? answer(refuse(404, 40410000, `asset not found for ${name}`)) : ok(assetJson(asset))
}

async function answerOrders(request: FakeRequest, { venue, desk }: TradingParts): Promise<FakeAnswer | undefined> {
  const { method, path, query, body } = request
  if (path === '/v2/orders:by_client_order_id') {
    const id = query.get('client_order_id') ?? ''
    const order = venue.byClientId.get(id)
    return order === undefined ? answer(orderNotFound(id)) : ok(orderJson(order))
  }
  if (path === '/v2/orders') {
    if (method === 'GET') {
      const listed = listOrders(venue.orders.values(), query)
      return isRefusal(listed) ? answer(listed) : ok(listed)
    }
    if (method === 'POST') return answer(await desk.submit(body))
    return method === 'DELETE' ? { status: 207, json: await desk.cancelAll() } : undefined
  }
  const id = decodeURIComponent(path.slice('/v2/orders/'.length))
  const order = venue.orders.get(id)
  if (method === 'PATCH') return answer(await desk.replace(id, body))
  if (method === 'DELETE') {
    const refused = await desk.cancel(id)
    return refused === undefined ? { status: 204 } : answer(refused)
  }
  if (order === undefined) return answer(orderNotFound(id))
  return ok(orderJson(order, query.get('nested') === 'true'))
}

async function answerPositions(request: FakeRequest, parts: TradingParts): Promise<FakeAnswer | undefined> {
  const { method, path, query } = request
  const { account, venue, desk } = parts
  const close = async (symbol: string, wanted?: string): Promise<FakeAnswer> => {
    const position = account.position(symbol)
    const asset = venue.assets.find(symbol)
    if (position === undefined || asset === undefined) return answer(refuse(404, 40410000, 'position does not exist'))
    const timeInForce = asset.class === 'crypto' ? 'gtc' : 'day'
    const qty = String(wanted ?? position['qty']).replace('-', '')
    const body = {
      side: position['side'] === 'short' ? 'buy' : 'sell',
      type: 'market',
      time_in_force: timeInForce,
      qty,
    }
    return answer(await desk.submit({ ...body, symbol: asset.symbol }))
  }
  if (path === '/v2/positions') {
    if (method === 'GET') return ok(account.positions())
    if (method !== 'DELETE') return undefined
    if (query.get('cancel_orders') === 'true') await desk.clear()
    const closed: Record<string, unknown>[] = []
    for (const { symbol } of account.positions() as readonly { symbol: string }[]) {
      const { status, json } = await close(symbol)
      closed.push({ symbol, status, body: json })
    }
    return { status: 207, json: closed }
  }
  const symbol = decodeURIComponent(path.slice('/v2/positions/'.length))
  if (method === 'DELETE') {
    if (query.has('percentage')) return answer(malformed('percentage is not known to the fake; use qty'))
    return close(symbol, query.get('qty') ?? undefined)
  }
  const position = account.position(symbol)
  return position === undefined ? answer(refuse(404, 40410000, 'position does not exist')) : ok(position)
}
