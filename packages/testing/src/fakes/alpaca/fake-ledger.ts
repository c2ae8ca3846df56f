import type { EpochMs, Random } from '@tradeswarm/core'
import { type Decimal, decimalText, type Execution, zero } from '@tradeswarm/trading'
import { type FakeOrder, rfc3339 } from './fake-order.js'
import { fakeUuid } from './fake-uuid.js'

/** What an execution has cost, which its activity does not say. */
export type FillCost = { readonly fee: string; readonly feeCurrency: string }

type Activity = { readonly time: EpochMs; readonly json: Record<string, unknown>; readonly cost?: FillCost }

/** How activities are asked for. */
export type ActivityQuery = {
  /** All of them where it is left out. */
  readonly types?: readonly string[]
  readonly category?: string
  readonly after?: EpochMs
  readonly until?: EpochMs
  readonly isAscending: boolean
  readonly pageSize: number
  readonly pageToken?: string
}

/** The account's activities: executions and what else has moved money, as `/v2/account/activities` lists them. */
export class FakeLedger {
  readonly #random: Random
  readonly #activities: Activity[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** Notes an execution, and answers its id. */
  noteFill(order: FakeOrder, { price, quantity, fee, feeCurrency }: Execution, time: EpochMs): string {
    const executionId = fakeUuid(this.#random)
    const { terms } = order
    const leaves: Decimal = terms.quantity === undefined ? zero : terms.quantity.minus(order.filled)
    // New York's winter time: nothing but the order of ids rests on it.
    const stamp = rfc3339(time - 5 * 3_600_000).replace(/\D/g, '')
    this.#activities.push({
      time,
      cost: { fee, feeCurrency },
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

  /** Notes what is no trade, dated by the day. */
  noteOther(fields: Readonly<Record<string, unknown>>, time: EpochMs): void {
    const date = rfc3339(time).slice(0, 10)
    const id = `${date.replaceAll('-', '')}000000000::${fakeUuid(this.#random)}`
    const json = { currency: 'USD', status: 'executed', ...fields, id, date, created_at: rfc3339(time) }
    this.#activities.push({ time, json })
  }

  /** Activities from a place in the list on, as they are told; of executions what they cost, too. */
  from(place: number): readonly Pick<Activity, 'json' | 'cost'>[] {
    return this.#activities.slice(place)
  }

  page(query: ActivityQuery): readonly Record<string, unknown>[] {
    const { types, category, after, until, isAscending, pageSize, pageToken } = query
    const found = this.#activities.filter(
      ({ time, json }) =>
        (types === undefined || types.includes(String(json['activity_type']))) &&
        (category === undefined || (category === 'trade_activity') === (json['activity_type'] === 'FILL')) &&
        (after === undefined || time > after) &&
        (until === undefined || time < until),
    )
    const ordered = isAscending ? found : found.toReversed()
    const start = pageToken === undefined ? 0 : ordered.findIndex(({ json }) => json['id'] === pageToken) + 1
    return ordered.slice(start, start + pageSize).map(({ json }) => json)
  }
}
