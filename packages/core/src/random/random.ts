/** The only source of randomness. */
export type Random = {
  /** A float in [0, 1). */
  next(): number
  /** An independent stream that depends on this stream's seed and the name only, not on how much was drawn. */
  fork(name: string): Random
}
