import { asPayload, optionalText, type Payload, type RequestClass, refusalIn, text } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { type OkxListing, parseInstruments } from './instruments.js'
import type { AlgoWire, AmendAlgoWire, AmendWire, OrderWire } from './map-order.js'
import { classOf, isUnknownOrder, lookedThroughInPart } from './okx-error.js'
import {
  type OkxBalance,
  type OkxBill,
  type OkxConfig,
  type OkxPosition,
  parseBalances,
  parseBill,
  parseConfig,
  parsePosition,
} from './parse-account.js'
import { type OkxAlgo, type OkxFill, type OkxOrder, parseAlgo, parseFill, parseOrder } from './parse-order.js'
import type { RestClient } from './rest-client.js'

const rowsPerPage = 100
/** No listing is followed further than this. */
const maximumPages = 1_000
/** Most orders that one request cancels. */
const cancelsPerRequest = 20
/** The algo orders that an account may have of ours, each listed by itself. */
const algoTypes = ['conditional', 'oco', 'trigger', 'move_order_stop'] as const
const fundingFee = '8'
/** The list of the latest executions goes back three days: less an hour, as pages take their time. */
const latestFillsMs = 71 * 3_600_000

/** What the venue has taken note of. */
export type Acknowledged = { readonly id: string; readonly time: EpochMs | undefined }

type Query = Readonly<Record<string, string | undefined>>

/** The trading API, endpoint by endpoint: requests out, parsed answers back. Throws what {@link RestClient.send} throws. */
export class TradingClient {
  readonly #rest: RestClient

  constructor(rest: RestClient) {
    this.#rest = rest
  }

