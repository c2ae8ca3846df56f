import { SwarmError } from '../errors/swarm-error.js'
import type { HandlerContext } from './agent-types.js'
import { beginHandlerRun, type HandlerCause, type HandlerRun, type HandlerScope } from './handler-run.js'

/** Runs the handlers of one agent, each in a transaction of its own. */
export type HandlerAttempts = {
  /**
   * Runs a handler and commits. Throws whatever the handler threw, `HANDLER_TIMED_OUT`, `AGENT_RESTARTED` or what the commit threw;
   * then nothing of the attempt has taken effect. A handler whose documents were written by another meanwhile runs anew.
   */
  run(cause: HandlerCause, handler: (context: HandlerContext) => unknown): Promise<unknown>
  /** Revokes the contexts of all handlers that run now. In real time their attempts fail at once. */
  revokeAll(): void
}

type Attempt = { readonly run: HandlerRun; abandon: ((error: SwarmError) => void) | undefined }

/** Each collision means that another handler got through, so this bounds nothing but an error of ours. */
const maximumCollisions = 1_000

export function createHandlerAttempts(scope: HandlerScope, options: { readonly timeoutMs: number }): HandlerAttempts {
  const { dispatcher, instance } = scope
  const attempts = new Set<Attempt>()

  const withDeadline = (attempt: Attempt, handler: (context: HandlerContext) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const cancel = dispatcher.at(dispatcher.now() + options.timeoutMs, () => {
        attempt.run.revoke()
        reject(handlerTimedOut(instance, options.timeoutMs))
      })
      attempt.abandon = (error) => {
        cancel()
        reject(error)
      }
      Promise.resolve()
        .then(() => handler(attempt.run.context))
        .then(resolve, reject)
        .finally(cancel)
    })

  const once = async (cause: HandlerCause, handler: (context: HandlerContext) => unknown): Promise<unknown> => {
    const run = beginHandlerRun(scope, cause)
    const attempt: Attempt = { run, abandon: undefined }
    attempts.add(attempt)
    try {
      const result = dispatcher.virtual ? await handler(run.context) : await withDeadline(attempt, handler)
      await run.commit()
      return result
    } finally {
      run.revoke()
      attempts.delete(attempt)
    }
  }

  return {
    async run(cause, handler) {
      for (let collisions = 0; ; collisions += 1) {
        try {
          return await once(cause, handler)
        } catch (error) {
          if (!SwarmError.isInstance(error, 'STATE_CONFLICT') || collisions >= maximumCollisions) throw error
        }
      }
    },
    revokeAll() {
      for (const { run, abandon } of attempts) {
        run.revoke()
        abandon?.(agentRestarted(instance))
      }
    },
  }
}

function handlerTimedOut(instance: string, timeoutMs: number): SwarmError {
  return new SwarmError({
    code: 'HANDLER_TIMED_OUT',
    message: `a handler of ${instance} did not end within ${timeoutMs} ms`,
    retryability: 'retryable',
    context: { agent: instance, handlerTimeoutMs: timeoutMs },
  })
}

function agentRestarted(instance: string): SwarmError {
  return new SwarmError({
    code: 'AGENT_RESTARTED',
    message: `agent ${instance} was restarted while its handler ran`,
    retryability: 'unknown-outcome',
    context: { agent: instance },
  })
}
