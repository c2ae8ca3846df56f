import { asList, asPayload, readFailure, refusalIn, text } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '@tradeswarm/trading'
import { alpacaErrors } from './alpaca-error.js'
import type { AmendmentWire, OrderWire } from './map-order.js'
import { isStopOfPair, isTarget } from './pair.js'
import {
  type AlpacaAccount,
  type AlpacaAsset,
  type AlpacaClock,
  type AlpacaPosition,
  parseAccount,
  parseAsset,
  parseClock,
  parsePosition,
} from './parse-account.js'
import { type AccountActivity, parseActivity } from './parse-activity.js'
import { type AlpacaOrder, type FillActivity, isOfSeveralLegs, parseFillActivity, parseOrder } from './parse-order.js'
import type { RestClient } from './rest-client.js'
import { toVenueSymbol } from './symbols.js'
import { parseDay, type VenueDay } from './venue-calendar.js'

const ordersPerPage = 500
const activitiesPerPage = 100
/** No listing is followed further than this. */
const maximumPages = 1_000
/** Nor that of the orders of one symbol, in which the pair of a stop is looked for. */
const maximumPairPages = 4

/** The trading API, endpoint by endpoint: requests out, parsed answers back. Throws what {@link RestClient.send} throws. */
export class TradingClient {
  readonly #rest: RestClient

  constructor(rest: RestClient) {
    this.#rest = rest
  }

