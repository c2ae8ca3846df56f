import { assertKnownOptions, SwarmError } from '@tradeswarm/core'

/** The conditions of a venue in the hands of a test: to set one that there is not throws `INVALID_OPTION`, as it would change nothing. */
export function guardConditions<Conditions extends object>(place: string, conditions: Conditions): Conditions {
  return new Proxy(conditions, {
    set(target, name, value: unknown) {
      assertKnownOptions(`${place}: conditions`, { [String(name)]: value }, Object.keys(target))
      const known = target[name as keyof Conditions]
      if (typeof value !== typeof known)
        throw new SwarmError({
          code: 'INVALID_OPTION',
          message: `${place}: conditions: ${String(name)}: ${String(value)} is no ${typeof known}`,
          context: { option: String(name) },
        })
      return Reflect.set(target, name, value)
    },
  })
}
