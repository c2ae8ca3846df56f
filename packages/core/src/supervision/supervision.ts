import { messageOf } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Random } from '../random/random.js'
import type { ClockAndTimers } from '../time/clock.js'
import type { ResolvedSupervisor } from './resolve-supervisor.js'
import { Restart } from './restart.js'
import {
  notQuarantined,
  notSupervised,
  supervisedTwice,
  supervisionStopped,
  supervisorNotFound,
} from './supervision-errors.js'
import { type SupervisorStatus, supervisorStatus } from './supervision-status.js'
import {
  activeChildren,
  forgetRestarts,
  nameOf,
  SupervisedChild,
  SupervisorNode,
  sharedRestart,
  type TreeNode,
} from './supervision-tree.js'

/**
 * Stops and starts children for their supervisors, one thing at a time for each child. Every promise must settle: whoever
 * implements it bounds how long a start may take.
 */
export type SupervisionHost = {
  /** Drops the child as a crash would, keeping its state and its waiting messages; harmless when it is down already. */
  stop(id: string): Promise<void>
  /**
   * Starts a child that is down. What it rejects with counts as a failure of the child. Whoever implements it may leave a child
   * down that an operator stopped, and resolve.
   */
  start(id: string): Promise<void>
  /** The child is down and stays so until it is released. */
  quarantine(id: string, reason: string): void
}

/** What supervision is made of. */
export type SupervisionOptions = {
  /** All its children run already. */
  readonly root: ResolvedSupervisor
  readonly host: SupervisionHost
  readonly timers: ClockAndTimers
  readonly random: Random
  readonly logger: Logger
}

/** Supervisors at work. */
export type Supervision = {
  /**
   * Reports that a child failed. Begins the restart at once. Ignored for a child that a restart under way will stop and start
   * anyway, and for one in quarantine; one that is being started counts as failed to start, however often it is reported.
   */
  failed(id: string, error: unknown): void
  /** Puts a running child under a supervisor, as the last in order. Throws `SUPERVISOR_NOT_FOUND` or `DUPLICATE_AGENT`. */
  add(id: string, supervisorName: string): void
  /** Forgets a child, which is never stopped or started again; harmless when it is unknown. */
  remove(id: string): void
  /**
   * Lifts a quarantine: the restarts counted for the child and the supervisors above it are forgotten, and it is started.
   * Rejects with what its start threw, whereupon it is restarted like any child that failed; with `AGENT_NOT_FOUND`,
   * `NOT_QUARANTINED` or `SUPERVISION_STOPPED`.
   */
  release(id: string): Promise<void>
  status(): SupervisorStatus
  /** Resolves when every restart that has begun has ended or waits for its time, and every quarantine is in effect. */
  settled(): Promise<void>
  /** Nothing is stopped or started from now on; what the host is doing at the moment it finishes. */
  stop(): void
}

/** Keeps the children of a tree of supervisors running. Intensities are measured on the clock that never goes back, where there is one. */
export function createSupervision(options: SupervisionOptions): Supervision {
  return new TreeSupervision(options)
}

class TreeSupervision implements Supervision {
  readonly #options: SupervisionOptions
  readonly #root: SupervisorNode
  readonly #children = new Map<string, SupervisedChild>()
  readonly #supervisors = new Map<string, SupervisorNode>()
  readonly #underWay = new Set<Promise<void>>()
  #stopped = false

  constructor(options: SupervisionOptions) {
    this.#options = options
    this.#root = this.#grow(options.root, undefined)
  }

