import { SwarmError } from '@tradeswarm/core'

/** "Maximum string, BLOB or table row size" of https://developers.cloudflare.com/d1/platform/limits/, in bytes. */
const rowBytes = 2_000_000
/** For the columns of fixed size: numbers, hashes, checksums and the row's own header. */
const reservedBytes = 300
/** What the texts of one row may have together, in bytes of UTF-8. */
const mostTextBytes = rowBytes - reservedBytes

const encoder = new TextEncoder()

/**
 * Throws `VALUE_TOO_LARGE`, naming the longest field, when the texts of one row are more than D1 takes.
 * `what` names the row, as in `journal entry "x"`.
 */
export function assertRowFits(place: string, what: () => string, texts: Readonly<Record<string, string>>): void {
  let characters = 0
  for (const field in texts) characters += texts[field]?.length ?? 0
  // No character of UTF-16 has more than three bytes of UTF-8.
  if (characters * 3 <= mostTextBytes) return
  const sizes = Object.entries(texts).map(([field, text]) => ({ field, bytes: encoder.encode(text).length }))
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total <= mostTextBytes) return
  const longest = sizes.reduce((most, size) => (size.bytes > most.bytes ? size : most))
  throw new SwarmError({
    code: 'VALUE_TOO_LARGE',
    message: `${place}: the ${longest.field} of ${what()} has ${longest.bytes} bytes of UTF-8, its row ${total}; a row of D1 takes ${mostTextBytes}; nothing was written; keep long texts as blobs`,
    context: { place, field: longest.field, bytes: longest.bytes, limit: mostTextBytes },
  })
}
