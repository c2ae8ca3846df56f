import type { EpochMs } from '@tradeswarm/core'
import { plainText } from '../shared/json-text.js'
import { accountRate, rateTable, singleOf } from './rate-table.js'
import type { Body } from './read-order.js'

type Window = { start: EpochMs; used: number }

/** Counts requests as the venue does, REST and WebSocket together. */
export class RateBook {
  readonly #multiplier: number
  readonly #windows = new Map<string, Window>()

  constructor(multiplier: number) {
    this.#multiplier = multiplier
  }

  /** Counts a request by its name, such as `POST trade/order`; false where it is one too many. */
  take(name: string, items: readonly Body[], now: EpochMs): boolean {
    const single = items.length === 1 ? singleOf[name] : undefined
    const rule = rateTable[single ?? name]
    if (rule === undefined) return true
    const { limit, windowMs, per } = rule
    if (per === undefined) return this.#count(name, 1, limit, windowMs, now)
    const costs = new Map<string, number>()
    for (const item of items) {
      const key = plainText(item[per] ?? item['instIdCode'])
      costs.set(key, (costs.get(key) ?? 0) + 1)
    }
    let isAllowed = true
    for (const [key, cost] of costs)
      isAllowed = this.#count(`${single ?? name} ${key}`, cost, limit, windowMs, now) && isAllowed
    return isAllowed
  }

  /** Counts new and amended orders of derivatives; false where the account sends too many. */
  takeOrders(items: readonly Body[], now: EpochMs): boolean {
    const counted = items.filter(({ instId }) => plainText(instId).endsWith('-SWAP')).length
    return counted === 0 || this.#count('account', counted, accountRate.limit, accountRate.windowMs, now)
  }

  #count(key: string, cost: number, limit: number, windowMs: number, now: EpochMs): boolean {
    let window = this.#windows.get(key)
    if (window === undefined || now - window.start >= windowMs || now < window.start) {
      window = { start: now, used: 0 }
      this.#windows.set(key, window)
    }
    window.used += cost
    return window.used <= limit * this.#multiplier
  }
}
