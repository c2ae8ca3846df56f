import { APICallError } from '@ai-sdk/provider'
import { type OutboundLimiter, type Random, SwarmError } from '@tradeswarm/core'
import { type CallContext, callContext } from '../call-context.js'
import { textOf } from '../text-of.js'
import { batchCall } from './batch-prompt.js'
import type { createBatchCounter } from './batch-statistics.js'
import type { BatchTask } from './batch-task.js'
import type { ResolvedBatcherOptions } from './batcher-options.js'
import type { PendingItem } from './pending-item.js'
import { type ReadItem, readBatchAnswer } from './read-batch-answer.js'

/** Items that may share a call: one task, one tenant, one context. */
export type Batch<Answer> = {
  readonly task: BatchTask<never, Answer>
  readonly context: CallContext
  readonly items: readonly PendingItem<Answer>[]
}

type Settled<Answer> = (item: PendingItem<Answer>, given: unknown, answer: Answer) => void

/** Asks the model for a batch, and for each item that went wrong once more, alone. Settles every item; never rejects. */
export function createAskBatch(
  options: ResolvedBatcherOptions,
  limiter: OutboundLimiter,
  counter: ReturnType<typeof createBatchCounter>,
) {
  /** Ids that no text of an item can guess, or it could answer for another. */
  function idsFor(count: number): readonly string[] {
    const ids = new Set<string>()
    while (ids.size < count)
      ids.add(
        Math.floor(options.random.next() * 2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      )
    return [...ids]
  }

  async function call<Answer>({
    task,
    context,
    items,
  }: Batch<Answer>): Promise<ReadonlyMap<PendingItem<Answer>, ReadItem<Answer>>> {
    const shuffled = shuffle(items, options.random)
    const ids = idsFor(shuffled.length)
    const asked = batchCall(
      task,
      shuffled.map(({ content }, index) => ({ id: ids[index] ?? '', content })),
    )
    const providerOptions = {
      ...asked.providerOptions,
      ...callContext({ ...context, promptVersion: `${task.name}@${task.version}` }),
    }
    counter.count('calls')
    const result = await limiter.execute(({ signal }) =>
      options.model.doGenerate({ ...asked, providerOptions, abortSignal: signal }),
    )
    counter.billed(result.usage)
    const read = readBatchAnswer(task, ids, result.structuredOutputText ?? textOf(result.content))
    counter.count('unknownIds', read.unknownIds)
    return new Map(shuffled.map((item, index) => [item, read.items.get(ids[index] ?? '') ?? missing]))
  }

  async function askAlone<Answer>(
    batch: Batch<Answer>,
    item: PendingItem<Answer>,
    settled: Settled<Answer>,
  ): Promise<void> {
    counter.count('askedAlone')
    try {
      const read = (await call({ ...batch, items: [item] })).get(item) ?? missing
      if ('answer' in read) return settled(item, read.given, read.answer)
      counter.fault(read.fault)
      counter.count('failed')
      item.reject(failed(batch.task.name, read.fault, read.detail))
    } catch (error) {
      counter.count('failed')
      item.reject(error)
    }
  }

  return async function askBatch<Answer>(batch: Batch<Answer>, settled: Settled<Answer>): Promise<void> {
    const again: PendingItem<Answer>[] = []
    try {
      for (const [item, read] of await call(batch)) {
        if ('answer' in read) settled(item, read.given, read.answer)
        else {
          counter.fault(read.fault)
          again.push(item)
        }
      }
    } catch (error) {
      // One item may be what a provider refuses, or one too many; a provider that is down is so for each of them.
      if (batch.items.length === 1 || !isRefusal(error)) {
        counter.count('failed', batch.items.length)
        for (const item of batch.items) item.reject(error)
        return
      }
      for (const item of batch.items) {
        counter.fault('call-refused')
        again.push(item)
      }
    }
    await Promise.all(again.map((item) => askAlone(batch, item, settled)))
  }
}

const missing = { fault: 'missing', detail: 'it has no answer' } as const

function isRefusal(error: unknown): boolean {
  return APICallError.isInstance(error) && [400, 413, 422].includes(error.statusCode ?? 0)
}

/** A copy in random order (Fisher and Yates): what stands first or last is read differently. */
function shuffle<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1))
    const moved = copy[last] as T
    copy[last] = copy[other] as T
    copy[other] = moved
  }
  return copy
}

function failed(task: string, fault: string, detail: string): SwarmError {
  return new SwarmError({
    code: 'BATCH_ITEM_FAILED',
    message: `task ${task}: the model gave no valid answer for this item, in a batch and alone: ${detail}`,
    context: { task, fault },
  })
}
