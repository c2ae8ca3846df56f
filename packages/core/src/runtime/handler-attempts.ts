import { SwarmError } from '../errors/swarm-error.js'
import type { Deadlines } from '../time/deadlines.js'
import type { HandlerContext } from './agent-types.js'
import { HandlerRun, type HandlerScope, type HandlerWork } from './handler-run.js'

export type HandlerAttemptsOptions = {
  readonly timeoutMs: number
  /** Absent in virtual time, where nothing hangs. */
  readonly deadlines: Deadlines | undefined
  /** Milliseconds on a clock that never goes back; absent in virtual time. */
  readonly elapsed: (() => number) | undefined
  /** Told how long each handler took. */
  readonly onTime: (elapsedMs: number) => void
  /** Told when a handler is still at work past its deadline. */
  readonly onHung: (error: SwarmError) => void
}

/** Each collision means that another handler got through, so this bounds nothing but an error of ours. */
const maximumCollisions = 1_000

/** Runs the handlers of one agent, each in a transaction of its own. */
export class HandlerAttempts {
  readonly #scope: HandlerScope
  readonly #options: HandlerAttemptsOptions
  /** Those that wait for something. */
  #runs: Set<HandlerRun> | undefined
  /** The one whose handler is on the stack. */
  #current: HandlerRun | undefined

  constructor(scope: HandlerScope, options: HandlerAttemptsOptions) {
    this.#scope = scope
    this.#options = options
  }

  /** How many handlers wait for something. */
  get waiting(): number {
    return this.#runs?.size ?? 0
  }

  /**
   * Runs a handler and commits. Returns what the handler returned, as a promise unless everything was done at once. Throws (or rejects with)
   * whatever the handler threw, `HANDLER_TIMED_OUT`, `AGENT_RESTARTED` or what the commit threw; then nothing of the attempt has taken
   * effect. A handler whose documents were written by another meanwhile runs anew.
   */
  run(work: HandlerWork): unknown {
    return this.#attempt(work, 0)
  }

  /** Revokes the contexts of all handlers that run now; their attempts fail at once. `innocent` tells that they are not to blame. */
  revokeAll(innocent: boolean): void {
    this.#current?.revoke()
    if (this.#runs === undefined) return
    const runs = this.#runs
    this.#runs = undefined
    for (const run of runs) {
      run.revoke()
      run.abandon?.(agentRestarted(this.#scope.instance, innocent))
    }
  }

  #attempt(work: HandlerWork, collisions: number): unknown {
    const run = new HandlerRun(this.#scope, work)
    const outer = this.#current
    this.#current = run
    let result: unknown
    try {
      result = this.#invoke(run, work)
    } catch (error) {
      this.#failed(run, error)
      throw error
    } finally {
      this.#current = outer
    }
    if (!isPromiseLike(result)) return this.#finish(run, work, result, collisions)
    return this.#await(run, work, result, collisions)
  }

  /** With its span active, where it is traced. */
  #invoke(run: HandlerRun, work: HandlerWork): unknown {
    const { elapsed } = this.#options
    const { operation } = work
    if (elapsed !== undefined) run.startedAt = elapsed()
    const call = this.#scope.around ?? invoke
    if (operation === undefined) return call(work, run)
    run.operation = operation
    run.span = operation.start(work.traceparent, work.message ?? work)
    return operation.run(run.span, call, work, run)
  }

  #failed(run: HandlerRun, error: unknown): void {
    run.revoke()
    if (run.span !== undefined) run.operation?.failed(run.span, this.#time(run), error)
    run.span = undefined
  }

  #succeeded(run: HandlerRun): void {
    run.revoke()
    if (this.#options.elapsed === undefined) return
    const elapsedMs = this.#time(run)
    if (run.span !== undefined) run.operation?.succeeded(run.span, elapsedMs)
  }

  #time(run: HandlerRun): number {
    const { elapsed, onTime } = this.#options
    if (elapsed === undefined) return 0
    const elapsedMs = elapsed() - run.startedAt
    onTime(elapsedMs)
    return elapsedMs
  }

  #await(run: HandlerRun, work: HandlerWork, result: PromiseLike<unknown>, collisions: number): Promise<unknown> {
    this.#runs ??= new Set()
    this.#runs.add(run)
    return new Promise((resolve, reject) => {
      const { deadlines, timeoutMs, onHung } = this.#options
      if (deadlines !== undefined) {
        run.abandon = reject
        run.deadline = deadlines.set(timeoutMs, () => {
          if (this.#runs?.delete(run) !== true) return
          const error = handlerTimedOut(this.#scope.instance, timeoutMs)
          this.#failed(run, error)
          reject(error)
          onHung(error)
        })
      }
      result.then(
        (value) => {
          this.#runs?.delete(run)
          run.deadline?.clear()
          try {
            resolve(this.#finish(run, work, value, collisions))
          } catch (error) {
            reject(error as Error)
          }
        },
        (error: unknown) => {
          this.#runs?.delete(run)
          this.#failed(run, error)
          reject(error as Error)
        },
      )
    })
  }

  #finish(run: HandlerRun, work: HandlerWork, result: unknown, collisions: number): unknown {
    let durable: Promise<void> | undefined
    let checked = result
    try {
      if (work.check !== undefined) checked = work.check(result)
      durable = run.commit()
    } catch (error) {
      return this.#conflicted(run, work, error, collisions)
    }
    if (durable === undefined) {
      this.#succeeded(run)
      return checked
    }
    return durable.then(
      () => {
        this.#succeeded(run)
        return checked
      },
      (error: unknown) => this.#conflicted(run, work, error, collisions),
    )
  }

  /** Runs the handler anew where another has written its documents meanwhile. */
  #conflicted(run: HandlerRun, work: HandlerWork, error: unknown, collisions: number): unknown {
    this.#failed(run, error)
    if (!SwarmError.isInstance(error, 'STATE_CONFLICT') || collisions >= maximumCollisions) throw error
    return this.#attempt(work, collisions + 1)
  }
}

function invoke(work: HandlerWork, run: HandlerRun): unknown {
  return work.invoke(run as unknown as HandlerContext)
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}

function handlerTimedOut(instance: string, timeoutMs: number): SwarmError {
  return new SwarmError({
    code: 'HANDLER_TIMED_OUT',
    message: `a handler of ${instance} did not end within ${timeoutMs} ms`,
    retryability: 'retryable',
    context: { agent: instance, handlerTimeoutMs: timeoutMs },
  })
}

function agentRestarted(instance: string, innocent: boolean): SwarmError {
  return new SwarmError({
    code: 'AGENT_RESTARTED',
    message: `agent ${instance} was restarted while its handler ran`,
    retryability: 'unknown-outcome',
    context: { agent: instance, innocent },
  })
}
