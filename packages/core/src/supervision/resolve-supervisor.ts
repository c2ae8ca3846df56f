import type { BackoffOptions } from '../resilience/backoff.js'
import {
  isSupervisorDefinition,
  type OnExceeded,
  type RestartIntensity,
  type RestartStrategy,
  type SupervisorDefinition,
} from './define-supervisor.js'

import { duplicateSupervisor, supervisedTwice } from './supervision-errors.js'

/** A supervisor whose children are known by id. */
export type ResolvedSupervisor = {
  readonly kind: 'supervisor'
  readonly name: string
  readonly strategy: RestartStrategy
  readonly intensity: RestartIntensity
  readonly backoff: BackoffOptions
  readonly onExceeded: OnExceeded | undefined
  readonly children: readonly ResolvedNode[]
}

/** A part of a supervision tree: a supervisor, or the id of a child. */
export type ResolvedNode = ResolvedSupervisor | string

/**
 * The tree with each child replaced by its ids, one for each replica, in order.
 * Throws `DUPLICATE_SUPERVISOR` or `DUPLICATE_AGENT` when a name or an id occurs twice in it.
 */
export function resolveSupervisor<Child>(
  definition: SupervisorDefinition<Child>,
  idsOf: (child: Child) => readonly string[],
): ResolvedSupervisor {
  const names = new Set<string>()
  const ids = new Set<string>()
  const resolve = (supervisor: SupervisorDefinition<Child>): ResolvedSupervisor => {
    const { name, strategy, intensity, backoff, onExceeded } = supervisor
    if (names.has(name)) throw duplicateSupervisor(name)
    names.add(name)
    const children: ResolvedNode[] = []
    for (const child of supervisor.children) {
      if (isSupervisorDefinition(child)) {
        children.push(resolve(child))
        continue
      }
      for (const id of idsOf(child)) {
        if (ids.has(id)) throw supervisedTwice(id, name)
        ids.add(id)
        children.push(id)
      }
    }
    return { kind: 'supervisor', name, strategy, intensity, backoff, onExceeded, children }
  }
  return resolve(definition)
}
