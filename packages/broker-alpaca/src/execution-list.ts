import { KeptLookups, seenWithinMs } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import type { OrderExecution } from '@tradeswarm/trading'
import { alpacaErrors } from './alpaca-error.js'
import { type CryptoFees, executionOf, executionOfNobody } from './execution.js'
import type { OrderTracker } from './order-tracker.js'
import { isStopOfPair } from './pair.js'
import type { AlpacaOrder, FillActivity } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

/** The orders of so many executions are remembered. */
const rememberedOwners = 20_000

export type ExecutionListParts = {
  readonly client: TradingClient
  readonly tracker: OrderTracker
  readonly fees: CryptoFees
  /** The time of the venue's clock. */
  readonly now: () => EpochMs
}

/** Lists executions with the orders that they are of, which Alpaca's own list gives by the ids of the venue alone. */
export class ExecutionList {
  readonly #parts: ExecutionListParts
  readonly #owners: KeptLookups<FillActivity, AlpacaOrder>

  constructor(parts: ExecutionListParts) {
    this.#parts = parts
    this.#owners = new KeptLookups({
      keyOf: ({ orderId }) => orderId,
      look: ({ orderId }) => parts.client.order(orderId),
      most: rememberedOwners,
    })
  }

  /** Throws where whose an execution is cannot be seen yet. */
  async since(since: EpochMs): Promise<readonly OrderExecution[]> {
    const { client, fees, now } = this.#parts
    const fills = await client.fills(since)
    const unknown = new Set(fills.filter((fill) => this.#orderOf(fill) === undefined).map(({ orderId }) => orderId))
    // One request tells most of them.
    if (unknown.size > 2) for (const order of await client.latestOrders()) this.#owners.keep(order.id, order)
    await this.#owners.fetch(fills.filter((fill) => this.#orderOf(fill) === undefined))
    const found: OrderExecution[] = []
    for (const fill of fills) {
      const { orderId, time } = fill
      const order = this.#orderOf(fill)
      const owner = order && (await this.#ownerOf(order))
      // Left out, or under a name of the venue's, it would be taken for not made: it may be one of ours.
      if (owner === undefined && now() - time < seenWithinMs) throw alpacaErrors.ownerUnseen(orderId)
      const { clientOrderId, id: venueOrderId } = owner ?? order ?? { clientOrderId: orderId, id: orderId }
      const execution = order === undefined ? executionOfNobody(fill) : executionOf(order, fill, fees)
      found.push({ clientOrderId, venueOrderId, time, execution })
    }
    return found
  }

  /** Whose an execution is. Of an order that was looked up, what does not change. */
  #orderOf(fill: FillActivity): AlpacaOrder | undefined {
    return this.#parts.tracker.known(fill.orderId) ?? this.#owners.find(fill)
  }

  /** The order that an order is told of under: of the stop of a pair its target, where that is to be seen. */
  async #ownerOf(order: AlpacaOrder): Promise<AlpacaOrder | undefined> {
    const known = this.#parts.tracker.ownerOf(order.id)
    if (known !== undefined || !isStopOfPair(order)) return known ?? order
    return this.#parts.client.pairOf(order)
  }
}
