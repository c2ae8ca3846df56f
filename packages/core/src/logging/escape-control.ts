// Control characters, of which line ends are some; the two line ends of Unicode; and what turns the direction of text around.
const unsafe = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const everyUnsafe = new RegExp(unsafe.source, 'gu')

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text with line ends and other control characters written out, so that it can neither break a line of a log nor steer a terminal. */
export function escapeControl(text: string): string {
  return unsafe.test(text) ? text.replace(everyUnsafe, (character) => short[character] ?? escaped(character)) : text
}

/** The same for JSON that `JSON.stringify` made: only what it leaves raw is written out, as escapes of JSON. */
export function escapeControlInJson(json: string): string {
  return unsafe.test(json) ? json.replace(everyUnsafe, escaped) : json
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
