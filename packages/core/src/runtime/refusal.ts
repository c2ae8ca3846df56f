/* oxlint-disable unicorn/no-thenable -- the class below is a promise */
const nothing = (): void => undefined

/**
 * A promise that is rejected already, for what is refused at once. It ends no process when nobody waits for it: whoever gave it out looks whether
 * somebody does, and tells of it otherwise.
 */
export class Refusal extends Promise<never> {
  /** What follows from it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** True once somebody waits for it, with `await` or `then`. */
  isHeard = false
  readonly error: unknown

  constructor(error: unknown) {
    super((_resolve, reject) => reject(error as Error))
    this.error = error
    super.then(undefined, nothing)
  }

  // A promise of a class of its own is awaited by its `then`, which so learns of it.
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<Result = never, Failure = never>(
    onFulfilled?: ((value: never) => Result | PromiseLike<Result>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    this.isHeard = true
    return super.then(onFulfilled, onRejected)
  }
}

/** Rejects; tells of it, a moment later, where nobody waits for it. */
export function refuse(error: unknown, tell: (error: unknown) => void): Refusal {
  const refusal = new Refusal(error)
  // A promise of a class of its own is waited for one turn of the queue of microtasks after the `await`.
  void Promise.resolve()
    .then(nothing)
    .then(() => {
      if (!refusal.isHeard) tell(error)
    })
  return refusal
}

/** Keeps a promise from ending the process when it is rejected and nobody waits for it; whoever does still sees the error. */
export function unheeded(promise: Promise<unknown>): void {
  promise.catch(nothing)
}
