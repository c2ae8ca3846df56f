import { type Argument, argument } from '../argument.js'
import type { Prompt } from './prompt.js'

const task = (side: string, aim: string): string =>
  `You are the ${side} in a debate about a traded instrument before the market opens. Each item is an object {"brief", "other"}: a brief of numbers, and the case of the other side from the round before, which is missing in the first round. Make the best honest case that a long position will ${aim}.

Answer with:
- points: the sections of the brief that speak for your side, each once, with how strongly it does, 0 to 1. None that speaks against it.
- conviction: 0 to 1, how good your case is, all in all. Lower it where the other side is right.`

/** The case for entering. */
export const bullPrompt: Prompt<Argument> = {
  part: 'bull',
  version: '1',
  schema: argument,
  instructions: task('bull', 'gain'),
}

/** The case against it. */
export const bearPrompt: Prompt<Argument> = {
  part: 'bear',
  version: '1',
  schema: argument,
  instructions: task('bear', 'lose'),
}
