import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { assertKnownOptions } from '@tradeswarm/core'
import { z } from 'zod'
import { invalidOption } from '../invalid-option.js'

/** A JSON schema, draft 7. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Who wrote the text of an item. What strangers wrote never shares a prompt with what we wrote. */
export type ItemTrust = 'scraped' | 'trusted'

/** What a task is made of. */
export type BatchTaskOptions<Item, Answer> = {
  /** Two tasks with one name are one task. */
  readonly name: string
  /** Raise it with any change of the instructions: answers of older ones are not given again. */
  readonly version: string
  /** What the model answers for one item. Objects should be strict, and numbers bounded. */
  readonly schema: z.ZodType<Answer>
  /** What to do with each item. It comes first and stays the same, so that a provider can cache it. */
  readonly instructions: string
  /** What the model sees of an item: text, or what becomes JSON. */
  readonly item: (item: Item) => unknown
  /** Default `scraped`. */
  readonly trust?: ItemTrust
  /** Further options of the calls, such as `maxOutputTokens` for one item. */
  readonly call?: Omit<LanguageModelV4CallOptions, 'prompt' | 'responseFormat' | 'abortSignal' | 'tools' | 'toolChoice'>
}

/** Work that may be done for several items in one call. Only such tasks are ever batched, a plain prompt never is. */
export type BatchTask<Item, Answer> = Required<Omit<BatchTaskOptions<Item, Answer>, 'call'>> & {
  readonly call: NonNullable<BatchTaskOptions<Item, Answer>['call']>
  /** JSON schema of an answer to a whole batch. */
  readonly batchSchema: JsonSchema
}

const names = ['name', 'version', 'schema', 'instructions', 'item', 'trust', 'call'] as const

/** Throws `INVALID_OPTION`. */
export function defineBatchTask<Item, Answer>(options: BatchTaskOptions<Item, Answer>): BatchTask<Item, Answer> {
  assertKnownOptions('defineBatchTask', options, names)
  const { name, version, schema, instructions, item, trust = 'scraped', call = {} } = options
  for (const [option, text] of Object.entries({ name, version, instructions }))
    if (typeof text !== 'string' || text.trim() === '')
      throw invalidOption('defineBatchTask', option, 'must be a text that is not empty')
  if (typeof item !== 'function')
    throw invalidOption('defineBatchTask', 'item', 'must be a function from an item to what the model sees of it')
  if (trust !== 'scraped' && trust !== 'trusted')
    throw invalidOption('defineBatchTask', 'trust', 'must be scraped or trusted')
  return { name, version, schema, instructions, item, trust, call, batchSchema: batchSchemaOf(schema) }
}

function batchSchemaOf(schema: z.ZodType): JsonSchema {
  try {
    const whole = z.strictObject({ answers: z.array(z.strictObject({ id: z.string(), answer: schema })) })
    return z.toJSONSchema(whole, { target: 'draft-7', io: 'input' })
  } catch (error) {
    throw invalidOption(
      'defineBatchTask',
      'schema',
      `must be a zod schema that JSON schema can tell (${String(error)})`,
    )
  }
}
