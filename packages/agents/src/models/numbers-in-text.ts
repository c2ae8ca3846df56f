/** A number that a text names: its size, and how many decimals it was written with. */
export type WrittenNumber = { readonly value: number; readonly decimals: number }

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
  fifteen: 15,
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
const otherLargeWords = new Set(['trillion', 'trillions', 'dozen', 'dozens', 'double', 'triple', 'tenfold'])
const word = /[a-z]+/gi

/** Every number of a text, written in digits or as an English word. Signs are left out: what rises by 2 % and what falls by it name one number. */
export function numbersInText(text: string): NumbersInText {
  const numbers: WrittenNumber[] = []
  const unreadable: string[] = []
  const rest = text.replace(indicatorNames, ' ')
  for (const [found] of rest.matchAll(piece)) {
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
        })
    }
  }
  for (const [found] of rest.matchAll(word)) {
    const lowered = found.toLowerCase()
    const value = wordValues[lowered]
    if (value !== undefined) numbers.push({ value, decimals: 0 })
    else if (largeWords.has(lowered) || otherLargeWords.has(lowered)) unreadable.push(found)
  }
  return { numbers, unreadable }
}
