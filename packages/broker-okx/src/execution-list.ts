import { KeptLookups, seenWithinMs } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import type { OrderExecution } from '@tradeswarm/trading'
import { executionOf } from './execution.js'
import { isClientId } from './map-order.js'
import { okxErrors } from './okx-error.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxFill } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

/** The owners of so many executions are remembered. */
const rememberedOwners = 20_000

/** What an order is known by, here and at the venue. */
type Owner = { readonly name: string; readonly id: string }

/** Lists executions with the orders that they are of, which OKX's own list does not always name. */
export class ExecutionList {
  readonly #client: TradingClient
  readonly #tracker: OrderTracker
  readonly #now: () => EpochMs
  readonly #owners = new KeptLookups<OkxFill, Owner>({
    keyOf: ({ orderId }) => orderId,
    look: (fill) => this.#lookForOwner(fill),
    most: rememberedOwners,
  })

  /** `now` is the time of the venue's clock. */
  constructor(client: TradingClient, tracker: OrderTracker, now: () => EpochMs) {
    this.#client = client
    this.#tracker = tracker
    this.#now = now
  }

  /** Throws where whose an execution is cannot be seen yet. */
  async since(since: EpochMs): Promise<readonly OrderExecution[]> {
    const fills = await this.#client.fills(since, this.#now())
    await this.#owners.fetch(fills.filter((fill) => this.#ownerOf(fill) === undefined))
    return fills.map((fill) => {
      const owner = this.#ownerOf(fill)
      // Told under another name, it would be taken for not made: it may be one of ours.
      if (owner === undefined && this.#now() - fill.time < seenWithinMs) throw okxErrors.ownerUnseen(fill.orderId)
      const { name: clientOrderId, id: venueOrderId } = owner ?? { name: fill.orderId, id: fill.orderId }
      return { clientOrderId, venueOrderId, time: fill.time, execution: executionOf(fill) }
    })
  }

  /** Whose an execution is: of what an algo order became, its list of executions does not say. */
  #ownerOf(fill: OkxFill): Owner | undefined {
    const known = this.#tracker.known(fill.orderId)
    if (known !== undefined) return known
    const { revisions } = this.#tracker
    // What an algo order has become is named by OKX: `<algoId>_0`.
    if (isClientId(fill.clientOrderId)) return { name: revisions.lastNameOf(fill.clientOrderId), id: fill.orderId }
    const owner = this.#owners.find(fill)
    return owner && { name: revisions.lastNameOf(owner.name), id: owner.id }
  }

  async #lookForOwner({ symbol, orderId }: OkxFill): Promise<Owner | undefined> {
    const found = await this.#client.order(symbol, orderId)
    const order = found && (await this.#client.named(found))
    return order && { name: this.#tracker.nameOf(order), id: order.algoId ?? order.id }
  }
}
