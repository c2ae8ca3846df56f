import { type Opinion, opinion } from '../opinion.js'
import type { Prompt } from './prompt.js'

/** What reasoner and judge have in common. */
export const opinionRules = `Answer with:
- symbol: that of the brief, letter by letter.
- action: "enter-long", "exit-long" or "none". Choose "none" unless the brief gives good reason.
- score: from -1 to 1. Above 0 for "enter-long", below 0 for "exit-long".
- confidence: 0 to 1.
- scenarios: base, bull and bear, each with its probability and with the return in per cent that a long position would have at the horizon. The probabilities sum to 1, and the return of bear is not above that of base, nor that of base above that of bull.
- evidence: the sections of the brief that you rely on.
- rationale: at most three plain English sentences in ASCII. Use digits for numbers, and only numbers that stand in the brief or in your own answer, as they stand there or rounded. Compute no new ones. Name no instrument that the brief does not name.

You decide no size, price or order: limits are kept elsewhere.`

/** Forms an opinion from numbers alone. */
export const reasonerPrompt: Prompt<Opinion> = {
  part: 'reasoner',
  version: '1',
  schema: opinion,
  instructions: `You weigh what is known about a traded instrument before the market opens. Each item is a brief of numbers: price and indicators, what posts say in numbers, measures of the market from -1 to 1, named patterns, correlations with other instruments, what fixed rules make of it, levels, and the portfolio in per cent of its equity. A section that is missing is not known.

${opinionRules}`,
}
