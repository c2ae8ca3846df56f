import { assertKnownOptions, createOutboundLimiter, sha256Hex } from '@tradeswarm/core'
import { LRUCache } from 'lru-cache'
import { canonicalCall } from '../cache/canonical-call.js'
import { providerAddress } from '../cache/provider-address.js'
import type { CallContext } from '../call-context.js'
import { createAskBatch } from './ask-batch.js'
import { contentOf } from './batch-prompt.js'
import { type BatchStatistics, createBatchCounter } from './batch-statistics.js'
import type { BatchTask } from './batch-task.js'
import { type BatcherOptions, type ResolvedBatcherOptions, resolveBatcherOptions } from './batcher-options.js'
import { PendingItem } from './pending-item.js'

/** For whom an item is asked, and in what context. */
export type BatchRequest = {
  /** Items of two tenants never share a call or an answer; default `default`. */
  readonly tenant?: string
  readonly context?: Omit<CallContext, 'promptVersion' | 'cache'>
  /** Ends the waiting for this item, and for no other. */
  readonly signal?: AbortSignal
}

/** Asks a model for several items in one call. */
export type Batcher = {
  /**
   * The answer for one item, as its task's schema makes it. Rejects with `BATCH_ITEM_FAILED` when the model gave no valid one even alone,
   * `INVALID_BATCH_ITEM` for what the model cannot be shown, and with the provider's error when the call failed.
   */
  run<Item, Answer>(task: BatchTask<Item, Answer>, item: Item, request?: BatchRequest): Promise<Answer>
  /** Sends what has been gathered without waiting longer. */
  flush(): void
  statistics(): BatchStatistics
}

/** Items that are being gathered for one call. */
type Gathering = {
  readonly task: BatchTask<never, unknown>
  readonly context: CallContext
  readonly items: PendingItem<unknown>[]
  readonly cancel: () => void
}

/** Throws `INVALID_OPTION`. */
export function createBatcher(given: BatcherOptions): Batcher {
  const options = resolveBatcherOptions(given)
  const counter = createBatchCounter()
  const limiter = createOutboundLimiter({ concurrency: options.concurrency, maximumWaiting: 1_000_000 })
  const askBatch = createAskBatch(options, limiter, counter)
  const remembered =
    options.maximumRemembered === 0 ? undefined : new LRUCache<string, string>({ max: options.maximumRemembered })
  const pending = new Map<string, PendingItem<unknown>>()
  const gathering = new Map<string, Gathering>()

  /** Unless another of the same key has taken its place. */
  function forget(item: PendingItem<unknown>): void {
    if (pending.get(item.key) === item) pending.delete(item.key)
  }

  function send(group: string): void {
    const batch = gathering.get(group)
    if (batch === undefined) return
    gathering.delete(group)
    batch.cancel()
    const items = batch.items.filter((item) => !item.isAbandoned)
    for (const item of batch.items) if (item.isAbandoned) forget(item)
    if (items.length === 0) return
    const { task } = batch
    const settled: Parameters<typeof askBatch<unknown>>[1] = (item, answer) => {
      const text = JSON.stringify(answer)
      remembered?.set(item.key, text)
      item.resolve(() => task.schema.parse(JSON.parse(text)))
    }
    void askBatch({ ...batch, items }, settled).then(() => {
      for (const item of items) forget(item)
    })
  }

  function gather(
    group: string,
    task: BatchTask<never, unknown>,
    context: CallContext,
    item: PendingItem<unknown>,
  ): void {
    let batch = gathering.get(group)
    if (batch === undefined) {
      const cancel = options.clock.at(options.clock.now() + options.windowMs, () => send(group))
      batch = { task, context, items: [], cancel }
      gathering.set(group, batch)
    }
    batch.items.push(item)
    if (batch.items.length >= options.maximumItems) send(group)
  }

  return {
    async run<Item, Answer>(task: BatchTask<Item, Answer>, item: Item, request: BatchRequest = {}): Promise<Answer> {
      assertKnownOptions('run', request, ['tenant', 'context', 'signal'])
      const { tenant = 'default', context = {}, signal } = request
      signal?.throwIfAborted()
      counter.count('items')
      const content = contentOf(task, item)
      const group = groupOf(task, tenant, context)
      const key = sha256Hex(`${group}\n${canonicalCall(content)}`)
      const known = remembered?.get(key)
      if (known !== undefined) {
        counter.count('remembered')
        return task.schema.parse(JSON.parse(known))
      }
      // A group holds the schema by its JSON form, so what waits there has this answer.
      let waiting = pending.get(key) as PendingItem<Answer> | undefined
      if (waiting !== undefined && !waiting.isAbandoned) {
        counter.count('joined')
        return waiting.wait(signal)
      }
      waiting = new PendingItem<Answer>(key, content)
      pending.set(key, waiting as PendingItem<unknown>)
      const answer = waiting.wait(signal)
      gather(group, task as BatchTask<never, unknown>, context, waiting as PendingItem<unknown>)
      return answer
    },
    flush() {
      for (const group of gathering.keys()) send(group)
    },
    statistics: counter.statistics,
  }

  /** All that a shared call depends on but its items. */
  function groupOf(task: BatchTask<never, unknown>, tenant: string, context: CallContext): string {
    const { name, version, instructions, trust, batchSchema, call } = task
    return canonicalCall({
      name,
      version,
      instructions,
      trust,
      batchSchema,
      call,
      tenant,
      context,
      model: modelOf(options),
    })
  }
}

function modelOf({ model }: ResolvedBatcherOptions): Record<string, unknown> {
  return { provider: model.provider, modelId: model.modelId, baseUrl: providerAddress(model) }
}
