const mark = '$tradeswarm'

/** A value that JSON can hold. What JSON has no form for is marked: bytes, dates, URLs, and objects that look like such a mark. */
export function marked(value: unknown): unknown {
  if (value instanceof Date) return { [mark]: 'date', value: value.getTime() }
  if (value instanceof URL) return { [mark]: 'url', value: value.href }
  if (value instanceof Uint8Array) return { [mark]: 'bytes', value: base64Of(value) }
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value !== 'object' || value === null) return value
  const copy = mapFields(value, marked)
  return mark in value ? { [mark]: 'object', value: copy } : copy
}

/** What {@link marked} was made of. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived)
  if (typeof value !== 'object' || value === null) return value
  const { [mark]: kind, value: content } = value as { readonly [mark]?: unknown; readonly value?: unknown }
  if (kind === 'date' && typeof content === 'number') return new Date(content)
  if (kind === 'url' && typeof content === 'string') return new URL(content)
  if (kind === 'bytes' && typeof content === 'string') return bytesOf(content)
  if (kind === 'object' && typeof content === 'object' && content !== null) return mapFields(content, revived)
  return mapFields(value, revived)
}

function mapFields(value: object, change: (field: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, change(field)]))
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
