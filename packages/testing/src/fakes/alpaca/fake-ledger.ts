import type { EpochMs, Random } from '@tradeswarm/core'
import { type Decimal, decimalText, zero } from '@tradeswarm/trading'
import { type FakeOrder, rfc3339 } from './fake-order.js'
import { fakeUuid } from './fake-uuid.js'

type Activity = { readonly time: EpochMs; readonly json: Record<string, unknown> }

/** How activities are asked for. */
export type ActivityQuery = {
  readonly type?: string
  readonly after?: EpochMs
  readonly until?: EpochMs
  readonly isAscending: boolean
  readonly pageSize: number
  readonly pageToken?: string
}

/** The account's activities: executions, as `/v2/account/activities` lists them. */
export class FakeLedger {
  readonly #random: Random
  readonly #activities: Activity[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** Notes an execution, and answers its id. */
  noteFill(order: FakeOrder, price: string, quantity: string, time: EpochMs): string {
    const executionId = fakeUuid(this.#random)
    const { terms } = order
    const leaves: Decimal = terms.quantity === undefined ? zero : terms.quantity.minus(order.filled)
    // New York's winter time: nothing but the order of ids rests on it.
    const stamp = rfc3339(time - 5 * 3_600_000).replace(/\D/g, '')
    this.#activities.push({
      time,
      json: {
        activity_type: 'FILL',
        id: `${stamp}::${executionId}`,
        cum_qty: decimalText(order.filled),
        leaves_qty: decimalText(leaves),
        order_id: order.id,
        order_status: order.status,
        price,
        qty: quantity,
        side: terms.side,
        symbol: terms.asset.symbol,
        transaction_time: rfc3339(time),
        type: order.status === 'filled' ? 'fill' : 'partial_fill',
      },
    })
    return executionId
  }

  /** Activities from a place in the list on, as they are told. */
  from(place: number): readonly Record<string, unknown>[] {
    return this.#activities.slice(place).map(({ json }) => json)
  }

  page({ type, after, until, isAscending, pageSize, pageToken }: ActivityQuery): readonly Record<string, unknown>[] {
    const found = this.#activities.filter(
      ({ time, json }) =>
        (type === undefined || json['activity_type'] === type) &&
        (after === undefined || time > after) &&
        (until === undefined || time < until),
    )
    const ordered = isAscending ? found : found.toReversed()
    const start = pageToken === undefined ? 0 : ordered.findIndex(({ json }) => json['id'] === pageToken) + 1
    return ordered.slice(start, start + pageSize).map(({ json }) => json)
  }
}
