import { SwarmError } from '../errors/swarm-error.js'
import type { Deadlines, Expiring } from '../time/deadlines.js'
import type { HandlerContext } from './agent-types.js'
import { HandlerRun, type HandlerScope, type HandlerWork } from './handler-run.js'
import { WaitingRuns } from './waiting-runs.js'

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
  #runs: WaitingRuns | undefined
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

  /** The messages whose handlers wait for something and have not taken effect. */
  get messageIds(): readonly string[] {
    return (this.#runs?.all() ?? []).flatMap(({ isCommitted, message }) =>
      isCommitted || message === undefined ? [] : [message.id],
    )
  }

  /** What each handler is for that has not ended, in words; those left out wait for the answer of another. */
  get awaited(): readonly string[] {
    return (this.#runs?.all() ?? []).flatMap((run) => {
      if (run.isCommitted || run.isAsking) return []
      const { message, requestName } = run.work
      if (message !== undefined) return [`of ${message.topic} at the message ${message.id}`]
      return [requestName === undefined ? 'of a timer' : `of the request ${requestName}`]
    })
  }

  /**
   * Runs a handler and commits, then tells the work how it ended, perhaps before this returns: with whatever the handler threw,
   * `HANDLER_TIMED_OUT`, `AGENT_RESTARTED` or what the commit threw, if not well. A handler whose documents were written by another meanwhile
   * runs anew.
   */
  run(work: HandlerWork): void {
    this.#attempt(work, 0)
  }

  /** Revokes the contexts of all handlers that run now; their attempts fail at once. `innocent` tells that they are not to blame. */
  revokeAll(innocent: boolean): void {
    this.#current?.revoke()
    for (const run of this.#runs?.all() ?? []) {
      // One that fails may end others. What it has done is done already; it only waits until that is durable.
      if (run.isCommitted || !run.isWaiting) continue
      // In virtual time the handler is awaited, and fails when it ends.
      if (this.#options.deadlines === undefined) run.revoke()
      else this.#fail(run, agentRestarted(this.#scope.instance, innocent))
    }
  }

  #attempt(work: HandlerWork, collisions: number): void {
    const run = new HandlerRun(this.#scope, work, collisions)
    const outer = this.#current
    this.#current = run
    let result: unknown
    try {
      result = this.#invoke(run, work)
    } catch (error) {
      this.#current = outer
      this.#fail(run, error)
      return
    }
    this.#current = outer
    if (isPromiseLike(result)) void this.#await(run, result)
    else this.#finish(run, result)
  }

  /** With its span active, where it is traced. */
  #invoke(run: HandlerRun, work: HandlerWork): unknown {
    const { elapsed } = this.#options
    const { operation } = work
    if (elapsed !== undefined) run.startedAt = elapsed()
    const call = this.#scope.around ?? invoke
    if (operation === undefined) {
      work.began?.(run)
      return call(work, run)
    }
    run.operation = operation
    run.span = operation.start(work.traceparent, work.message ?? work)
    work.began?.(run)
    return operation.run(run.span, call, work, run)
  }

  async #await(run: HandlerRun, result: PromiseLike<unknown>): Promise<void> {
    this.#track(run)
    let value: unknown
    try {
      value = await result
    } catch (error) {
      this.#fail(run, error)
      return
    }
    if (!run.ended) this.#finish(run, value)
  }

  /** It waits for something: until its deadline, and as long as its agent lives. */
  #track(run: HandlerRun): void {
    this.#runs ??= new WaitingRuns()
    this.#runs.add(run)
    const { deadlines, timeoutMs } = this.#options
    if (deadlines !== undefined && run.deadline === undefined)
      run.deadline = deadlines.set(timeoutMs, new HandlerDeadline(this, run))
  }

  /**
   * Called at the deadline of a handler that still waits for something. The time in which it waited for answers is not its own: a request has a
   * time-out of its own, and who hangs is whoever does not answer it.
   */
  expired(run: HandlerRun): void {
    if (run.ended || run.isCommitted) return
    const { deadlines, elapsed } = this.#options
    const waitedMs = elapsed === undefined ? 0 : Math.floor(run.takeWaitedMs(elapsed()))
    if (deadlines !== undefined && waitedMs > 0) {
      run.deadline = deadlines.set(waitedMs, new HandlerDeadline(this, run))
      return
    }
    const error = handlerTimedOut(this.#scope.instance, this.#options.timeoutMs)
    this.#fail(run, error)
    this.#options.onHung(error)
  }

  #finish(run: HandlerRun, result: unknown): void {
    let checked = result
    let commit: Promise<void> | undefined
    try {
      if (run.work.check !== undefined) checked = run.work.check(result)
      commit = run.commit()
    } catch (error) {
      this.#conflicted(run, error)
      return
    }
    if (commit === undefined) {
      this.#succeed(run, checked)
      return
    }
    // It may have to wait for room first.
    if (!run.isCommitted) this.#track(run)
    commit.then(
      () => this.#succeed(run, checked),
      (error: unknown) => this.#conflicted(run, error),
    )
  }

  /** Runs the handler anew where another has written its documents meanwhile. */
  #conflicted(run: HandlerRun, error: unknown): void {
    if (!SwarmError.isInstance(error, 'STATE_CONFLICT') || run.collisions >= maximumCollisions) {
      this.#fail(run, error)
      return
    }
    if (run.ended) return
    this.#end(run)
    this.#endSpan(run, error)
    this.#attempt(run.work, run.collisions + 1)
  }

  #end(run: HandlerRun): void {
    run.ended = true
    this.#runs?.remove(run)
    run.deadline?.clear()
  }

  #succeed(run: HandlerRun, result: unknown): void {
    this.#end(run)
    run.revoke()
    const { elapsed, onTime } = this.#options
    if (elapsed !== undefined) {
      const elapsedMs = elapsed() - run.startedAt
      onTime(elapsedMs)
      if (run.span !== undefined) run.operation?.succeeded(run.span, elapsedMs)
    }
    run.work.succeeded(result)
  }

  #fail(run: HandlerRun, error: unknown): void {
    if (run.ended) return
    this.#end(run)
    this.#endSpan(run, error)
    run.work.failed(error)
  }

  #endSpan(run: HandlerRun, error: unknown): void {
    run.revoke()
    const { elapsed, onTime } = this.#options
    if (elapsed === undefined) return
    const elapsedMs = elapsed() - run.startedAt
    onTime(elapsedMs)
    if (run.span !== undefined) run.operation?.failed(run.span, elapsedMs, error)
  }
}

class HandlerDeadline implements Expiring {
  readonly #attempts: HandlerAttempts
  readonly #run: HandlerRun

  constructor(attempts: HandlerAttempts, run: HandlerRun) {
    this.#attempts = attempts
    this.#run = run
  }

  expire(): void {
    this.#attempts.expired(this.#run)
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
