import { type Backoff, createBackoff } from '../resilience/backoff.js'
import type { RestartIntensity, RestartStrategy } from './define-supervisor.js'
import type { ResolvedSupervisor } from './resolve-supervisor.js'
import type { Restart } from './restart.js'
import { RestartWindow } from './restart-window.js'

/** What a child is doing. `failed` is one whose start failed; only `down` is known to be dropped. */
export type ChildState = 'running' | 'stopping' | 'down' | 'starting' | 'failed'

/** A leaf of the tree. */
export class SupervisedChild {
  readonly id: string
  /** Absent once the child is removed. */
  parent: SupervisorNode | undefined
  state: ChildState = 'running'
  quarantined = false
  /** The restart that will stop and start this child, and that covers whatever befalls it until then. */
  restart: Restart | undefined = undefined
  /** What the host is doing to it. The next thing waits for this: never two at once. */
  operation: Promise<void> | undefined = undefined
  /** Why its last start failed. */
  failure: { readonly error: unknown } | undefined = undefined
  /** Its own restarts, where its supervisor counts them for each child. */
  window: RestartWindow | undefined = undefined

  constructor(id: string, parent: SupervisorNode) {
    this.id = id
    this.parent = parent
  }
}

/** A supervisor with its children in order. */
export class SupervisorNode {
  readonly name: string
  readonly parent: SupervisorNode | undefined
  readonly strategy: RestartStrategy
  readonly intensity: RestartIntensity
  readonly backoff: Backoff
  readonly escalates: boolean
  readonly children = new Set<TreeNode>()
  /** The restarts of its children that are under way. */
  readonly restarts = new Set<Restart>()
  /** Its own restarts as a child. */
  window: RestartWindow | undefined = undefined
  /** Those of its children, where they are counted together. */
  childrenWindow: RestartWindow | undefined = undefined

  constructor(resolved: ResolvedSupervisor, parent: SupervisorNode | undefined) {
    this.name = resolved.name
    this.parent = parent
    this.strategy = resolved.strategy
    this.intensity = resolved.intensity
    this.backoff = createBackoff(resolved.backoff)
    this.escalates = parent !== undefined && resolved.onExceeded !== 'quarantine'
  }

  /** Independent children answer for themselves; those that share their fate are counted together. */
  get countsEachChild(): boolean {
    return this.strategy === 'one-for-one'
  }

  /** The window in which the failures of this child count. */
  windowOf(child: TreeNode): RestartWindow {
    if (this.countsEachChild) {
      child.window ??= new RestartWindow()
      return child.window
    }
    this.childrenWindow ??= new RestartWindow()
    return this.childrenWindow
  }

  /** Which of its children are restarted when one fails, in order. */
  affectedBy(failed: TreeNode): readonly TreeNode[] {
    if (this.strategy === 'one-for-one') return [failed]
    const children = [...this.children]
    return this.strategy === 'all-for-one' ? children : children.slice(children.indexOf(failed))
  }
}

export type TreeNode = SupervisedChild | SupervisorNode

/** The children in and below these nodes, in order, but for those in quarantine. */
export function activeChildren(nodes: Iterable<TreeNode>, into: SupervisedChild[] = []): SupervisedChild[] {
  for (const node of nodes) {
    if (node instanceof SupervisorNode) activeChildren(node.children, into)
    else if (!node.quarantined) into.push(node)
  }
  return into
}

/** Forgets the restarts of all below a supervisor, which begins anew. */
export function forgetRestarts(supervisor: SupervisorNode): void {
  supervisor.childrenWindow = undefined
  for (const child of supervisor.children) {
    child.window = undefined
    if (child instanceof SupervisorNode) forgetRestarts(child)
  }
}

/** A restart under way of children that share their fate with those of this supervisor. */
export function sharedRestart(supervisor: SupervisorNode | undefined): Restart | undefined {
  for (let node = supervisor; node !== undefined; node = node.parent) {
    if (!node.countsEachChild) for (const restart of node.restarts) return restart
  }
  return undefined
}

/** The name of a supervisor, the id of a child. */
export function nameOf(node: TreeNode): string {
  return node instanceof SupervisorNode ? node.name : node.id
}
