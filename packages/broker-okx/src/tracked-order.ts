import type { Decimal } from '@tradeswarm/trading'
import type { OkxAlgo, OkxOrder } from './parse-order.js'

/** An order of the account with what was told of it. */
export type TrackedOrder = {
  /** What it is known by here: its client order id, or that of the venue where it has none. */
  name: string
  /** The venue's id: of an algo order its own, not that of the order that it becomes. */
  readonly id: string
  readonly symbol: string
  /** Undefined while an algo order waits to be set off. */
  order: OkxOrder | undefined
  readonly kind: 'order' | 'algo'
  algo: OkxAlgo | undefined
  readonly createdAt: number
  isAccepted: boolean
  isTriggered: boolean
  hasEnded: boolean
  wasCancelled: boolean
  hasLapsed: boolean
  /** Executions that were told, by trade id. */
  readonly executions: Set<string>
  told: Decimal
  /** What was told of, price times quantity. */
  toldWorth: Decimal
}
