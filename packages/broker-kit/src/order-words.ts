import type { OrderRequest } from '@tradeswarm/trading'
import type { Explanation } from './refusal-desk.js'

type Word = 'side' | 'type' | 'timeInForce' | 'sizedIn'

const words: Readonly<Record<Word, readonly (string | undefined)[]>> = {
  side: ['buy', 'sell'],
  type: ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'oco'],
  timeInForce: ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'],
  sizedIn: ['quote', undefined],
}
const codes: Readonly<Record<Word, string>> = {
  side: 'INVALID_ORDER',
  type: 'UNSUPPORTED_ORDER_TYPE',
  timeInForce: 'UNSUPPORTED_TIME_IN_FORCE',
  sizedIn: 'INVALID_ORDER',
}

/**
 * A word of an order that is none: types are not checked where it was written in JavaScript, and what an adapter does not know it must not take
 * for its default.
 */
export function unknownWord(request: OrderRequest): Explanation | undefined {
  for (const field of Object.keys(words) as Word[]) {
    if (words[field].includes(request[field])) continue
    const known = words[field].filter((word) => word !== undefined).join(', ')
    const message = `${field}: there is no ${JSON.stringify(request[field])}; there are: ${known}`
    return { code: codes[field], message }
  }
  return undefined
}
