/**
 * What nothing was noted in yet, the same for all orders. A look into it by an id would have the id entered among the names of properties,
 * which costs more than all else that is done with it: {@link noted} looks at what it looks into first.
 */
export const nothingNoted: Readonly<Record<string, never>> = Object.freeze({})

/** What was noted under an id; an id such as `__proto__` finds nothing that nobody noted. */
export function noted<T>(facts: Readonly<Record<string, T>>, id: string): T | undefined {
  return facts === nothingNoted || !Object.hasOwn(facts, id) ? undefined : facts[id]
}
