import { bearPrompt, bullPrompt } from './advocate-prompts.js'
import { judgePrompt } from './judge-prompt.js'
import { readerPrompt } from './reader-prompt.js'
import { reasonerPrompt } from './reasoner-prompt.js'

/** All prompts of the Analyst, by the part that a model plays. */
export const analystPrompts = {
  reader: readerPrompt,
  reasoner: reasonerPrompt,
  bull: bullPrompt,
  bear: bearPrompt,
  judge: judgePrompt,
} as const
