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

/** The last that was made here: the one that is nearly always looked at next. It saves time alone. */
let lastMade = 'none'
/** How what is hashed ends for the first sending of an account's orders: there are few accounts. It saves time alone. */
let ending = { account: '', text: endingOf('', 1, 0) }

/**
 * The id under which the venue knows an order: a pure function of its parts, so that a restart asks for the same one.
 * 32 lower-case letters and digits: legal at OKX (32 alphanumerics, case-sensitive) and at Alpaca (128 characters).
 */
export function clientOrderId({ orderId, account, attempt, revision }: ClientOrderIdParts): string {
  const isFirst = attempt === 1 && revision === 0
  if (isFirst && ending.account !== account) ending = { account, text: endingOf(account, 1, 0) }
  const after = isFirst ? ending.text : endingOf(account, attempt, revision)
  // What needs no escapes is put in quotes as it is: JSON's own writer takes longer.
  const text = isPlainText(orderId) ? `["${orderId}${after}` : `[${JSON.stringify(orderId)}${after.slice(1)}`
  lastMade = `ts${sha256Hex(text).slice(0, 30)}`
  return lastMade
}

/** JSON of all after the order's id, from the quote at its end on. */
function endingOf(account: string, attempt: number, revision: number): string {
  return `",${JSON.stringify([account, attempt, revision]).slice(1)}`
}

/** Whether a text is 1 to 32 letters and digits. */
export function isClientOrderId(text: unknown): text is string {
  if (text === lastMade) return true
  if (typeof text !== 'string' || text.length < 1 || text.length > 32) return false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const isDigit = code >= 48 && code <= 57
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
    if (!isDigit && !isLetter) return false
  }
  return true
}
