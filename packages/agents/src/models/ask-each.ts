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

/** Asks about all items at once and waits for all of them. Never rejects: an item without an answer says why. */
export async function askEach<Item, Answer>(
  batcher: Batcher,
  task: BatchTask<Item, Answer>,
  items: readonly Item[],
  requestFor: (item: Item) => BatchRequest,
): Promise<readonly Asked<Answer>[]> {
  const asked = items.map((item) =>
    batcher.run(task, item, requestFor(item)).then(
      (answer): Asked<Answer> => ({ answer }),
      (error: unknown): Asked<Answer> => ({ fault: faultOf(error) }),
    ),
  )
  batcher.flush()
  return Promise.all(asked)
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