  /** One request, never repeated; OKX drops it after the deadline, an instant of our clock. */
  async submit(body: OrderWire, deadline: EpochMs): Promise<Acknowledged> {
    const request = { method: 'POST', path: '/api/v5/trade/order', body, instId: body.instId, deadline } as const
    return acknowledged(await this.#rest.write(request, 'order'), 'ordId')
  }

  /** One request, never repeated. OKX knows no deadline for it. */
  async submitAlgo(body: AlgoWire): Promise<Acknowledged> {
    const request = { method: 'POST', path: '/api/v5/trade/order-algo', body, instId: body.instId } as const
    return acknowledged(await this.#rest.write(request, 'order'), 'algoId')
  }

  /** One request, never repeated. What it makes of the order comes with the stream. */
  async amend(body: AmendWire, deadline: EpochMs): Promise<void> {
    const request = { method: 'POST', path: '/api/v5/trade/amend-order', body, instId: body.instId, deadline } as const
    await this.#rest.write(request, 'order')
  }

  /** As {@link TradingClient.amend}, of a stop. */
  async amendAlgo(body: AmendAlgoWire): Promise<void> {
    const request = { method: 'POST', path: '/api/v5/trade/amend-algos', body, instId: body.instId } as const
    await this.#rest.write(request, 'order')
  }

  /** Repeated until it is answered: to cancel twice does no harm. */
  async cancel(instId: string, ordId: string): Promise<void> {
    const body = { instId, ordId }
    await this.#rest.write({ method: 'POST', path: '/api/v5/trade/cancel-order', body, instId }, 'cancel')
  }

  /** As {@link TradingClient.cancel}, of an algo order. */
  async cancelAlgo(instId: string, algoId: string): Promise<void> {
    const body = [{ instId, algoId }]
    await this.#rest.write({ method: 'POST', path: '/api/v5/trade/cancel-algos', body, instId }, 'cancel')
  }

  /**
   * Cancels orders of any instruments, some at a time. Those that had ended already are no fault. Each has an answer of its own: one that the
   * venue had no time for is asked for once more by itself. Throws the first failure when all have been asked for.
   */
  async cancelMany(orders: readonly OkxOrder[]): Promise<void> {
    const failures: unknown[] = []
    for (let from = 0; from < orders.length; from += cancelsPerRequest)
      await this.#cancelSome(orders.slice(from, from + cancelsPerRequest)).catch((thrown) => failures.push(thrown))
    if (failures.length > 0) throw failures[0]
  }

  async #cancelSome(some: readonly OkxOrder[]): Promise<void> {
    const body = some.map(({ symbol: instId, id: ordId }) => ({ instId, ordId }))
    const request = { method: 'POST', path: '/api/v5/trade/cancel-batch-orders', body } as const
    const answers = await orNoneOf(this.#rest.send(request, 'cancel'))
    const isOver = new Set(answers?.flatMap(settledIdOf))
    await Promise.all(
      some.filter(({ id }) => !isOver.has(id)).map(({ symbol, id }) => orNoneOf(this.cancel(symbol, id))),
    )
  }

  order(instId: string, ordId: string, as: RequestClass = 'read'): Promise<OkxOrder | undefined> {
    return this.#oneOrder({ instId, ordId }, as)
  }

  /** Of several orders under one id the latest. Undefined where the venue knows none, or not yet. */
  orderByClientId(instId: string, clOrdId: string, as: RequestClass = 'read'): Promise<OkxOrder | undefined> {
    return this.#oneOrder({ instId, clOrdId }, as)
  }

  algo(algoId: string, as: RequestClass = 'read'): Promise<OkxAlgo | undefined> {
    return this.#oneAlgo({ algoId }, as)
  }

  algoByClientId(algoClOrdId: string, as: RequestClass = 'read'): Promise<OkxAlgo | undefined> {
    return this.#oneAlgo({ algoClOrdId }, as)
  }

  /** An order with the name of the algo order that it comes from, which not all answers tell. Undefined where that one is not to be seen. */
  async named(order: OkxOrder): Promise<OkxOrder | undefined> {
    if (order.algoId === undefined || order.algoClientOrderId !== undefined) return order
    const algo = await this.algo(order.algoId)
    return algo && { ...order, algoClientOrderId: algo.clientOrderId }
  }

  /** All that rest, the oldest first. */
  async openOrders(as: RequestClass = 'read'): Promise<readonly OkxOrder[]> {
    const rows = await this.#pages('/api/v5/trade/orders-pending', {}, 'ordId', as)
    return rows.map(parseOrder).reverse()
  }

  /** All that wait to be set off, the oldest first of each type. */
  async openAlgos(): Promise<readonly OkxAlgo[]> {
    const lists = await Promise.all(
      algoTypes.map((ordType) => this.#pages('/api/v5/trade/orders-algo-pending', { ordType }, 'algoId')),
    )
    return lists.flatMap((rows) => rows.map(parseAlgo).reverse())
  }

  /**
   * The order under a name among those of the last week that have ended, the latest first. Undefined where all were looked through; throws
   * `BROKER_LOOK_UP_INCOMPLETE` where there are more of spot or of swaps than so many hundreds.
   */
  async findInHistory(clientOrderId: string, pages: number): Promise<OkxOrder | undefined> {
    let isCut = false
    for (const instType of ['SPOT', 'SWAP']) {
      let after: string | undefined
      for (let page = 0; ; page += 1) {
        const query = { instType, limit: String(rowsPerPage), after }
        const rows = await this.#rest.send({ method: 'GET', path: '/api/v5/trade/orders-history', query }, 'read')
        const orders = rows.map(parseOrder)
        const found = orders.find((order) => order.clientOrderId === clientOrderId)
        if (found !== undefined) return found
        after = orders.at(-1)?.id
        if (rows.length < rowsPerPage) break
        isCut ||= page + 1 >= pages
        if (page + 1 >= pages) break
      }
    }
    if (isCut) throw lookedThroughInPart(clientOrderId, pages * rowsPerPage)
    return undefined
  }

  /** Executions of one order, the oldest first, of up to three months. */
  async fillsOf({
    isSwap,
    symbol,
    id,
    createdAt,
  }: Pick<OkxOrder, 'isSwap' | 'symbol' | 'id' | 'createdAt'>): Promise<readonly OkxFill[]> {
    const query = { instType: isSwap ? 'SWAP' : 'SPOT', instId: symbol, ordId: id }
    const rows = await this.#pages(fillsPathOf(createdAt, this.#rest.time.now()), query, 'billId')
    return rows.map(parseFill).reverse()
  }

  /** Executions at or after an instant of the venue's clock, in order of time, of up to three months. */
  async fills(since: EpochMs, now: EpochMs): Promise<readonly OkxFill[]> {
    const begin = String(Math.max(0, since))
    const lists = await Promise.all(
      ['SPOT', 'SWAP'].map((instType) => this.#pages(fillsPathOf(since, now), { instType, begin }, 'billId')),
    )
    const found = lists.flatMap((rows) => rows.map(parseFill).reverse())
    return found.filter(({ time }) => time >= since).sort((a, b) => a.time - b.time || compareIds(a.billId, b.billId))
  }

  async config(): Promise<OkxConfig> {
    const [config] = await this.#rest.send({ method: 'GET', path: '/api/v5/account/config' }, 'read')
    return parseConfig(config)
  }

  async balances(): Promise<readonly OkxBalance[]> {
    const [balance] = await this.#rest.send({ method: 'GET', path: '/api/v5/account/balance' }, 'read')
    return parseBalances(balance)
  }

  async positions(): Promise<readonly OkxPosition[]> {
    const rows = await this.#rest.send({ method: 'GET', path: '/api/v5/account/positions' }, 'read')
    return rows.map(parsePosition)
  }

  /** Funding at or after an instant of the venue's clock, in order of time, of up to three months. */
  async funding(since: EpochMs, now: EpochMs): Promise<readonly OkxBill[]> {
    const isLong = now - since > 7 * 86_400_000
    const path = isLong ? '/api/v5/account/bills-archive' : '/api/v5/account/bills'
    const rows = await this.#pages(path, { type: fundingFee, begin: String(Math.max(0, since)) }, 'billId')
    const bills = rows.map(parseBill).reverse()
    return bills.filter(({ time, type }) => time >= since && type === fundingFee).sort((a, b) => a.time - b.time)
  }

  /** What the account may trade: spot and swaps. */
  async instruments(): Promise<readonly OkxListing[]> {
    const lists = await Promise.all(
      ['SPOT', 'SWAP'].map((instType) =>
        this.#rest.send({ method: 'GET', path: '/api/v5/account/instruments', query: { instType } }, 'read'),
      ),
    )
    return parseInstruments(lists.flat())
  }

  /** How far prices of limit orders may go now; undefined where there is no bound. */
  async priceLimit(instId: string): Promise<{ readonly buy: string; readonly sell: string } | undefined> {
    const [row] = await this.#rest.send(
      { method: 'GET', path: '/api/v5/public/price-limit', query: { instId } },
      'read',
    )
    const { buyLmt, sellLmt, enabled } = asPayload(row ?? {}, 'a price limit')
    if (enabled === false || typeof buyLmt !== 'string' || typeof sellLmt !== 'string') return undefined
    return buyLmt === '' || sellLmt === '' ? undefined : { buy: buyLmt, sell: sellLmt }
  }

  /** The last price; undefined where there is none. */
  async lastPrice(instId: string): Promise<string | undefined> {
    const [row] = await this.#rest.send({ method: 'GET', path: '/api/v5/market/ticker', query: { instId } }, 'read')
    const { last } = asPayload(row ?? {}, 'a ticker')
    return typeof last === 'string' && last !== '' ? last : undefined
  }

  async #oneOrder(query: Query & { readonly instId: string }, as: RequestClass): Promise<OkxOrder | undefined> {
    const request = { method: 'GET', path: '/api/v5/trade/order', query, instId: query.instId } as const
    const [found] = await this.#orNone(this.#rest.send(request, as))
    return found === undefined ? undefined : parseOrder(found)
  }

  async #oneAlgo(query: Query, as: RequestClass): Promise<OkxAlgo | undefined> {
    const request = { method: 'GET', path: '/api/v5/trade/order-algo', query } as const
    const [found] = await this.#orNone(this.#rest.send(request, as))
    return found === undefined ? undefined : parseAlgo(found)
  }

  async #orNone(answer: Promise<readonly unknown[]>): Promise<readonly unknown[]> {
    try {
      return await answer
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal !== undefined && isUnknownOrder(refusal)) return []
      throw thrown
    }
  }

  /** The latest first, page by page. */
  async #pages(path: string, query: Query, idField: string, as: RequestClass = 'read'): Promise<unknown[]> {
    const found: unknown[] = []
    let after: string | undefined
    for (let page = 0; page < maximumPages; page += 1) {
      const asked = { ...query, limit: String(rowsPerPage), after }
      const rows = await this.#rest.send({ method: 'GET', path, query: asked }, as)
      found.push(...rows)
      if (rows.length < rowsPerPage) break
      after = text(asPayload(rows.at(-1), 'a row'), idField, 'a row')
    }
    return found
  }
}

/** Undefined for what was refused for certain. */
async function orNoneOf<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking
  } catch (thrown) {
    if (refusalIn(thrown) === undefined) throw thrown
    return undefined
  }
}

/** The order of an answer of several that is done with: its cancel was taken note of, or definitely refused. */
function settledIdOf(item: unknown): readonly string[] {
  const answer = asPayload(item, 'an answer to a cancel')
  const said = classOf(optionalText(answer, 'sCode') ?? '')
  return said === 'done' || said === 'refused' ? [optionalText(answer, 'ordId') ?? ''] : []
}

function acknowledged(item: Payload, idField: string): Acknowledged {
  const time = Number(item['ts'])
  return {
    id: text(item, idField, 'an acknowledgement'),
    time: Number.isSafeInteger(time) && time > 0 ? time : undefined,
  }
}

/** Where executions since an instant are listed. */
function fillsPathOf(since: EpochMs, now: EpochMs): string {
  return `/api/v5/trade/${now - since > latestFillsMs ? 'fills-history' : 'fills'}`
}

/** Ids are whole numbers of up to 20 digits. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
