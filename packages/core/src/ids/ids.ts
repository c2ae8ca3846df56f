/** The only source of identifiers. */
export type Ids = {
  /** A new id that starts with the prefix and a dash. Never the same twice from one source. */
  next(prefix: string): string
}
