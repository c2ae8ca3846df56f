/** So much of a text is shown. */
const longestText = 60
/** So many entries of an object or a list are shown. */
const mostEntries = 4

/**
 * A value as the message of an error shows it: on one line, never long, whatever it is. Texts are in quotes, and what is cut ends in `…`; of what
 * lies within an object or a list, further objects are not opened. Never throws.
 */
export function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shownScalar(value)
  try {
    return Array.isArray(value) ? shownList(value) : shownObject(value)
  } catch {
    // A getter, or a proxy, that throws.
    return 'an object'
  }
}

function shownScalar(value: unknown): string {
  if (typeof value === 'string') return shownText(value)
  if (typeof value === 'function') return 'a function'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

function shownText(text: string): string {
  return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}…` : text)
}

function shownList(list: readonly unknown[]): string {
  const entries = list.slice(0, mostEntries).map(shownEntry)
  return `[${entries.join(',')}${list.length > mostEntries ? ',…' : ''}]`
}

function shownObject(object: object): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== null && prototype !== Object.prototype) return `an instance of ${nameOf(object)}`
  const keys = Object.keys(object)
  const entries = keys
    .slice(0, mostEntries)
    .map((key) => `${shownText(key)}:${shownEntry((object as Readonly<Record<string, unknown>>)[key])}`)
  return `{${entries.join(',')}${keys.length > mostEntries ? ',…' : ''}}`
}

function shownEntry(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shownScalar(value)
  return Array.isArray(value) ? '[…]' : '{…}'
}

function nameOf(object: object): string {
  const { name } = object.constructor
  return typeof name === 'string' && name !== '' ? name.slice(0, longestText) : 'a class'
}