  /** One request, never repeated. */
  async submit(order: OrderWire): Promise<AlpacaOrder> {
    return parseOrder(await this.#rest.send({ method: 'POST', path: '/v2/orders', body: order }, 'order'))
  }

  /** One request, never repeated. Answers the order that takes the place of the old one. */
  async replace(id: string, amendment: AmendmentWire): Promise<AlpacaOrder> {
    const path = `/v2/orders/${encodeURIComponent(id)}`
    return parseOrder(await this.#rest.send({ method: 'PATCH', path, body: amendment }, 'order'))
  }

  /** Repeated until it is answered: to cancel twice does no harm. */
  async cancel(id: string): Promise<void> {
    await this.#rest.send({ method: 'DELETE', path: `/v2/orders/${encodeURIComponent(id)}` }, 'cancel')
  }

  /**
   * Cancels whatever is open, and answers how many the venue took note of, and which it refused. What it had no time for is asked for once more by
   * itself.
   */
  async cancelAll(): Promise<{ readonly count: number; readonly refused: readonly string[] }> {
    const answer = await this.#rest.send({ method: 'DELETE', path: '/v2/orders' }, 'cancel')
    const items = answer === undefined ? [] : asList(answer, 'cancelled orders')
    const failed = items.flatMap(failedIdOf)
    const asked = await Promise.allSettled(failed.map((id) => this.cancel(id)))
    const unknown = asked.find((one) => one.status === 'rejected' && refusalIn(one.reason) === undefined)
    if (unknown?.status === 'rejected') throw unknown.reason
    const refused = failed.filter((_, index) => asked[index]?.status === 'rejected')
    return { count: items.length - refused.length, refused }
  }

  /** With its legs, where it has some. */
  async order(id: string, as: 'read' | 'cancel' = 'read'): Promise<AlpacaOrder | undefined> {
    return this.#orderAt(`/v2/orders/${encodeURIComponent(id)}`, { nested: 'true' }, as)
  }

  /** Undefined where the venue knows none, or not yet. `as: 'cancel'` where a cancel waits for it. */
  async orderByClientId(clientOrderId: string, as: 'read' | 'cancel' = 'read'): Promise<AlpacaOrder | undefined> {
    const found = await this.#orderAt('/v2/orders:by_client_order_id', { client_order_id: clientOrderId }, as)
    // By that id Alpaca tells of no legs.
    return found !== undefined && isTarget(found) && found.legs.length === 0 ? this.order(found.id, as) : found
  }

  /** All that are open, the oldest first, legs of brackets included; a pair is its target, with the stop among its legs, and an order of several options is its legs. */
  async openOrders(): Promise<readonly AlpacaOrder[]> {
    const open = await this.#orders({ status: 'open', direction: 'asc' }, maximumPages)
    if (!open.some(({ orderClass }) => orderClass === 'oco')) return open
    const nested = await this.#orders({ status: 'open', direction: 'asc', nested: 'true' }, maximumPages)
    const pairs = new Map(nested.filter(isTarget).map((order) => [order.id, order]))
    const stops = new Set([...pairs.values()].flatMap(({ legs }) => legs.map(({ id }) => id)))
    const found: AlpacaOrder[] = []
    for (const order of open) {
      if (!isStopOfPair(order)) found.push(pairs.get(order.id) ?? order)
      // Of one whose target has ended already, the stop is listed alone.
      else if (!stops.has(order.id)) found.push((await this.pairOf(order)) ?? order)
    }
    return found
  }

  /** The pair that a stop belongs to; undefined where it is in none of the latest orders of its symbol. */
  async pairOf(stop: Pick<AlpacaOrder, 'id' | 'replaces' | 'symbol'>): Promise<AlpacaOrder | undefined> {
    const query = { status: 'all', direction: 'desc', nested: 'true', symbols: toVenueSymbol(stop.symbol) }
    const orders = await this.#orders(query, maximumPairPages)
    const isKin = ({ id, replaces }: AlpacaOrder): boolean =>
      id === stop.id || id === stop.replaces || replaces === stop.id
    return orders.find(({ legs }) => legs.some(isKin))
  }

  async #orders(query: Readonly<Record<string, string>>, most: number): Promise<readonly AlpacaOrder[]> {
    const found: AlpacaOrder[] = []
    const next = query['direction'] === 'asc' ? 'after_order_id' : 'before_order_id'
    let last: string | undefined
    for (let page = 0; page < most; page += 1) {
      const asked = { ...query, limit: String(ordersPerPage), [next]: last }
      const rows = asList(await this.#rest.send({ method: 'GET', path: '/v2/orders', query: asked }, 'read'), 'orders')
      const orders = rows.map(parseOrder)
      for (const order of orders)
        found.push(...(isOfSeveralLegs(order) && order.legs.length > 0 ? order.legs : [order]))
      last = orders.at(-1)?.id
      if (rows.length < ordersPerPage) break
    }
    return found
  }

  /** Up to 500 of the latest orders, ended or not. */
  async latestOrders(): Promise<readonly AlpacaOrder[]> {
    const query = { status: 'all', direction: 'desc', limit: String(ordersPerPage) }
    return asList(await this.#rest.send({ method: 'GET', path: '/v2/orders', query }, 'read'), 'orders').map(parseOrder)
  }

  /**
   * Executions at or after an instant, the oldest first, looked for from the latest backwards, and no further than `isEnough` says after
   * each page.
   */
  async latestFills(
    since: EpochMs,
    isEnough: (page: readonly FillActivity[]) => boolean,
  ): Promise<readonly FillActivity[]> {
    const found: FillActivity[] = []
    let pageToken: string | undefined
    for (let page = 0; page < maximumPages; page += 1) {
      const asked = { direction: 'desc', after: beginning(since), page_token: pageToken }
      const rows = await this.#activitiesPage('/FILL', asked, parseFillActivity)
      found.push(...rows)
      pageToken = rows.at(-1)?.id
      if (rows.length < activitiesPerPage || isEnough(rows)) break
    }
    return found.filter(({ time }) => time >= since).reverse()
  }

  /** Executions at or after an instant, the oldest first. */
  async fills(since: EpochMs): Promise<readonly FillActivity[]> {
    const found = await this.#activities('/FILL', {}, since, parseFillActivity)
    return found.filter(({ time }) => time >= since)
  }

  /** What has moved the account without a trade at or after an instant, the oldest first. */
  async activities(since: EpochMs): Promise<readonly AccountActivity[]> {
    const found = await this.#activities('', { category: 'non_trade_activity' }, since, parseActivity)
    return found.filter(({ time }) => time >= since).sort((a, b) => a.time - b.time)
  }

  async #activities<Activity extends { readonly id: string }>(
    kind: string,
    query: Readonly<Record<string, string>>,
    since: EpochMs,
    parse: (row: unknown) => Activity,
  ): Promise<Activity[]> {
    const found: Activity[] = []
    let pageToken: string | undefined
    for (let page = 0; page < maximumPages; page += 1) {
      const asked = { ...query, direction: 'asc', after: beginning(since), page_token: pageToken }
      const rows = await this.#activitiesPage(kind, asked, parse)
      found.push(...rows)
      pageToken = rows.at(-1)?.id
      if (rows.length < activitiesPerPage) break
    }
    return found
  }

  async #activitiesPage<Activity>(
    kind: string,
    asked: Readonly<Record<string, string | undefined>>,
    parse: (row: unknown) => Activity,
  ): Promise<readonly Activity[]> {
    const query = { ...asked, page_size: String(activitiesPerPage) }
    const path = `/v2/account/activities${kind}`
    return asList(await this.#rest.send({ method: 'GET', path, query }, 'read'), 'activities').map(parse)
  }

  async account(): Promise<AlpacaAccount> {
    return parseAccount(await this.#rest.send({ method: 'GET', path: '/v2/account' }, 'read'))
  }

  async positions(): Promise<readonly AlpacaPosition[]> {
    const answer = await this.#rest.send({ method: 'GET', path: '/v2/positions' }, 'read')
    return asList(answer, 'positions').map(parsePosition)
  }

  /** Those of our symbols that the venue lists; all that are active where none are named. */
  async assets(symbols?: readonly string[]): Promise<readonly AlpacaAsset[]> {
    if (symbols !== undefined) {
      const found = await Promise.all(symbols.map((symbol) => this.#asset(symbol)))
      return found.filter((asset) => asset !== undefined)
    }
    const classes = await Promise.all(['us_equity', 'crypto'].map((name) => this.#assetsOf(name)))
    return classes.flat()
  }

  async clock(): Promise<AlpacaClock> {
    return parseClock(await this.#rest.send({ method: 'GET', path: '/v2/clock' }, 'read'))
  }

  /** Days on which equities trade, from a date to another, both included. */
  async calendar(start: SessionDate, end: SessionDate): Promise<readonly VenueDay[]> {
    const answer = await this.#rest.send({ method: 'GET', path: '/v2/calendar', query: { start, end } }, 'read')
    return asList(answer, 'a calendar').map(parseDay)
  }

  async #asset(symbol: string): Promise<AlpacaAsset | undefined> {
    const path = `/v2/assets/${encodeURIComponent(toVenueSymbol(symbol))}`
    const found = await this.#orNone(`GET ${path}`, this.#rest.send({ method: 'GET', path }, 'read'))
    return found === undefined ? undefined : parseAsset(found)
  }

  async #assetsOf(assetClass: string): Promise<readonly AlpacaAsset[]> {
    const query = { status: 'active', asset_class: assetClass }
    const answer = await this.#rest.send({ method: 'GET', path: '/v2/assets', query }, 'read')
    return asList(answer, 'assets').map(parseAsset)
  }

  async #orderAt(
    path: string,
    query: Readonly<Record<string, string>>,
    as: 'read' | 'cancel',
  ): Promise<AlpacaOrder | undefined> {
    const found = await this.#orNone(`GET ${path}`, this.#rest.send({ method: 'GET', path, query }, as))
    return found === undefined ? undefined : parseOrder(found)
  }

  async #orNone(name: string, answer: Promise<unknown>): Promise<unknown> {
    try {
      return await answer
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal?.status !== 404) throw thrown
      // A page of somebody on the way says nothing of what there is.
      if (refusal.venueCode === 0) throw readFailure(alpacaErrors.serverError(name, refusal.status, refusal.message))
      return undefined
    }
  }
}

/** Alpaca leaves the instant itself out. */
function beginning(since: EpochMs): string {
  return new Date(Math.max(0, since - 1)).toISOString()
}

/** The order of an item whose cancel failed. */
function failedIdOf(item: unknown): readonly string[] {
  const what = 'a cancelled order'
  const payload = asPayload(item, what)
  const { status } = payload
  return typeof status === 'number' && status >= 400 ? [text(payload, 'id', what)] : []
}
