import { type Decimal, type OrderRequest, zero } from '@tradeswarm/trading'
import { isOffGrid, type OrderField, priceFields, readAmount, remedyFor } from './order-values.js'
import type { Explanation } from './refusal-desk.js'

const sharedRemedies: Readonly<Record<string, string>> = {
  INSUFFICIENT_FUNDS: 'order less, or cancel buys that are open',
  NOT_SHORTABLE: 'sell no more than is held and not offered already; cancel the sale that holds it',
  QUANTITY_BELOW_MINIMUM: 'order more',
  REDUCE_ONLY_WOULD_INCREASE_POSITION: 'there is no position of that size for it to reduce',
  TRADING_HALTED: 'wait until the symbol trades again',
  ORDER_NOT_OPEN: 'nothing is left to do: it has ended',
  ORDER_NOT_AMENDABLE: 'wait until the order is open, or cancel it and send another',
  INVALID_ORDER: 'correct what is named',
}

/** What of an order a code is about. */
const sharedFields: Readonly<Record<string, readonly OrderField[]>> = {
  INSUFFICIENT_FUNDS: ['symbol', 'quantity', 'limitPrice'],
  NOT_SHORTABLE: ['symbol', 'quantity'],
  PRICE_PRECISION: ['limitPrice', 'stopPrice'],
  QUANTITY_PRECISION: ['quantity'],
  QUANTITY_BELOW_MINIMUM: ['quantity'],
  INSTRUMENT_NOT_FOUND: ['symbol'],
}

export type RefusalWordsParts = {
  /** By code: what to do, where that is a matter of the venue. */
  readonly remedies: Readonly<Record<string, string>>
  /** By code: the fields of an order that it is about, where that is a matter of the venue. */
  readonly fields: Readonly<Record<string, readonly OrderField[]>>
}

/** A refusal: the number and the text that the venue gave, the code that it is told under, and what the order itself shows. */
export type Refused = {
  readonly number: string
  readonly said: string
  readonly code: string
  readonly own: Explanation | undefined
  readonly remedy: string
}

/** In which words a venue's refusals are told: its own, and what to do, with the values of the order that it is about. */
export class RefusalWords {
  readonly #venue: string
  readonly #remedies: Readonly<Record<string, string>>
  readonly #fields: Readonly<Record<string, readonly OrderField[]>>

  constructor(venue: string, { remedies, fields }: RefusalWordsParts) {
    this.#venue = venue
    const named = {
      ORDER_NOT_FOUND: `${venue} knows no such order`,
      VENUE_REFUSED: `see what ${venue} says; the account may not be allowed to do this`,
    }
    this.#remedies = { ...sharedRemedies, ...named, ...remedies }
    this.#fields = { ...sharedFields, ...fields }
  }

  /** What to do about a code; `remedy` in place of what is done about it as a rule. */
  remedy(code: string, request: OrderRequest | undefined, remedy = this.#remedies[code]): string {
    return remedyFor(request, this.#fields[code], remedy ?? `see what ${this.#venue} says`)
  }

  /** What the order itself shows says more than a remedy, where it is of the same code. */
  explanation({ number, said, code, own, remedy }: Refused): Explanation {
    const what = own?.code === code ? own.message : remedy
    return { code, message: `${this.#venue} ${number}: ${said}; ${what}` }
  }
}

/** A quantity that is not above 0. */
export function emptyQuantity({ quantity }: OrderRequest): Explanation | undefined {
  if (readAmount(quantity)?.lte(zero) !== true) return undefined
  return { code: 'QUANTITY_BELOW_MINIMUM', message: `quantity: ${quantity} is not above 0` }
}

/** The first price that lies between the ticks, of which there may be other ones for other prices. */
export function offTick(request: OrderRequest, tickOf: (price: Decimal) => string): Explanation | undefined {
  for (const field of priceFields) {
    const text = request[field]
    const price = text === undefined ? undefined : readAmount(text)
    if (price === undefined) continue
    const tick = tickOf(price)
    if (isOffGrid(price, tick))
      return { code: 'PRICE_PRECISION', message: `${field}: ${text} is no multiple of the tick ${tick}` }
  }
  return undefined
}
