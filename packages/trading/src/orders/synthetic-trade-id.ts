import { type EpochMs, sha256Hex } from '@tradeswarm/core'

/** What an execution without a name is known by. */
export type UnnamedExecution = {
  readonly clientOrderId: string
  readonly time: EpochMs
  readonly price: string
  readonly quantity: string
  readonly fee: string
  /** Counts executions of one order that are alike in everything, from 0; default 0. */
  readonly ordinal?: number
}

/** The trade id of an execution that its venue does not name: the same on every restart, from stream and look-up alike. */
export function syntheticTradeId({ clientOrderId, time, price, quantity, fee, ordinal = 0 }: UnnamedExecution): string {
  return `x${sha256Hex(JSON.stringify([clientOrderId, time, price, quantity, fee, ordinal])).slice(0, 31)}`
}
