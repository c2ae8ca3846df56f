/** Text beyond this many UTF-16 code units does not change a score. */
const maximumScoredLength = 4_000

const negationReach = 4
/** Words longer than this also count by their first letters. */
const stemLength = 5

const negators = new Set(
  (
    'not no never without cannot nor neither none hardly barely dont doesnt didnt isnt arent wasnt werent wont cant couldnt ' +
    'shouldnt wouldnt aint hasnt havent hadnt'
  ).split(' '),
)
/** After these a negator denies nothing: "not only", "no doubt". */
const harmlessAfterNegator = new Set(['only', 'just', 'doubt', 'brainer', 'wonder', 'matter'])

const links = /(?:https?:|www\.)\S*/g
const elongated = /(\p{L})\1{2,}/gu
const curlyApostrophe = /[’`´]/g

/** Percentages, numbers, cashtags, mentions, hashtags, words, pictograms, the end of a clause. */
const token =
  /([+-]?)\d[\d,.]*(%?)[\p{L}]{0,2}|\$[a-z][\w.]*|@\w+|#?[\p{L}][\p{L}'_]*|\p{Extended_Pictographic}|[.!?;:,|()"—–…]|(?<=\s)-(?=\s)/gu

/** The end of a clause, across which neither a negation nor a pair of words reaches. */
const clauseEnd = ''

/**
 * The tokens of a text: lower-case words, `$` for any cashtag, `0` for a number, `up%`, `down%` and `%` for percentages,
 * `!`, `?` and pictograms; a word under a negation carries `not_`; an empty text ends a clause.
 */
export function sentimentTokens(text: string): readonly string[] {
  const prepared = text
    .slice(0, maximumScoredLength)
    .toLowerCase()
    .replace(links, ' ')
    .replace(curlyApostrophe, "'")
    .replace(elongated, '$1')
  const tokens: string[] = []
  let negatedUntil = -1
  let afterNegator = false
  for (const match of prepared.matchAll(token)) {
    const word = wordOf(match)
    if (word === undefined) continue
    if (word === clauseEnd || word === '?' || word === '!' || word === 'but') {
      negatedUntil = -1
      afterNegator = false
      tokens.push(word)
      if (word === '?' || word === '!') tokens.push(clauseEnd)
      continue
    }
    if (afterNegator && harmlessAfterNegator.has(word)) negatedUntil = -1
    tokens.push(tokens.length <= negatedUntil ? `not_${word}` : word)
    afterNegator = negators.has(word) || word.endsWith("n't")
    if (afterNegator) negatedUntil = tokens.length - 1 + negationReach
  }
  return tokens
}

function wordOf(match: RegExpExecArray): string | undefined {
  const matched = match[0]
  const first = matched[0] ?? ''
  if (first === '@') return undefined
  if (first === '$') return '$'
  if (first === '#') return matched.length > 1 ? matched.slice(1) : undefined
  if (match[1] !== undefined) {
    if (match[2] !== '%') return '0'
    return match[1] === '+' ? 'up%' : match[1] === '-' ? 'down%' : '%'
  }
  if (matched.length === 1 && '.;:,|()"—–…-'.includes(matched)) return clauseEnd
  return matched
}

/** Tokens that mean nothing alone but something beside a word: "long $", "beats by 0". */
const onlyInPairs = new Set(['$', '0'])

/**
 * Calls `visit` for each word and each pair of neighbouring words. `plain` is the feature without its negation mark where
 * it has one: a model that does not know "not_x" falls back on "x".
 */
export function visitFeatures(
  tokens: readonly string[],
  visit: (feature: string, plain: string | undefined) => void,
): void {
  let previous = clauseEnd
  for (const word of tokens) {
    if (word !== clauseEnd) {
      if (!onlyInPairs.has(word)) visitWord(word, visit)
      if (previous !== clauseEnd) visitPair(previous, word, visit)
    }
    previous = word
  }
}

/** A word, and what it shares with its other forms: `~downg` of downgrade, downgraded, downgrading. */
function visitWord(word: string, visit: (feature: string, plain: string | undefined) => void): void {
  const plain = plainOf(word)
  visit(word, plain)
  const length = plain === undefined ? word.length : word.length - 4
  if (length <= stemLength) return
  if (plain === undefined) visit(`~${word.slice(0, stemLength)}`, undefined)
  else visit(`not_~${plain.slice(0, stemLength)}`, `~${plain.slice(0, stemLength)}`)
}

function visitPair(first: string, second: string, visit: (feature: string, plain: string | undefined) => void): void {
  const pair = `${first} ${second}`
  const plainFirst = plainOf(first)
  const plainSecond = plainOf(second)
  const isNegated = plainFirst !== undefined && plainSecond !== undefined
  visit(pair, isNegated ? `${plainFirst} ${plainSecond}` : undefined)
}

function plainOf(word: string): string | undefined {
  return word.startsWith('not_') ? word.slice(4) : undefined
}
