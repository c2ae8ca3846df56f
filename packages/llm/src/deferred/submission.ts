import type { LanguageModelV4CallOptions, Experimental_TextBatchV4Request as TextBatchRequest } from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { marked, revived } from '../marked-json.js'

/** The options of a call that a batch can take. */
export type BatchCallOptions = TextBatchRequest['options']

/** One request of a batch, under an id of its caller's own. */
export type BatchWorkItem = { readonly id: string; readonly call: BatchCallOptions }

/**
 * Where a submission stands. `intended`: nothing was sent. `sending`: it may have been sent, and nobody knows. `submitted`: the provider has it.
 * `ended`: its results are here.
 */
export type SubmissionState = 'intended' | 'sending' | 'submitted' | 'ended'

const text = z.string()
const submission = z.object({
  version: z.literal(1),
  id: text,
  state: z.enum(['intended', 'sending', 'submitted', 'ended']),
  modelId: text,
  /** Ids of the requests as their caller gave them, in order. */
  ids: z.array(text),
  /** Hash of the requests in the blob store. */
  requests: text,
  context: z.record(text, z.unknown()),
  /** When it was last sent, or was to be. */
  sentAt: z.number().optional(),
  batchId: text.optional(),
  isCancelled: z.boolean().optional(),
  /** Hash of the results in the blob store. */
  results: text.optional(),
  /** What it cost, in dollars, as a decimal text. */
  costUsd: text.optional(),
})

/** A batch as it is kept over restarts. */
export type Submission = Readonly<z.infer<typeof submission>>

/** Throws `BATCH_UNREADABLE`. */
export function readSubmission(value: string): Submission {
  const parsed = submission.safeParse(jsonOf(value))
  if (parsed.success) return parsed.data
  throw new SwarmError({
    code: 'BATCH_UNREADABLE',
    message: 'a stored batch is not as it was written, or of another version',
    cause: parsed.error,
  })
}

export function requestsText(items: readonly BatchWorkItem[]): string {
  return JSON.stringify(items.map(({ call }) => marked(call)))
}

export function readRequests(value: string): readonly BatchCallOptions[] {
  return (JSON.parse(value) as unknown[]).map((call) => revived(call) as BatchCallOptions)
}

const names = [
  'prompt',
  'maxOutputTokens',
  'temperature',
  'stopSequences',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'reasoning',
  'responseFormat',
  'toolChoice',
  'tools',
  'providerOptions',
] as const satisfies readonly (keyof BatchCallOptions)[]

/** What a batch takes of a call's options; headers and signals belong to a call by itself. */
export function batchOptionsOf(call: LanguageModelV4CallOptions): BatchCallOptions {
  const given = Object.fromEntries(names.flatMap((name) => (call[name] === undefined ? [] : [[name, call[name]]])))
  return given as unknown as BatchCallOptions
}

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
