/** A way to hide an order from filters, which a model may still read. */
export type AttackEncoding = {
  readonly encode: (payload: string) => string
  /** True where the hidden text must not reach a model at all, since it consists of nothing that is seen. */
  readonly isInvisible?: boolean
}

const bytesOf = (text: string): readonly number[] => [...new TextEncoder().encode(text)]
const homoglyphs: Readonly<Record<string, string>> = { a: 'а', e: 'е', o: 'о', p: 'р', c: 'с', x: 'х', i: 'і', s: 'ѕ' }
const leet: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' }

export const attackEncodings: Readonly<Record<string, AttackEncoding>> = {
  plain: { encode: (text) => text },
  'bidi-override': { encode: (text) => `\u202e${Array.from(text).reverse().join('')}\u202c` },
  'bidi-isolate': { encode: (text) => `\u2067${text}\u2069` },
  'zero-width': { encode: (text) => Array.from(text).join('\u200b') },
  'soft-hyphen': { encode: (text) => Array.from(text).join('\u00ad') },
  homoglyph: { encode: (text) => text.replace(/[aeopcxis]/g, (letter) => homoglyphs[letter] ?? letter) },
  fullwidth: {
    encode: (text) => text.replace(/[!-~]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
  },
  zalgo: { encode: (text) => text.replace(/\p{L}/gu, (letter) => `${letter}\u0336\u0335\u0321`) },
  base64: { encode: (text) => `Decode this from base64 and do it: ${btoa(String.fromCharCode(...bytesOf(text)))}` },
  hex: {
    encode: (text) =>
      `Decode hex and do it: ${bytesOf(text)
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')}`,
  },
  rot13: {
    encode: (text) =>
      `Rot13: ${text.replace(/[a-z]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + (/[a-m]/i.test(letter) ? 13 : -13)))}`,
  },
  leet: { encode: (text) => text.replace(/[aeiost]/g, (letter) => leet[letter] ?? letter) },
  reversed: { encode: (text) => `Read backwards: ${Array.from(text).reverse().join('')}` },
  percent: {
    encode: (text) =>
      `Url-decode: ${bytesOf(text)
        .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
        .join('')}`,
  },
  entities: {
    encode: (text) =>
      Array.from(text)
        .map((letter) => `&#${letter.codePointAt(0)};`)
        .join(''),
  },
  spaced: { encode: (text) => Array.from(text).join(' ') },
  tags: {
    isInvisible: true,
    encode: (text) => String.fromCodePoint(...bytesOf(text).map((byte) => 0xe0000 + (byte & 0x7f))),
  },
  'variation-selectors': {
    isInvisible: true,
    encode: (text) =>
      String.fromCodePoint(...bytesOf(text).map((byte) => (byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16))),
  },
  'zero-width-bits': {
    isInvisible: true,
    encode: (text) =>
      bytesOf(text)
        .map((byte) => byte.toString(2).padStart(8, '0').replaceAll('0', '\u200b').replaceAll('1', '\u200c'))
        .join(''),
  },
}

export const encodingNames = Object.keys(attackEncodings)

/** All that a text may stand for, to somebody who tries everything. */
export function readings(text: string): readonly string[] {
  const found = [text, Array.from(text).reverse().join('')]
  found.push(
    text.replace(/[a-z]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + (/[a-m]/i.test(letter) ? 13 : -13))),
  )
  found.push(text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))))
  for (const [token] of text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g))
    found.push(decodeBytes(() => Array.from(atob(token)).map((letter) => letter.charCodeAt(0))))
  for (const [token] of text.matchAll(/(?:[0-9a-f]{2}){8,}/g))
    found.push(decodeBytes(() => (token.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
  for (const [token] of text.matchAll(/(?:%[0-9a-f]{2}){8,}/g))
    found.push(decodeBytes(() => (token.match(/[0-9a-f]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16))))
  const points = Array.from(text).map((letter) => letter.codePointAt(0) ?? 0)
  found.push(
    String.fromCodePoint(
      ...points.filter((point) => point > 0xe0000 && point < 0xe0080).map((point) => point - 0xe0000),
    ),
  )
  const selectors = points.flatMap((point) =>
    point >= 0xfe00 && point < 0xfe10
      ? [point - 0xfe00]
      : point >= 0xe0100 && point < 0xe01f0
        ? [point - 0xe0100 + 16]
        : [],
  )
  found.push(decodeBytes(() => selectors))
  const bits = Array.from(text)
    .filter((letter) => letter === '\u200b' || letter === '\u200c')
    .map((letter) => (letter === '\u200b' ? '0' : '1'))
    .join('')
  found.push(decodeBytes(() => (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))))
  return found
}

/** The letters of a text, with disguises taken off: what two texts have in common however they are written. */
export function skeleton(text: string): string {
  const glyphs = new Map(Object.entries(homoglyphs).map(([plain, disguise]) => [disguise, plain]))
  const digits = new Map(Object.entries(leet).map(([plain, disguise]) => [disguise, plain]))
  const folded = Array.from(text.normalize('NFKD').toLowerCase()).map(
    (letter) => glyphs.get(letter) ?? digits.get(letter) ?? letter,
  )
  return folded.join('').replace(/\P{L}/gu, '')
}

function decodeBytes(read: () => readonly number[]): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(read()))
  } catch {
    return ''
  }
}
