import type { Cancel } from '../time/clock.js'
import type { CountedRestart } from './restart-window.js'
import type { SupervisedChild, SupervisorNode } from './supervision-tree.js'

/**
 * One restart of some children of a supervisor. It owns each of them until that child runs again or another restart, a
 * quarantine or a removal takes it away; when it owns none it has ended.
 */
export class Restart {
  readonly supervisor: SupervisorNode
  readonly children: readonly SupervisedChild[]
  /** Why the first start that failed in it did. */
  failure: { readonly error: unknown } | undefined = undefined
  cancelTimer: Cancel | undefined = undefined
  readonly #counted: CountedRestart | undefined
  readonly #waiting: (() => void)[] = []
  #owned = 0

  /** Takes the children from whichever restarts had them. */
  constructor(supervisor: SupervisorNode, children: readonly SupervisedChild[], counted?: CountedRestart) {
    this.supervisor = supervisor
    this.children = children
    this.#counted = counted
    supervisor.restarts.add(this)
    for (const child of children) {
      child.restart?.give(child)
      child.restart = this
      this.#owned += 1
    }
  }

  owns(child: SupervisedChild): boolean {
    return child.restart === this
  }

  get hasEnded(): boolean {
    return this.#owned === 0
  }

  /** Says that the children are being started from this time on. */
  begin(nowMs: number): void {
    this.cancelTimer = undefined
    if (this.#counted !== undefined) this.#counted.beganMs = nowMs
  }

  /** Gives up a child that it owns. */
  give(child: SupervisedChild): void {
    child.restart = undefined
    this.#owned -= 1
    if (this.#owned === 0) this.end()
  }

  /** Calls off what it still waits for. */
  end(): void {
    this.cancelTimer?.()
    this.supervisor.restarts.delete(this)
    // One that was overtaken before it began restarted nothing.
    if (this.#counted?.beganMs === Number.POSITIVE_INFINITY) this.#counted.beganMs = Number.NEGATIVE_INFINITY
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
