const marker = Symbol.for('tradeswarm.error')

/** What a caller may do next: try again, give up, or first find out what happened. */
export type Retryability = 'retryable' | 'fatal' | 'unknown-outcome'

/** What a {@link SwarmError} is made of. */
export type SwarmErrorOptions = {
  readonly code: string
  readonly message: string
  readonly retryability?: Retryability
  /** Facts that help to find the fault. Never secrets. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The one error class of the SDK, told apart by its stable `code`.
 * Use {@link SwarmError.isInstance} rather than `instanceof`: two copies of a package may be loaded.
 */
export class SwarmError extends Error {
  readonly code: string
  readonly retryability: Retryability
  readonly context: Readonly<Record<string, unknown>>
  readonly [marker] = true

  constructor(options: SwarmErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SwarmError'
    this.code = options.code
    this.retryability = options.retryability ?? 'fatal'
    this.context = options.context ?? {}
  }

  /** True for a `SwarmError` of any copy of this package; with `code`, only for that code. */
  static isInstance(error: unknown, code?: string): error is SwarmError {
    if (typeof error !== 'object' || error === null || !(marker in error)) return false
    return code === undefined || (error as SwarmError).code === code
  }
}

/** The message of whatever was thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
