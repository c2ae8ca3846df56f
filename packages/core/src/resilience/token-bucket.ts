/** What a lane keeps for itself: a share of the tokens that come in, and of those that the bucket holds. */
export type Reserve = { readonly lane: string; readonly fraction: number }

export type TokenBucketOptions = {
  readonly tokensPerMs: number
  /** How many tokens it holds; it starts full. */
  readonly capacity: number
  readonly reserves: readonly Reserve[]
}

type Level = { readonly lane: string; readonly fraction: number; readonly capacity: number; tokens: number }

/** Sums of fractions of a token may miss a whole one by this much. */
const tolerance = 1e-9

/**
 * A token bucket with reserved lanes. Each reserve fills at its own rate whatever the others take; what a full one can't
 * hold goes to the shared part. A reserved lane takes from its reserve first, then from the shared part. All parts together
 * hold at most `capacity` and gain at most `tokensPerMs`, so that over any time t no more than capacity + t × tokensPerMs go out.
 */
export class TokenBucket {
  readonly #tokensPerMs: number
  readonly #reserves: readonly Level[]
  readonly #shared: Level
  #filledAt: number

  constructor({ tokensPerMs, capacity, reserves }: TokenBucketOptions, now: number) {
    const level = (lane: string, fraction: number): Level => ({
      lane,
      fraction,
      capacity: capacity * fraction,
      tokens: capacity * fraction,
    })
    this.#tokensPerMs = tokensPerMs
    this.#reserves = reserves.map(({ lane, fraction }) => level(lane, fraction))
    this.#shared = level('', 1 - reserves.reduce((sum, { fraction }) => sum + fraction, 0))
    this.#filledAt = now
  }

  /** Takes one token for a lane; false when there is none for it. */
  tryTake(lane: string, now: number): boolean {
    this.#fill(now)
    const reserve = this.#reserveOf(lane)
    return (reserve !== undefined && takeFrom(reserve)) || takeFrom(this.#shared)
  }

  /** The whole tokens that a lane could take at once. */
  available(lane: string, now: number): number {
    this.#fill(now)
    const reserve = this.#reserveOf(lane)
    const reserved = reserve === undefined ? 0 : Math.floor(reserve.tokens + tolerance)
    return reserved + Math.floor(this.#shared.tokens + tolerance)
  }

  /** Milliseconds until it is worth trying again: never later than the next token for the lane, if nobody else takes any. 0 when there is one. */
  waitMs(lane: string, now: number): number {
    this.#fill(now)
    const reserve = this.#reserveOf(lane)
    const ownMs = reserve === undefined ? Number.POSITIVE_INFINITY : this.#untilMs(reserve, 1, reserve.fraction)
    let waitMs = Math.min(ownMs, this.#untilMs(this.#shared, 1, this.#sharedInflow()))
    // A reserve that gets full hands its inflow on: what was reckoned without it is then too long.
    for (const level of this.#reserves) {
      if (!isFull(level)) waitMs = Math.min(waitMs, this.#untilMs(level, level.capacity, level.fraction))
    }
    return waitMs
  }

  #untilMs(level: Level, tokens: number, inflow: number): number {
    const missing = tokens - level.tokens
    return missing <= tolerance ? 0 : missing / (this.#tokensPerMs * inflow)
  }

  #sharedInflow(): number {
    let inflow = this.#shared.fraction
    for (const level of this.#reserves) if (isFull(level)) inflow += level.fraction
    return inflow
  }

  #fill(now: number): void {
    const tokens = (now - this.#filledAt) * this.#tokensPerMs
    this.#filledAt = now
    // A clock that was set back gives nothing, and takes nothing away.
    if (tokens <= 0) return
    let shared = tokens * this.#shared.fraction
    for (const level of this.#reserves) shared += pour(level, tokens * level.fraction)
    pour(this.#shared, shared)
  }

  #reserveOf(lane: string): Level | undefined {
    for (const level of this.#reserves) if (level.lane === lane) return level
    return undefined
  }
}

function isFull(level: Level): boolean {
  return level.tokens >= level.capacity - tolerance
}

/** Returns what the level couldn't hold. */
function pour(level: Level, tokens: number): number {
  const filled = level.tokens + tokens
  level.tokens = Math.min(filled, level.capacity)
  return filled - level.tokens
}

function takeFrom(level: Level): boolean {
  if (level.tokens < 1 - tolerance) return false
  level.tokens = Math.max(0, level.tokens - 1)
  return true
}
