import { decodeHTML } from 'entities'

const invisible = /[\p{Cf}\p{Cs}]/gu
const control = /[\p{Cc}\p{Zl}\p{Zp}]/gu
const whiteSpace = /\s+/g
const plainText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/**
 * One line of visible text: HTML entities decoded (twice where they were encoded twice), Unicode NFKC, control
 * characters turned to spaces, format characters (bidi, zero-width, soft hyphen) and lone surrogates removed, white space folded.
 */
export function cleanText(raw: string): string {
  let text = raw
  for (let pass = 0; pass < 2 && text.includes('&'); pass += 1) text = decodeHTML(text)
  if (plainText.test(text)) return text
  return text.normalize('NFKC').replace(control, ' ').replace(invisible, '').replace(whiteSpace, ' ').trim()
}
