import { type Decimal, decimal, decimalText, one, roundToStep } from '@tradeswarm/trading'
import type { OkxListing } from './okx-instruments.js'
import type { OkxTerms } from './okx-order.js'
import { type OkxRefusal, refuse } from './okx-refusal.js'

/** The highest price of a buy and the lowest of a sale. */
export type PriceLimits = { readonly buy: Decimal; readonly sell: Decimal }

/** Keeps the prices of orders within a fraction of the last price; with no fraction it lets all pass. */
export class PriceBand {
  readonly #fraction: Decimal | undefined
  readonly #lastPrice: (instId: string) => string

  constructor(fraction: string | undefined, lastPrice: (instId: string) => string) {
    this.#fraction = fraction === undefined ? undefined : decimal(fraction, 'priceLimitFraction')
    this.#lastPrice = lastPrice
  }

  /** Undefined where there is no band, or no price yet. */
  limits({ instId, tick }: OkxListing): PriceLimits | undefined {
    const last = this.#lastPrice(instId)
    if (this.#fraction === undefined || last === '') return undefined
    const price = decimal(last)
    return {
      buy: roundToStep(price.times(one.plus(this.#fraction)), tick, 'down'),
      sell: roundToStep(price.times(one.minus(this.#fraction)), tick, 'up'),
    }
  }

  /** The terms, refused beyond the band; `moves` takes the price to its edge instead. */
  hold(terms: OkxTerms, moves: boolean): OkxTerms | OkxRefusal {
    const limits = terms.price === undefined ? undefined : this.limits(terms.listing)
    if (terms.price === undefined || limits === undefined) return terms
    const isBuy = terms.side === 'buy'
    const isBeyond = isBuy ? terms.price.gt(limits.buy) : terms.price.lt(limits.sell)
    if (!isBeyond) return terms
    const edge = isBuy ? limits.buy : limits.sell
    if (moves) return { ...terms, price: edge }
    return isBuy
      ? refuse('51137', `The highest price limit for buy orders is ${decimalText(edge)}.`)
      : refuse('51138', `The lowest price limit for sell orders is ${decimalText(edge)}.`)
  }
}
