/** A level of a book as the API tells it: price, size, a field that is no longer used, how many orders. */
export type BookLevel = readonly [price: string, size: string, unused: string, orders: string]

const depth = 25

const table: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

/** CRC-32 as in zip files, as a signed whole number. */
function crc32(text: string): number {
  let value = 0xffffffff
  for (let index = 0; index < text.length; index += 1)
    value = (value >>> 8) ^ (table[(value ^ text.charCodeAt(index)) & 0xff] as number)
  return ~value
}

/** The venue's checksum of a book: 25 levels of either side in turn, price and size as they were told, joined by colons. */
export function bookChecksum(bids: readonly BookLevel[], asks: readonly BookLevel[]): number {
  const parts: string[] = []
  for (let index = 0; index < depth; index += 1)
    for (const level of [bids[index], asks[index]]) if (level !== undefined) parts.push(`${level[0]}:${level[1]}`)
  return crc32(parts.join(':'))
}
