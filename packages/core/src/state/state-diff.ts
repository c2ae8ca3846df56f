import { isJsonObject } from './plain-json.js'

/** One place at which two values differ. `before` is absent for what was added, `after` for what was removed. */
export type StateChange = {
  /** Fields and indexes from the outside in; empty for the whole value. */
  readonly path: readonly (string | number)[]
  readonly before?: unknown
  readonly after?: unknown
}

/**
 * Where two plain JSON values differ, each undefined for "not there": fields in order of their names (UTF-16), elements by
 * index, from the outside in. What differs in kind is one change; arrays are compared index by index.
 */
export function diffState(before: unknown, after: unknown): readonly StateChange[] {
  const changes: StateChange[] = []
  collect(before, after, [], changes)
  return changes
}

function collect(before: unknown, after: unknown, path: readonly (string | number)[], changes: StateChange[]): void {
  if (before === after) return
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length)
    for (let index = 0; index < length; index += 1) collect(before[index], after[index], [...path, index], changes)
    return
  }
  if (isJsonObject(before) && isJsonObject(after)) {
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    for (const field of fields) collect(own(before, field), own(after, field), [...path, field], changes)
    return
  }
  changes.push({
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  })
}

/** The value after the changes that {@link diffState} found from this one: `applyStateDiff(a, diffState(a, b))` equals `b`. */
export function applyStateDiff(value: unknown, changes: readonly StateChange[]): unknown {
  return apply(value, changes, 0)
}

function apply(value: unknown, changes: readonly StateChange[], depth: number): unknown {
  const [first] = changes
  if (first === undefined) return value
  if (first.path.length === depth) return first.after
  const inner = new Map<string | number, StateChange[]>()
  for (const change of changes) {
    const step = change.path[depth] as string | number
    const known = inner.get(step)
    if (known) known.push(change)
    else inner.set(step, [change])
  }
  if (Array.isArray(value)) {
    const elements = [...(value as readonly unknown[])]
    for (const [index, those] of inner) elements[index as number] = apply(elements[index as number], those, depth + 1)
    // Elements are only ever removed from the end.
    while (elements.length > 0 && elements.at(-1) === undefined) elements.pop()
    return elements
  }
  const object = isJsonObject(value) ? value : {}
  const fields = new Map<string, unknown>(Object.entries(object))
  for (const [field, those] of inner) {
    const next = apply(own(object, String(field)), those, depth + 1)
    if (next === undefined) fields.delete(String(field))
    else fields.set(String(field), next)
  }
  return Object.fromEntries(fields)
}

function own(object: Readonly<Record<string, unknown>>, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined
}
