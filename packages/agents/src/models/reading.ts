import { z } from 'zod'
import { fraction } from '../messages/shapes.js'

/** What a reader model may say of one post: words from fixed lists and numbers between 0 and 1. There is no room for text in it. */
export const reading = z.strictObject({
  relevance: z.enum(['about', 'mentions', 'unrelated']),
  stance: z.enum(['bullish', 'bearish', 'neutral']),
  /** How far it leans, and how sure the writer is. */
  strength: fraction,
  certainty: fraction,
  kind: z.enum(['news', 'opinion', 'question', 'promotion', 'instruction', 'other']),
  event: z.enum([
    'none',
    'earnings',
    'guidance',
    'product',
    'legal',
    'management',
    'merger',
    'rating',
    'economy',
    'rumour',
  ]),
})

/** One post as a reader model judged it. */
export type Reading = z.output<typeof reading>