  failed(id: string, error: unknown): void {
    const child = this.#children.get(id)
    if (this.#stopped || child === undefined || child.quarantined) return
    if (child.state === 'starting') child.failure ??= { error }
    else if (child.state === 'running' && child.restart === undefined) this.#fail(child, error)
  }

  add(id: string, supervisorName: string): void {
    const supervisor = this.#supervisors.get(supervisorName)
    if (supervisor === undefined) throw supervisorNotFound(supervisorName, this.#supervisors.keys())
    this.#addChild(id, supervisor)
  }

  remove(id: string): void {
    const child = this.#children.get(id)
    if (child === undefined) return
    this.#children.delete(id)
    child.parent?.children.delete(child)
    child.parent = undefined
    child.restart?.give(child)
  }

  async release(id: string): Promise<void> {
    let child = this.#quarantinedChild(id)
    // A child starts among siblings that run, not into the middle of their common restart.
    for (let busy = sharedRestart(child.parent); busy !== undefined; busy = sharedRestart(child.parent)) {
      await busy.ended()
      child = this.#quarantinedChild(id)
    }
    child.quarantined = false
    for (let node: TreeNode | undefined = child; node !== undefined; node = node.parent) {
      node.window = undefined
      if (node instanceof SupervisorNode) node.childrenWindow = undefined
    }
    const restart = new Restart(child.parent as SupervisorNode, [child])
    await this.#track(this.#perform(restart, 0))
    if (restart.failure !== undefined) throw restart.failure.error
    if (!restart.hasEnded) throw supervisionStopped(id)
  }

  status(): SupervisorStatus {
    return supervisorStatus(this.#root, this.#now())
  }

  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  stop(): void {
    this.#stopped = true
    for (const supervisor of this.#supervisors.values()) for (const restart of supervisor.restarts) restart.end()
  }

  #now(): number {
    const { timers } = this.#options
    return timers.elapsed?.() ?? timers.now()
  }

  #grow(resolved: ResolvedSupervisor, parent: SupervisorNode | undefined): SupervisorNode {
    const supervisor = new SupervisorNode(resolved, parent)
    this.#supervisors.set(supervisor.name, supervisor)
    for (const child of resolved.children) {
      if (typeof child === 'string') this.#addChild(child, supervisor)
      else supervisor.children.add(this.#grow(child, supervisor))
    }
    return supervisor
  }

  #addChild(id: string, supervisor: SupervisorNode): void {
    if (this.#children.has(id)) throw supervisedTwice(id, supervisor.name)
    const child = new SupervisedChild(id, supervisor)
    this.#children.set(id, child)
    supervisor.children.add(child)
  }

  /** A child failed, or a supervisor that gave up: its supervisor restarts what its strategy says, or gives up in turn. */
  #fail(node: TreeNode, error: unknown): void {
    const supervisor = node.parent
    if (supervisor === undefined) return
    const { intensity, backoff } = supervisor
    const window = supervisor.windowOf(node)
    const earlier = window.count(this.#now(), intensity.perMs)
    if (earlier >= intensity.restarts) {
      this.#giveUp(supervisor, node, error)
      return
    }
    const delayMs = earlier === 0 ? 0 : backoff.delayMs(earlier, this.#options.random)
    const affected = supervisor.affectedBy(node)
    for (const other of affected) if (other instanceof SupervisorNode) forgetRestarts(other)
    const restart = new Restart(supervisor, activeChildren(affected), window.add())
    this.#options.logger.warn('a supervisor restarts what failed', {
      supervisor: supervisor.name,
      failed: nameOf(node),
      restarted: restart.children.length,
      restart: earlier + 1,
      delayMs,
      error: messageOf(error),
    })
    void this.#track(this.#perform(restart, delayMs))
  }

  #giveUp(supervisor: SupervisorNode, node: TreeNode, error: unknown): void {
    const { name, intensity, escalates } = supervisor
    if (escalates) {
      const fields = { supervisor: name, failed: nameOf(node), ...intensity, error: messageOf(error) }
      this.#options.logger.warn('a supervisor gave up and is restarted as a whole', fields)
      this.#fail(supervisor, error)
      return
    }
    const reason = `${nameOf(node)} failed again after ${intensity.restarts} restarts within ${intensity.perMs} ms: ${messageOf(error)}`
    void this.#track(this.#quarantine(activeChildren([node]).reverse(), supervisor, reason))
  }

  /** The work, which must not reject, is waited for by whoever waits until all is settled. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work.then(() => void this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    return tracked
  }

  async #quarantine(children: readonly SupervisedChild[], supervisor: SupervisorNode, reason: string): Promise<void> {
    const { host, logger } = this.#options
    for (const child of children) {
      child.quarantined = true
      child.restart?.give(child)
      const fields = { agent: child.id, supervisor: supervisor.name, ...supervisor.intensity, reason }
      logger.error('an agent is in quarantine: mend it, then release it', fields)
    }
    for (const child of children) {
      await this.#drop(child, undefined)
      if (this.#stopped || !child.quarantined || child.parent === undefined) continue
      try {
        host.quarantine(child.id, reason)
      } catch (error) {
        logger.error('a quarantine could not be reported', { agent: child.id, error: messageOf(error) })
      }
    }
  }

  /** Stops what the restart owns in reverse order, waits, and starts it in order. Never rejects. */
  async #perform(restart: Restart, delayMs: number): Promise<void> {
    for (let index = restart.children.length - 1; index >= 0; index -= 1) {
      const child = restart.children[index] as SupervisedChild
      if (restart.owns(child)) await this.#drop(child, restart)
    }
    if (this.#stopped || restart.hasEnded) return
    const { timers } = this.#options
    if (delayMs === 0) await this.#startAll(restart)
    // The promise is handed on, so that virtual time stands still until the start is done, and what follows when it fails.
    else {
      restart.cancelTimer = timers.at(timers.now() + delayMs, async () => {
        await this.#startAll(restart)
        await this.settled()
      })
    }
  }

  async #startAll(restart: Restart): Promise<void> {
    if (this.#stopped) return
    restart.begin(this.#now())
    for (const child of restart.children) {
      if (this.#stopped) return
      if (!restart.owns(child)) continue
      child.state = 'starting'
      child.failure = undefined
      child.operation = this.#start(child, restart)
      await child.operation
    }
  }

  /** Has the host stop a child, unless it is down, or was taken from the restart or, without one, released from its quarantine. */
  async #drop(child: SupervisedChild, restart: Restart | undefined): Promise<void> {
    while (child.operation !== undefined) await child.operation
    const isWanted = restart === undefined ? child.quarantined : restart.owns(child)
    if (this.#stopped || !isWanted || child.parent === undefined || child.state === 'down') return
    child.state = 'stopping'
    child.operation = this.#stop(child)
    await child.operation
  }

  async #stop(child: SupervisedChild): Promise<void> {
    try {
      await promised(() => this.#options.host.stop(child.id))
    } catch (error) {
      // Taken as down all the same: a start of one that is not fails, and counts.
      this.#options.logger.error('an agent that failed could not be stopped', {
        agent: child.id,
        error: messageOf(error),
      })
    }
    child.state = 'down'
    child.operation = undefined
  }

  async #start(child: SupervisedChild, restart: Restart): Promise<void> {
    try {
      await promised(() => this.#options.host.start(child.id))
      child.state = 'running'
    } catch (error) {
      child.state = 'failed'
      child.failure = { error }
    }
    child.operation = undefined
    // In one go with the above: a report that comes between would be taken for one of the old failure.
    if (this.#stopped || !restart.owns(child)) return
    if (child.failure === undefined) {
      restart.give(child)
      return
    }
    restart.failure ??= child.failure
    this.#fail(child, child.failure.error)
  }

  #quarantinedChild(id: string): SupervisedChild {
    const child = this.#children.get(id)
    if (this.#stopped) throw supervisionStopped(id)
    if (child?.quarantined) return child
    throw child === undefined ? notSupervised(id) : notQuarantined(id)
  }
}

/** Rejects with what was thrown, and never before its caller holds the promise. */
async function promised(work: () => Promise<void>): Promise<void> {
  await work()
}
