import { assertKnownOptions, nearestName, SwarmError } from '@tradeswarm/core'

/** What those fields are that a kind cannot go without. */
const exampleOf: Readonly<Record<string, string>> = {
  status: 'an HTTP status, such as 503',
  delayMs: 'a number from 0',
  to: 'a text, such as https://example.com',
  code: 'a text, such as "50026"',
  option: 'a text, such as temperature',
}

/**
 * Refuses a fault of a kind, or with a field, that there is not: a test would pass without it. So it does one without a field that its kind
 * needs, which would fail at the first request. Throws `INVALID_OPTION`, naming the nearest.
 */
export function assertKnownFault<Kind extends string>(
  place: string,
  fault: { readonly kind: Kind },
  common: readonly string[],
  fieldsByKind: Readonly<Record<Kind, readonly string[]>>,
  neededByKind?: Readonly<Partial<Record<Kind, readonly string[]>>>,
): void {
  const fields = ['kind', ...common, ...Object.values<readonly string[]>(fieldsByKind).flat()]
  assertKnownOptions(`${place}: fail`, fault, [...new Set(fields)])
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
  for (const field of neededByKind?.[kind] ?? [])
    if ((fault as Readonly<Record<string, unknown>>)[field] === undefined)
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: `${place}: fail: ${kind}: ${field} is missing; it must be ${exampleOf[field] ?? 'given'}`,
        context: { option: field },
      })
}
