import { messageOf } from '../errors/swarm-error.js'
import { callHook } from './agent.js'
import type { Health } from './agent-types.js'
import { hookWithin } from './hook-within.js'
import type { InstanceScope } from './instance-scope.js'

/** The hooks of one agent instance, each awaited within the deadline of a handler, and what the last check of its health said. */
export class AgentHooks {
  readonly #scope: Pick<InstanceScope, 'deadlines' | 'handlerTimeoutMs'>
  #awaited: string | undefined
  #health: Health | undefined

  constructor(scope: Pick<InstanceScope, 'deadlines' | 'handlerTimeoutMs'>) {
    this.#scope = scope
  }

  /** The name of the hook that has begun and not ended. */
  get awaited(): string | undefined {
    return this.#awaited
  }

  /** What the present life of the agent said of itself; nothing before it was asked. */
  get health(): Health | undefined {
    return this.#health
  }

  /** A life of the agent is over: what it said of itself does not count for the next one. */
  forgetHealth(): void {
    this.#health = undefined
  }

  /** Waits for a hook that has begun. Rejects with what it threw, or where it hangs. */
  within(hook: string, running: unknown): Promise<unknown> {
    const within = hookWithin(this.#scope, hook, running)
    const ended = (): void => {
      this.#awaited = undefined
    }
    this.#awaited = hook
    within.then(ended, ended)
    return within
  }

  /** Asks an agent how it is, and notes it if that life of it still lasts. */
  async askHealth(agent: object, isAlive: () => boolean): Promise<Health | undefined> {
    let health: Health
    try {
      health = (await this.within('onHealth', callHook(agent, 'onHealth'))) as Health
    } catch (error) {
      health = { status: 'unhealthy', detail: messageOf(error) }
    }
    if (!isAlive()) return undefined
    this.#health = health
    return health
  }
}
