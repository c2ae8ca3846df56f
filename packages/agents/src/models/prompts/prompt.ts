import { sha256Hex } from '@tradeswarm/core'
import { z } from 'zod'

/** The part that a model plays in the Analyst. */
export type ModelPart = 'reader' | 'reasoner' | 'bull' | 'bear' | 'judge'

/** A prompt, with its version and the schema of what may be answered. */
export type Prompt<Answer> = {
  readonly part: ModelPart
  /** Raised with every change of instructions or schema; a test holds each version to what it was. */
  readonly version: string
  readonly instructions: string
  readonly schema: z.ZodType<Answer>
}

/** How a recommendation names a prompt: `reader@1`. */
export function promptId({ part, version }: Pick<Prompt<unknown>, 'part' | 'version'>): string {
  return `${part}@${version}`
}

/** The SHA-256 of all that a model is told by a prompt: instructions and schema. */
export function promptFingerprint({ instructions, schema }: Prompt<unknown>): string {
  return sha256Hex(JSON.stringify([instructions, z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })]))
}
