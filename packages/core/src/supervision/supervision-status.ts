import type { RestartStrategy } from './define-supervisor.js'
import { type SupervisedChild, SupervisorNode } from './supervision-tree.js'

/** How a node of the tree is; a supervisor is `restarting` while any child below it is, and in `quarantine` when all are. */
export type SupervisedState = 'running' | 'restarting' | 'quarantined'

/** A child of a supervisor at the moment. */
export type ChildStatus = {
  readonly kind: 'child'
  readonly id: string
  readonly state: SupervisedState
  /** Restarts in the window that count for this child alone; always 0 where its supervisor counts for all children together. */
  readonly restarts: number
}

/** A supervisor and all below it at the moment. */
export type SupervisorStatus = {
  readonly kind: 'supervisor'
  readonly name: string
  readonly strategy: RestartStrategy
  readonly state: SupervisedState
  /** Restarts of its children in the window. */
  readonly restarts: number
  readonly children: readonly (ChildStatus | SupervisorStatus)[]
}

/** The state of a supervisor and all below it. */
export function supervisorStatus(supervisor: SupervisorNode, nowMs: number): SupervisorStatus {
  const { perMs } = supervisor.intensity
  const children: (ChildStatus | SupervisorStatus)[] = []
  let restarts = supervisor.childrenWindow?.count(nowMs, perMs) ?? 0
  for (const node of supervisor.children) {
    const own = node.window?.count(nowMs, perMs) ?? 0
    restarts += own
    children.push(node instanceof SupervisorNode ? supervisorStatus(node, nowMs) : childStatus(node, own))
  }
  const { name, strategy } = supervisor
  return { kind: 'supervisor', name, strategy, state: stateOf(children), restarts, children }
}

function childStatus(child: SupervisedChild, restarts: number): ChildStatus {
  const runs = child.state === 'running' && child.restart === undefined
  const state = child.quarantined ? 'quarantined' : runs ? 'running' : 'restarting'
  return { kind: 'child', id: child.id, state, restarts }
}

function stateOf(children: readonly { readonly state: SupervisedState }[]): SupervisedState {
  if (children.some(({ state }) => state === 'restarting')) return 'restarting'
  return children.length > 0 && children.every(({ state }) => state === 'quarantined') ? 'quarantined' : 'running'
}
