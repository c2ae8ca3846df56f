import { assertKnownOptions, nearestName, SwarmError } from '@tradeswarm/core'

/** Refuses a fault of a kind, or with a field, that there is not: a test would pass without it. Throws `INVALID_OPTION`, naming the nearest. */
export function assertKnownFault<Kind extends string>(
  place: string,
  fault: { readonly kind: Kind },
  common: readonly string[],
  fieldsByKind: Readonly<Record<Kind, readonly string[]>>,
): void {
  assertKnownOptions(`${place}: fail`, fault, [
    'kind',
    ...common,
    ...Object.values<readonly string[]>(fieldsByKind).flat(),
  ])
  const { kind } = fault
  const kinds = Object.keys(fieldsByKind)
  if (!kinds.includes(kind)) {
    const nearest = typeof kind === 'string' ? nearestName(kind, kinds) : undefined
    const hint = nearest === undefined ? `there are: ${kinds.join(', ')}` : `did you mean ${nearest}?`
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${place}: fail: there is no fault of the kind ${kind}; ${hint}`,
      context: { option: 'kind' },
    })
  }
  assertKnownOptions(`${place}: fail: ${kind}`, fault, ['kind', ...common, ...fieldsByKind[kind]])
}
