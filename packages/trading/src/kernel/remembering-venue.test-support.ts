import { SwarmError } from '@tradeswarm/core'
import type { OrderExecution, VenueOrder } from '../orders/broker.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { ScriptedBroker } from './scripted-broker.test-support.js'

/** `carried`: what the orders that it replaced had filled. */
type Held = { readonly request: OrderRequest; readonly carried: number; filled: number; status: VenueOrder['status'] }

/** What becomes of a request on its way: it arrives, it arrives and the answer is lost, it comes late, it is lost itself, or refused. */
export type Way = 'arrives' | 'no-answer' | 'late' | 'lost' | 'refused'

const timeOut = (): SwarmError =>
  new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })

/** A venue that outlives kernels: it remembers orders, executions and balances, refuses used ids, and may lose requests and answers. */
export class RememberingVenue {
  readonly orders = new Map<string, Held>()
  readonly executions: OrderExecution[] = []
  cash = 100_000
  units = 0
  /** Ways of the requests to come; those after them arrive. */
  ways: Way[] = []
  /** Tells of executions and ends; off, they happen in silence. */
  tells = true
  /** Called before and after each request; may stop the world. */
  onStep: () => void = () => undefined
  dead = false
  /** Second orders that a used id would have made, where the ids of orders that are over may be used again. */
  second = 0
  readonly #forgetsIds: boolean
  readonly #underWay: OrderRequest[] = []
  #broker: ScriptedBroker | undefined

  /** `forgetsIds`: the id of an order that is over may be used again. */
  constructor(options: { readonly forgetsIds: boolean }) {
    this.#forgetsIds = options.forgetsIds
  }

  /** What comes late comes now. */
  arriveLate(): void {
    for (const request of this.#underWay.splice(0)) {
      if (this.orders.has(request.clientOrderId)) {
        if (this.#forgetsIds) this.second += 1
        continue
      }
      this.orders.set(request.clientOrderId, { request, carried: 0, filled: 0, status: 'open' })
      if (this.tells) this.#broker?.say(request.clientOrderId, { type: 'accepted' })
    }
    this.#show()
  }

  /** Makes a scripted broker speak for this venue. */
  attach(broker: ScriptedBroker): void {
    this.#broker = broker
    broker.executed = this.executions
    broker.onPlace = (request) => this.#place(request)
    broker.onReplace = (id, request) => this.#replace(id, request)
    broker.onCancel = (clientOrderId) => this.#cancel(clientOrderId)
    this.#show()
  }

  /** Executes units of a live order, as far as the venue lets it: never more than is left, nor more sold than is held. */
  fill(clientOrderId: string, wanted: number, now: number): void {
    const order = this.orders.get(clientOrderId)
    if (order?.status !== 'open') return
    const left = this.leaves(clientOrderId)
    const quantity = Math.min(wanted, left, order.request.side === 'sell' ? this.units : left)
    if (quantity <= 0) return
    order.filled += quantity
    if (quantity === left) order.status = 'filled'
    const sign = order.request.side === 'buy' ? 1 : -1
    this.units += sign * quantity
    this.cash -= sign * quantity * 100 + 1
    const tradeId = `trade-${this.executions.length + 1}`
    const execution: OrderExecution['execution'] = {
      tradeId,
      price: '100',
      quantity: String(quantity),
      fee: '1',
      feeCurrency: 'USD',
      referencePrice: '100',
      referenceTime: now,
      liquidity: 'taker',
    }
    this.executions.push({ clientOrderId, venueOrderId: `venue-${clientOrderId}`, time: now, execution })
    this.#show()
    if (this.tells) this.#broker?.say(clientOrderId, { type: 'filled', execution }, `fill-${tradeId}`)
  }

  /** Ends a live order, as a venue does with what does not trade at once. */
  end(clientOrderId: string): void {
    const order = this.orders.get(clientOrderId)
    if (order?.status !== 'open') return
    order.status = 'canceled'
    this.#show()
    if (this.tells) this.#broker?.say(clientOrderId, { type: 'canceled' })
  }

  leaves(clientOrderId: string): number {
    const order = this.orders.get(clientOrderId)
    return order === undefined ? 0 : Number(order.request.quantity) - order.carried - order.filled
  }

  live(): readonly string[] {
    return [...this.orders].filter(([, { status }]) => status === 'open').map(([id]) => id)
  }

  #place(request: OrderRequest): 'accept' | 'silent' | Error {
    this.#step()
    const way = this.ways.shift() ?? 'arrives'
    if (way === 'late') this.#underWay.push(request)
    if (way === 'lost' || way === 'late') return timeOut()
    if (way === 'refused') return new SwarmError({ code: 'REFUSED', message: 'not now' })
    const used = this.orders.get(request.clientOrderId)
    if (used !== undefined && this.#forgetsIds && used.status !== 'open') this.second += 1
    if (used !== undefined) return new SwarmError({ code: 'DUPLICATE_CLIENT_ORDER_ID', message: 'used' })
    this.orders.set(request.clientOrderId, { request, carried: 0, filled: 0, status: 'open' })
    this.#show()
    this.#step()
    return way === 'no-answer' ? timeOut() : 'accept'
  }

  #replace(id: string, request: OrderRequest): 'replace' | 'silent' | Error {
    this.#step()
    const way = this.ways.shift() ?? 'arrives'
    if (way === 'lost' || way === 'late') return timeOut()
    const old = this.orders.get(id)
    const carried = (old?.carried ?? 0) + (old?.filled ?? 0)
    if (old?.status !== 'open' || Number(request.quantity) <= carried)
      return new SwarmError({ code: 'NOT_REPLACEABLE', message: 'it is not open, or filled already' })
    old.status = 'replaced'
    this.orders.set(request.clientOrderId, { request, carried, filled: 0, status: 'open' })
    this.#show()
    this.#step()
    return way === 'no-answer' || !this.tells ? timeOut() : 'replace'
  }

  #cancel(clientOrderId: string): 'cancel' | 'silent' | Error {
    this.#step()
    const way = this.ways.shift() ?? 'arrives'
    if (way === 'lost' || way === 'late') return timeOut()
    const order = this.orders.get(clientOrderId)
    if (order?.status !== 'open') return new SwarmError({ code: 'NOT_OPEN', message: 'it is not open' })
    order.status = 'canceled'
    this.#show()
    this.#step()
    return way === 'no-answer' || !this.tells ? timeOut() : 'cancel'
  }

  #step(): void {
    if (!this.dead) this.onStep()
    if (this.dead) throw timeOut()
  }

  #show(): void {
    const broker = this.#broker
    if (broker === undefined) return
    broker.balances.set('USD', String(this.cash)).set('AAA', String(this.units))
    for (const [clientOrderId, { request, filled, status }] of this.orders)
      broker.held.set(clientOrderId, {
        clientOrderId,
        venueOrderId: `venue-${clientOrderId}`,
        symbol: request.symbol,
        status,
        quantity: request.quantity,
        filledQuantity: String(filled),
      })
  }
}
