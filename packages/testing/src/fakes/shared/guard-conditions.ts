import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'

/**
 * Conditions that refuse what they are not, with `INVALID_OPTION`: one that is misspelt would leave all as it is, and a test would pass
 * without it.
 */
export function guardConditions<Conditions extends object>(place: string, conditions: Conditions): Conditions {
  return new Proxy(conditions, {
    set(target, name, value: unknown) {
      assertConditions(place, target, { [String(name)]: value })
      return Reflect.set(target, name, value)
    },
  })
}

/** Checks names and values against what is set. Throws `INVALID_OPTION`. */
export function assertConditions(place: string, known: object, wanted: Readonly<Record<string, unknown>>): void {
  assertKnownOptions(`${place}: conditions`, wanted, Object.keys(known))
  for (const [name, value] of Object.entries(wanted)) {
    const isNumber = typeof known[name as keyof typeof known] === 'number'
    if (isNumber ? Number.isFinite(value) : typeof value === 'boolean') continue
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${place}: conditions: ${name} is ${shown(value)}; it must be ${isNumber ? 'a number' : 'true or false'}`,
      context: { option: name },
    })
  }
}
