import { sha256Hex } from '@tradeswarm/core'
import { isPlainText } from './is-plain-text.js'

/** All that decides a client order id. */
export type ClientOrderIdParts = {
  readonly orderId: string
  readonly account: string
  /** 1 for the first sending; a sending that is repeated under another id counts up. */
  readonly attempt: number
  /** 0 as first made; each amendment counts up. */
  readonly revision: number
}

/**
 * The id under which the venue knows an order: a pure function of its parts, so that a restart asks for the same one.
 * 32 lower-case letters and digits: legal at OKX (32 alphanumerics, case-sensitive) and at Alpaca (128 characters).
 */
export function clientOrderId({ orderId, account, attempt, revision }: ClientOrderIdParts): string {
  // What needs no escapes is put in quotes as it is: JSON's own writer takes half as long again as the digest.
  const text =
    isPlainText(orderId) && isPlainText(account)
      ? `["${orderId}","${account}",${attempt},${revision}]`
      : JSON.stringify([orderId, account, attempt, revision])
  return `ts${sha256Hex(text).slice(0, 30)}`
}
