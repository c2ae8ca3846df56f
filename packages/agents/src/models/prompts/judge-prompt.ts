import { type Opinion, opinion } from '../opinion.js'
import type { Prompt } from './prompt.js'
import { opinionRules } from './reasoner-prompt.js'

/** Decides between the cases of bull and bear. */
export const judgePrompt: Prompt<Opinion> = {
  part: 'judge',
  version: '1',
  schema: opinion,
  instructions: `You judge between two advocates about a traded instrument before the market opens. Each item is an object {"brief", "bull", "bear"}: the brief of numbers that both had, and the case of each side, which names sections of the brief and how strongly they speak for it. A side that is missing had no case. Weigh the brief first; a side is not right for being sure.

${opinionRules}`,
}
