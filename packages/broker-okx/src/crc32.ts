const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1
  return value
})

/** CRC32 of a text of ASCII, as a signed number of 32 bits. */
export function crc32(text: string): number {
  let crc = -1
  for (let index = 0; index < text.length; index += 1)
    crc = (crc >>> 8) ^ (table[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0)
  return ~crc
}
