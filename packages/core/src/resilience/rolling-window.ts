/** How calls ended in the last while, in buckets that are emptied one after the other. Allocates nothing once made. */
export class RollingWindow {
  readonly #bucketMs: number
  readonly #callsByBucket: number[]
  readonly #failuresByBucket: number[]
  #current = 0
  #calls = 0
  #failures = 0

  constructor(windowMs: number, buckets: number) {
    this.#bucketMs = windowMs / buckets
    this.#callsByBucket = Array.from({ length: buckets }, () => 0)
    this.#failuresByBucket = Array.from({ length: buckets }, () => 0)
  }

  get calls(): number {
    return this.#calls
  }

  get failures(): number {
    return this.#failures
  }

  record(now: number, failed: boolean): void {
    this.advance(now)
    const bucket = this.#current % this.#callsByBucket.length
    this.#calls += 1
    this.#callsByBucket[bucket] = (this.#callsByBucket[bucket] ?? 0) + 1
    if (!failed) return
    this.#failures += 1
    this.#failuresByBucket[bucket] = (this.#failuresByBucket[bucket] ?? 0) + 1
  }

  /** Forgets what is too old. A clock that goes back leaves all in the current bucket. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    if (bucket <= this.#current) return
    if (bucket - this.#current >= this.#callsByBucket.length) this.clear()
    else for (let next = this.#current + 1; next <= bucket; next += 1) this.#empty(next % this.#callsByBucket.length)
    this.#current = bucket
  }

  clear(): void {
    this.#callsByBucket.fill(0)
    this.#failuresByBucket.fill(0)
    this.#calls = 0
    this.#failures = 0
  }

  #empty(bucket: number): void {
    this.#calls -= this.#callsByBucket[bucket] ?? 0
    this.#failures -= this.#failuresByBucket[bucket] ?? 0
    this.#callsByBucket[bucket] = 0
    this.#failuresByBucket[bucket] = 0
  }
}
