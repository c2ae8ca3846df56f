/** The first place at which two calls differ. */
export type CallDifference = { readonly field: string; readonly recorded: string; readonly asked: string }

/** Compares the texts of two calls, field by field; a long text is shown from shortly before where it differs. */
export function callDifference(recorded: string, asked: string): CallDifference {
  const found = firstDifference(JSON.parse(recorded), JSON.parse(asked), [])
  if (found === undefined) return { field: 'nothing', recorded: '', asked: '' }
  const { path, one, other } = found
  const start = typeof one === 'string' && typeof other === 'string' ? Math.max(0, sharedLength(one, other) - 20) : 0
  return { field: path.join('.'), recorded: shown(one, start), asked: shown(other, start) }
}

type Found = { readonly path: readonly string[]; readonly one: unknown; readonly other: unknown }

function firstDifference(one: unknown, other: unknown, path: readonly string[]): Found | undefined {
  if (Object.is(one, other)) return undefined
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return { path, one, other }
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>]
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(left[key], right[key], [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

function sharedLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}

const mostShown = 80

function shown(value: unknown, start: number): string {
  if (typeof value !== 'string') return (JSON.stringify(value) ?? 'nothing').slice(0, mostShown)
  const end = start + mostShown
  return JSON.stringify(`${start > 0 ? '…' : ''}${value.slice(start, end)}${end < value.length ? '…' : ''}`)
}
