import type { Brief } from './brief.js'
import { numbersInText, type WrittenNumber } from './numbers-in-text.js'
import type { Opinion } from './opinion.js'

/** Why an opinion within its schema is not taken. */
export type OpinionFault =
  | 'wrong-symbol'
  | 'inconsistent'
  | 'probabilities'
  | 'no-such-evidence'
  | 'unreadable-rationale'
  | 'made-up-number'
  | 'unknown-symbol'

/** Probabilities may be this far from a sum of 1, for rounding; they are then scaled to it. */
const probabilityTolerance = 0.01
/** A number that is rounded may be off by this part of what it stands for at most. */
const roundingTolerance = 0.05

/** Numbers that the prompt itself names, none of them per cent: the bounds of the relative strength index, the periods of the indicators. */
const numbersOfThePrompt = [30, 70, 14, 50]
/** Printable ASCII and what typographers put in its place: nothing that hides, turns round or moves a cursor. */
const readable = /^[\x20-\x7e‘’“”–—−×…≈≤≥±€£]*$/
const name = /\$[A-Za-z][A-Za-z0-9.-]*|\b[A-Z][A-Z0-9]+(?:[.-][A-Z0-9]+)*\b/g
const commonNames: ReadonlySet<string> = new Set(['RSI', 'SMA', 'ATR', 'SMA50', 'RSI14', 'ATR14', 'USD', 'ETF', 'US'])

/** What is wrong with an opinion, held against all that the model was told; undefined where nothing is. Pure. */
export function checkOpinion(brief: Brief, opinion: Opinion): OpinionFault | undefined {
  if (opinion.symbol !== brief.symbol) return 'wrong-symbol'
  if (!isConsistent(opinion)) return 'inconsistent'
  const { base, bull, bear } = opinion.scenarios
  if (!(Math.abs(base.probability + bull.probability + bear.probability - 1) <= probabilityTolerance + 1e-9))
    return 'probabilities'
  if (opinion.evidence.some((section) => isMissing(brief, section))) return 'no-such-evidence'
  if (!readable.test(opinion.rationale)) return 'unreadable-rationale'
  const { numbers, unreadable } = numbersInText(opinion.rationale)
  const known = knownNumbers(brief, opinion)
  if (unreadable.some((piece) => !isName(piece, brief))) return 'made-up-number'
  if (numbers.some((number) => !isKnown(number, known))) return 'made-up-number'
  for (const [found] of opinion.rationale.matchAll(name))
    if (!isName(found.replace(/^\$/, ''), brief)) return 'unknown-symbol'
  return undefined
}

function isConsistent({ action, score, scenarios: { base, bull, bear } }: Opinion): boolean {
  if (action === 'enter-long' && !(score > 0)) return false
  if (action === 'exit-long' && !(score < 0)) return false
  return bear.returnPercent <= base.returnPercent && base.returnPercent <= bull.returnPercent
}

function isMissing(brief: Brief, section: Opinion['evidence'][number]): boolean {
  const value = brief[section]
  return value === undefined || (Array.isArray(value) && value.length === 0)
}

/** Every number of the brief and of the answer itself; fractions also as per cent. */
function knownNumbers(brief: Brief, { score, confidence, scenarios }: Opinion): readonly number[] {
  const numbers: number[] = []
  const add = (value: unknown): void => {
    if (typeof value === 'number') {
      numbers.push(Math.abs(value))
      if (Math.abs(value) <= 1) numbers.push(Math.abs(value) * 100)
    } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) add(inner)
  }
  add(brief)
  add({ score, confidence, scenarios })
  return numbers
}

/** True where the number is a known one, rounded at its last digit, and not rounded away. */
function isKnown({ value, decimals, isPercent }: WrittenNumber, known: readonly number[]): boolean {
  if (!isPercent && decimals === 0 && numbersOfThePrompt.includes(value)) return true
  let unit = 1
  for (let digit = 0; digit < decimals; digit += 1) unit /= 10
  return known.some((number) => {
    const distance = Math.abs(number - value)
    return distance <= unit / 2 + 1e-9 && distance <= Math.abs(number) * roundingTolerance + 1e-9
  })
}

function isName(found: string, { symbol, correlations }: Brief): boolean {
  if (commonNames.has(found)) return true
  return [symbol, ...correlations.map((correlation) => correlation.with)].some(
    (known) => known === found || known.split('-').includes(found),
  )
}
