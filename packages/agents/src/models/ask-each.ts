import { APICallError } from '@ai-sdk/provider'
import { type ClockAndTimers, SwarmError } from '@tradeswarm/core'
import { type Batcher, type BatchRequest, type BatchTask, modelFault } from '@tradeswarm/llm'
import type { z } from 'zod'
import type { modelFaultName } from '../messages/model-messages.js'

export type ModelFaultName = z.output<typeof modelFaultName>

/** What became of one item. */
export type Asked<Answer> = { readonly answer: Answer } | { readonly fault: ModelFaultName }

/** A clock for batchers whose window is closed by `flush`, so that virtual time, which stands still meanwhile, does as well as real time. */
export const windowClosedByHand: ClockAndTimers = { now: () => 0, at: () => () => undefined }

/**
 * Asks about all items at once and waits for all of them. Never rejects: an item without an answer says why, and `told` is given the code
 * of each kind of error once.
 */
export async function askEach<Item, Answer>(
  batcher: Batcher,
  task: BatchTask<Item, Answer>,
  items: readonly Item[],
  requestFor: (item: Item) => BatchRequest,
  told: (code: string) => void,
): Promise<readonly Asked<Answer>[]> {
  const codes = new Set<string>()
  const asked = items.map((item) =>
    batcher.run(task, item, requestFor(item)).then(
      (answer): Asked<Answer> => ({ answer }),
      (error: unknown): Asked<Answer> => {
        codes.add(codeOf(error))
        return { fault: faultOf(error) }
      },
    ),
  )
  batcher.flush()
  const answers = await Promise.all(asked)
  for (const code of [...codes].sort()) told(code)
  return answers
}

/** What may be logged of an error: a code or a status of HTTP. Its message may hold what was asked, or a piece of a key. */
function codeOf(error: unknown): string {
  if (SwarmError.isInstance(error)) return error.code
  if (APICallError.isInstance(error)) return `HTTP ${error.statusCode ?? 'without a status'}`
  return error instanceof Error ? error.name : 'unknown'
}

/** A word for what went wrong. The error itself goes no further: it may hold what was asked, or a piece of a key. */
function faultOf(error: unknown): ModelFaultName {
  if (SwarmError.isInstance(error)) {
    if (error.code === 'BATCH_ITEM_FAILED')
      return error.context['fault'] === 'outside-schema' ? 'outside-schema' : 'no-answer'
    if (error.code === 'BUDGET_EXCEEDED' || error.code === 'BUDGET_UNAVAILABLE') return 'over-budget'
    if (error.code === 'ANALYST_DEADLINE') return 'late'
    return ['CIRCUIT_OPEN', 'RATE_LIMITED', 'TIMED_OUT'].includes(error.code) ? 'unavailable' : 'failed'
  }
  if (!APICallError.isInstance(error)) return 'failed'
  const fault = modelFault(error)
  return fault === 'rejected' ? 'option-rejected' : fault === 'own' ? 'failed' : fault
}
