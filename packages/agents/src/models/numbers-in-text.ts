/** A number that a text names: its size, how many decimals it was written with, and whether it is a part of a hundred. */
export type WrittenNumber = { readonly value: number; readonly decimals: number; readonly isPercent: boolean }

/** What a text says in numbers; `unreadable` are pieces with digits in them that are no plain number, such as `1e9`, `50k` or `Q3`. */
export type NumbersInText = { readonly numbers: readonly WrittenNumber[]; readonly unreadable: readonly string[] }

/** Indicators are called by their periods: those are names. */
const indicatorNames = /\b(?:SMA|RSI|ATR)[ -]?\(?(?:50|14)\)?/gi
const piece = /[\p{L}\p{N}.,%$€£+−–—×/:-]*\p{N}[\p{L}\p{N}.,%$€£+−–—×/:-]*/gu
const betweenNumbers = /[−–—×/:-]+/u
const plain = /^\+?[$€£]?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?%?$/
const wordValues: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
}
const largeWords = new Set([
  'hundred',
  'hundreds',
  'thousand',
  'thousands',
  'million',
  'millions',
  'billion',
  'billions',
])
const otherLargeWords = new Set(['trillion', 'trillions', 'dozen', 'dozens', 'twice', 'thrice'])
/** What multiplies or divides: `doubled`, `tripling`, `halves`, `threefold`. */
const timesWord =
  /^(?:doubl|tripl|quadrupl|quintupl)(?:e|es|ed|ing)$|^halv(?:e|es|ed|ing)$|^(?:two|three|four|five|six|seven|eight|nine|ten|hundred|thousand)fold$/
const word = /[a-z]+/gi
const saysPercent = /^\s*(?:%|per[ -]?cent)/i

/** Every number of a text, written in digits or as an English word. Signs are left out: what rises by 2 % and what falls by it name one number. */
export function numbersInText(text: string): NumbersInText {
  const numbers: WrittenNumber[] = []
  const unreadable: string[] = []
  const rest = text.replace(indicatorNames, ' ')
  for (const { 0: found, index } of rest.matchAll(piece)) {
    const isFollowed = saysPercent.test(rest.slice(index + found.length))
    for (const part of found.split(betweenNumbers)) {
      const trimmed = part.replace(/^[.,(]+|[.,:;)]+$/g, '')
      if (!/\p{N}/u.test(trimmed)) {
        if (/\p{L}/u.test(trimmed)) unreadable.push(found)
        continue
      }
      const [, whole, decimals = ''] = plain.exec(trimmed) ?? []
      if (whole === undefined) unreadable.push(trimmed)
      else
        numbers.push({
          value: Number(`${whole.replaceAll(',', '')}${decimals === '' ? '' : `.${decimals}`}`),
          decimals: decimals.length,
          isPercent: isFollowed || trimmed.endsWith('%'),
        })
    }
  }
  for (const { 0: found, index } of rest.matchAll(word)) {
    const lowered = found.toLowerCase()
    const value = wordValues[lowered]
    if (value !== undefined)
      numbers.push({ value, decimals: 0, isPercent: saysPercent.test(rest.slice(index + found.length)) })
    else if (largeWords.has(lowered) || otherLargeWords.has(lowered) || timesWord.test(lowered)) unreadable.push(found)
  }
  return { numbers, unreadable }
}
