import type { Experimental_BatchV4ItemResult as BatchItemResult, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { createRedactor, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { keptResult } from '../cache/stored-answer.js'
import { marked, revived } from '../marked-json.js'

/** What became of one request. Only what was answered is billed. */
export type BatchItemOutcome =
  | { readonly status: 'answered'; readonly result: LanguageModelV4GenerateResult }
  | {
      /** `missing`: the provider says nothing of it. `ambiguous`: it says several things. `unsent`: the provider took none of them. */
      readonly status: 'failed' | 'cancelled' | 'expired' | 'missing' | 'ambiguous' | 'unsent'
      readonly reason: string
    }

/** What became of a batch, each request under the id that it was submitted with. */
export type BatchOutcome = {
  readonly items: ReadonlyMap<string, BatchItemOutcome>
  /** Results under an id that nobody gave out. */
  readonly unknownIds: number
}

const redactor = createRedactor()

/** The id of a request on the wire: letters, digits, dashes and underscores are what all providers take. */
export function wireId(submission: string, index: number): string {
  return `${submission}_${index}`
}

/** Sorts results by the ids that they bear: their order says nothing. */
export function matchResults(
  submission: string,
  ids: readonly string[],
  results: readonly BatchItemResult[],
): BatchOutcome {
  const byWireId = new Map<string, BatchItemResult[]>(ids.map((_, index) => [wireId(submission, index), []]))
  let unknownIds = 0
  for (const result of results) {
    const known = byWireId.get(result.id)
    if (known === undefined) unknownIds += 1
    else known.push(result)
  }
  const items = new Map(ids.map((id, index) => [id, outcomeOf(byWireId.get(wireId(submission, index)) ?? [])]))
  return { items, unknownIds }
}

/** The same end for all, of a batch that gave no results. */
export function endAll(ids: readonly string[], status: 'failed' | 'unsent', reason: string): BatchOutcome {
  return { items: new Map(ids.map((id) => [id, { status, reason: redactor.redactText(reason) }])), unknownIds: 0 }
}

function outcomeOf(results: readonly BatchItemResult[]): BatchItemOutcome {
  const [result, another] = results
  if (result === undefined) return { status: 'missing', reason: 'the provider gave no result for it' }
  // Nobody knows which of two is meant.
  if (another !== undefined) return { status: 'ambiguous', reason: `it has ${results.length} results` }
  if (result.status === 'succeeded')
    return result.type === 'text'
      ? { status: 'answered', result: keptResult(result.result) }
      : { status: 'failed', reason: 'its result is no text' }
  return { status: result.status, reason: redactor.redactText(result.error?.message ?? result.status) }
}

const stored = z.object({
  version: z.literal(1),
  unknownIds: z.number(),
  items: z.array(z.tuple([z.string(), z.looseObject({ status: z.string() })])),
})

export function outcomeText({ items, unknownIds }: BatchOutcome): string {
  return JSON.stringify({ version: 1, unknownIds, items: [...items].map(([id, item]) => [id, marked(item)]) })
}

/** Throws `BATCH_UNREADABLE`. */
export function readBatchOutcome(text: string): BatchOutcome {
  try {
    const { items, unknownIds } = stored.parse(JSON.parse(text))
    return { unknownIds, items: new Map(items.map(([id, item]) => [id, revived(item) as BatchItemOutcome])) }
  } catch (cause) {
    throw new SwarmError({
      code: 'BATCH_UNREADABLE',
      message: 'the stored results of a batch are not as they were written, or of another version',
      cause,
    })
  }
}
