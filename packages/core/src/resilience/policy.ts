/** What a guarded function is given. */
export type PolicyContext = {
  /** Aborts when a policy gives the call up (a time-out, a lost hedge) or when the caller does. Made when first asked for. */
  readonly signal: AbortSignal
}

/** The work that a policy guards. What it throws at once is treated like a rejection. */
export type PolicyFunction<Result> = (context: PolicyContext) => Result | PromiseLike<Result>

/** Names, for the compiler only, what a policy may answer with: from `execute` it could not be told. */
declare const alternative: unique symbol

/** What a policy may answer with in place of its function's result. */
export type AlternativeOf<Some> = Some extends { readonly [alternative]?: infer Alternative } ? Alternative : never

/**
 * Guards calls. All policies are called alike, so that they nest: see {@link combine}. `Alternative` is what a policy may
 * answer with instead of the function's result, which only a fallback does.
 */
export type Policy<Alternative = never> = {
  /**
   * Runs the function under the policy. Rejects with what it threw or with the policy's own error. An abort ends all
   * waiting at once with `ABORTED`; a function that runs already is told by its signal and decides for itself.
   */
  execute<Result>(fn: PolicyFunction<Result>, signal?: AbortSignal): Promise<Result | Alternative>
  readonly [alternative]?: Alternative
}
