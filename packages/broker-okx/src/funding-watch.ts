import type { EpochMs } from '@tradeswarm/core'
import type { FundingEvent } from '@tradeswarm/trading'
import type { OkxFundingRate } from './parse-market-data.js'

/** So far our clock may be behind the venue's: funding comes hours apart. */
const toleranceMs = 60_000

/** A funding that has fallen due, and, where others have as well, the instant up to which they are to be asked for. */
export type DueFunding = { readonly event: FundingEvent; readonly missedUntil: EpochMs | undefined }

/** Tells of funding when it has fallen due: the venue then names the next instant. */
export class FundingWatch {
  readonly #rates = new Map<string, OkxFundingRate>()
  readonly #prices = new Map<string, string>()

  /** The mark price, which funding is counted at. */
  notePrice(symbol: string, price: string): void {
    this.#prices.set(symbol, price)
  }

  /**
   * Answers the funding that this shows to have fallen due; undefined where it shows none, as where the venue funds more or less often from now
   * on and has moved the instant: what is to come has not fallen due. After a break of more than a period there is more than one, of which
   * `event` is the first, at the rate that was last heard of.
   */
  take(rate: OkxFundingRate, now: EpochMs): DueFunding | undefined {
    const before = this.#rates.get(rate.symbol)
    const isToCome = (time: EpochMs): boolean => time > now + toleranceMs
    // An earlier instant that has gone by is an older answer.
    if (before !== undefined && rate.time < before.time && !isToCome(rate.time)) return undefined
    this.#rates.set(rate.symbol, rate)
    const price = this.#prices.get(rate.symbol)
    if (before === undefined || rate.time <= before.time || isToCome(before.time) || price === undefined)
      return undefined
    const isMissed = before.nextTime !== undefined && before.nextTime < rate.time && !isToCome(before.nextTime)
    // What was settled last is that of the last of them.
    const settled = isMissed ? before.rate : (rate.settledRate ?? before.rate)
    const event: FundingEvent = { type: 'funding', symbol: rate.symbol, time: before.time, rate: settled, price }
    return { event, missedUntil: isMissed ? rate.time : undefined }
  }
}
