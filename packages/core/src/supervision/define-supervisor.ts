import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import { type BackoffOptions, createBackoff } from '../resilience/backoff.js'

/**
 * What is restarted when a child fails: `one-for-one` that child, `rest-for-one` it and those after it, `all-for-one` all children.
 * They are stopped in reverse order and started in order.
 */
export type RestartStrategy = 'one-for-one' | 'rest-for-one' | 'all-for-one'

/** How many restarts a supervisor makes within a window of time before it gives up. */
export type RestartIntensity = {
  /** 0 to 1,000; with 0 nothing is restarted. */
  readonly restarts: number
  /** The length of the window, 1 to 86,400,000. */
  readonly perMs: number
}

/**
 * What a supervisor does that has given up: `quarantine` keeps the failed child down until an operator releases it, while the
 * others run on; `escalate` lets its own supervisor treat it, with all below it, as one failed child.
 */
export type OnExceeded = 'quarantine' | 'escalate'

/** A supervisor and its children in their order. Inert: nothing runs before a swarm starts it. */
export type SupervisorDefinition<Child = unknown> = {
  readonly kind: 'supervisor'
  readonly name: string
  readonly strategy: RestartStrategy
  readonly children: readonly (Child | SupervisorDefinition<Child>)[]
  readonly intensity: RestartIntensity
  readonly backoff: BackoffOptions
  /** When absent: `quarantine` at the root of the tree, `escalate` below. */
  readonly onExceeded: OnExceeded | undefined
}

/** What a supervisor is made of. */
export type SupervisorOptions<Element = unknown> = {
  /** Lower case, digits and dashes; unique in its tree. */
  readonly name: string
  readonly strategy: RestartStrategy
  /** In the order in which they start: later ones may depend on earlier ones. Nested supervisors are allowed. */
  readonly children: readonly Element[]
  /** Default: 5 restarts in 60,000 ms. Counted for each child by itself under `one-for-one`, else for all children together. */
  readonly intensity?: RestartIntensity
  /** The waits before the second and further restarts within the window; the first is made at once. */
  readonly backoff?: BackoffOptions
  /** Default: `quarantine` at the root of the tree, `escalate` below. */
  readonly onExceeded?: OnExceeded
}

/** The children of a list that may hold supervisors of such children. */
export type SupervisedBy<Element> = Element extends SupervisorDefinition<infer Child> ? Child : Element

const defaultIntensity: RestartIntensity = Object.freeze({ restarts: 5, perMs: 60_000 })
const supervisorOptions: readonly (keyof SupervisorOptions)[] = [
  'name',
  'strategy',
  'children',
  'intensity',
  'backoff',
  'onExceeded',
]
const strategies: readonly string[] = ['one-for-one', 'rest-for-one', 'all-for-one'] satisfies RestartStrategy[]
const reactions: readonly string[] = ['quarantine', 'escalate'] satisfies OnExceeded[]
const longestWindowMs = 86_400_000
const mostRestarts = 1_000

/** Declares a supervisor. Throws `INVALID_NAME`, or `INVALID_OPTION` for a strategy, intensity, backoff or reaction out of range. */
export function defineSupervisor<Element>(
  options: SupervisorOptions<Element>,
): SupervisorDefinition<SupervisedBy<Element>> {
  const { name, strategy, children, intensity = defaultIntensity, backoff = {}, onExceeded } = options
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new SwarmError({
      code: 'INVALID_NAME',
      message: `"${name}" is no name for a supervisor: use lower case letters, digits and dashes`,
      context: { name },
    })
  }
  assertKnownOptions(`supervisor ${name}`, options, supervisorOptions)
  assertOneOf(name, 'strategy', strategy, strategies)
  if (onExceeded !== undefined) assertOneOf(name, 'onExceeded', onExceeded, reactions)
  if (typeof children?.[Symbol.iterator] !== 'function') {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `children of supervisor ${name} is no list: give it agent classes, entries or further supervisors`,
      context: { option: 'children' },
    })
  }
  assertWhole(name, 'intensity.restarts', intensity.restarts, 0, mostRestarts)
  assertWhole(name, 'intensity.perMs', intensity.perMs, 1, longestWindowMs)
  createBackoff(backoff)
  return Object.freeze({
    kind: 'supervisor',
    name,
    strategy,
    children: Object.freeze([...children]) as SupervisorDefinition<SupervisedBy<Element>>['children'],
    intensity: Object.freeze({ restarts: intensity.restarts, perMs: intensity.perMs }),
    backoff: Object.freeze({ ...backoff }),
    onExceeded,
  })
}

/** True for what {@link defineSupervisor} made, in this copy of the package or another. */
export function isSupervisorDefinition<Child>(
  child: Child | SupervisorDefinition<Child>,
): child is SupervisorDefinition<Child> {
  return typeof child === 'object' && child !== null && 'kind' in child && child.kind === 'supervisor'
}

function assertOneOf(name: string, option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option} of supervisor ${name} is "${value}"; it must be one of ${allowed.join(', ')}`,
    context: { option, value },
  })
}

function assertWhole(name: string, option: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option} of supervisor ${name} is ${value}; it must be a whole number from ${lowest} to ${highest}`,
    context: { option, value },
  })
}
