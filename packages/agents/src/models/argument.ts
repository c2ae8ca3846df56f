import { z } from 'zod'
import { fraction } from '../messages/shapes.js'
import { evidenceName } from './opinion.js'

/** What an advocate puts forward: sections of the brief and how strongly each speaks for its side. No text goes from one model to another. */
export const argument = z.strictObject({
  points: z.array(z.strictObject({ evidence: evidenceName, strength: fraction })).max(6),
  conviction: fraction,
})

/** The case of one side. */
export type Argument = z.output<typeof argument>
