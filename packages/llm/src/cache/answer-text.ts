import { z } from 'zod'
import { marked, revived } from '../marked-json.js'
import { answerVersion, type StoredAnswer } from './stored-answer.js'

const tokens = z.number().nonnegative().optional()
const usage = z.looseObject({
  inputTokens: z.object({ total: tokens, noCache: tokens, cacheRead: tokens, cacheWrite: tokens }),
  outputTokens: z.object({ total: tokens, text: tokens, reasoning: tokens }),
})
const typed = z.looseObject({ type: z.string() })
const common = { version: z.literal(answerVersion), storedAt: z.number(), expiresAt: z.number(), usage }
const answer = z.discriminatedUnion('mode', [
  z.object({
    ...common,
    mode: z.literal('generate'),
    result: z.looseObject({
      content: z.array(typed),
      finishReason: z.looseObject({ unified: z.string() }),
      usage,
      warnings: z.array(typed),
    }),
  }),
  z.object({ ...common, mode: z.literal('stream'), parts: z.array(typed).min(1) }),
])

/** An answer as text, for a store. What JSON has no form for is marked: bytes, dates, URLs, and objects that look like such a mark. */
export function answerText(stored: StoredAnswer): string {
  return JSON.stringify(marked(stored))
}

/** Reads {@link answerText}; `undefined` for whatever is damaged or of another version: such an answer is asked for anew. */
export function readAnswer(text: string): StoredAnswer | undefined {
  try {
    const value = revived(JSON.parse(text))
    // What it holds beyond this was written by us from a provider's own answer.
    return answer.safeParse(value).success ? (value as StoredAnswer) : undefined
  } catch {
    return undefined
  }
}
