import { SwarmError } from '../errors/swarm-error.js'
import type { PolicyContext } from './policy.js'

/**
 * What a call may be aborted by. Controllers and signals cost more than all the rest of a call, so they are made when a
 * function asks for one; policies look at `isAborted` and listen only while they wait.
 */
export abstract class CallScope implements PolicyContext {
  abstract readonly signal: AbortSignal
  abstract readonly isAborted: boolean
  /** False where nothing can abort the call, so that nobody needs to listen. */
  abstract readonly canAbort: boolean

  /** The signal to listen to while waiting, if there is any. */
  get listenable(): AbortSignal | undefined {
    return this.canAbort ? this.signal : undefined
  }
}

/** The outermost scope: the caller's signal, or none. */
export class RootScope extends CallScope {
  readonly #given: AbortSignal | undefined
  #made: AbortSignal | undefined

  constructor(given: AbortSignal | undefined) {
    super()
    this.#given = given
    this.#made = undefined
  }

  get signal(): AbortSignal {
    if (this.#given !== undefined) return this.#given
    // One for each call: what a function forgets on a shared one would stay for ever.
    this.#made ??= new AbortController().signal
    return this.#made
  }

  get isAborted(): boolean {
    return this.#given?.aborted === true
  }

  get canAbort(): boolean {
    return this.#given !== undefined
  }
}

/** The scope of a policy that may itself abort what it guards. Follows its parent from when its signal is asked for until it ends. */
export class ChildScope extends CallScope {
  readonly #parent: CallScope
  #controller: AbortController | undefined
  #reason: unknown
  #aborted = false
  #ended = false
  #followed: AbortSignal | undefined

  constructor(parent: CallScope) {
    super()
    this.#parent = parent
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#makeController()
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#aborted || this.#parent.isAborted
  }

  get canAbort(): boolean {
    return true
  }

  abort(reason: unknown): void {
    if (this.#aborted || this.#ended) return
    this.#aborted = true
    this.#reason = reason
    this.end()
    this.#controller?.abort(reason)
  }

  /** Stops following the parent; to be called when the call has settled. */
  end(): void {
    this.#ended = true
    if (this.#followed === undefined) return
    this.#followed.removeEventListener('abort', this)
    this.#followed = undefined
  }

  /** Called by the parent's signal when it aborts. */
  handleEvent(): void {
    if (this.#followed !== undefined) this.abort(this.#followed.reason)
  }

  #makeController(): AbortController {
    const controller = new AbortController()
    if (this.#aborted) controller.abort(this.#reason)
    else if (this.#parent.isAborted) controller.abort(this.#parent.signal.reason)
    else if (this.#parent.canAbort && !this.#ended) {
      this.#followed = this.#parent.signal
      this.#followed.addEventListener('abort', this)
    }
    return controller
  }
}

/** `ABORTED`: the caller gave the call up before it began or while it waited. Its cause is the signal's reason. */
export function abortedError(signal: AbortSignal): SwarmError {
  return new SwarmError({
    code: 'ABORTED',
    message: 'a call was given up by its caller before it began or while it waited',
    cause: signal.reason,
  })
}
