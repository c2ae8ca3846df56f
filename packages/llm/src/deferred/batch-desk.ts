import { SwarmError, sha256Hex } from '@tradeswarm/core'
import type { CallContext } from '../call-context.js'
import { untilAborted } from '../single-flight/shared-call.js'
import { createAdvance } from './advance-submission.js'
import { type BatchDeskOptions, resolveDeskOptions } from './batch-desk-options.js'
import { type BatchOutcome, readBatchOutcome } from './batch-outcome.js'
import { type BatchWorkItem, requestsText, type Submission, type SubmissionState } from './submission.js'
import { createSubmissionStore } from './submission-store.js'

/** Work that can wait, for one model. */
export type BatchWork = {
  readonly modelId: string
  /** Each under an id of its own. */
  readonly items: readonly BatchWorkItem[]
  /** Whose budget it is. */
  readonly context?: Pick<CallContext, 'agent' | 'strategy'>
}

/** A batch as it stands. */
export type BatchStatus = {
  readonly id: string
  readonly state: SubmissionState
  readonly requests: number
  readonly batchId?: string
  /** What it cost, in US dollars, once it has ended. */
  readonly costUsd?: string
}

/** Hands work that can wait to a provider's batch endpoints, once, through any restart. */
export type BatchDesk = {
  /** Takes up what a former process left, and asks the provider about it; before that nothing else may be called. */
  open(): Promise<void>
  /**
   * Settles with an id when the work is durable and was sent, or will be. Rejects with `BUDGET_EXCEEDED`, `MODEL_PRICE_UNKNOWN` and
   * `INVALID_BATCH`; then nothing is kept of it.
   */
  submit(work: BatchWork): Promise<string>
  /** Settles when the batch has ended, which may be a day. Rejects with `BATCH_NOT_FOUND`, `BATCH_UNREADABLE` or the signal's reason. */
  results(id: string, signal?: AbortSignal): Promise<BatchOutcome>
  /** Asks for its end: what has been answered by then stays, and is billed. */
  cancel(id: string): Promise<void>
  /** Drops a batch that has ended, with its texts. Rejects with `BATCH_UNDER_WAY`. */
  forget(id: string): Promise<void>
  status(): readonly BatchStatus[]
  /** Asks the provider about all that is under way, without waiting for the next poll. */
  poll(): Promise<void>
  /** Stops asking. What is under way is taken up by the next `open`. */
  close(): void
}

/** Throws `INVALID_OPTION`. */
export function createBatchDesk(given: BatchDeskOptions): BatchDesk {
  const options = resolveDeskOptions(given)
  const { clock } = options
  const store = createSubmissionStore(options.storage, `llm-batches/${options.name}/`)
  const submissions = new Map<string, Submission>()
  const ended = new Map<string, ReturnType<typeof Promise.withResolvers<void>>>()
  const turns = new Map<string, Promise<unknown>>()
  let cancelTimer = (): void => undefined
  let isOpen = false
  const advance = createAdvance(options, store, (batchId) =>
    [...submissions.values()].some((submission) => submission.batchId === batchId),
  )

  function found(id: string): Submission {
    const submission = submissions.get(id)
    if (submission !== undefined) return submission
    throw new SwarmError({ code: 'BATCH_NOT_FOUND', message: `there is no batch "${id}" at this desk` })
  }

  function note(submission: Submission): void {
    submissions.set(submission.id, submission)
    if (submission.state === 'ended') endOf(submission.id).resolve()
  }

  function endOf(id: string): ReturnType<typeof Promise.withResolvers<void>> {
    const known = ended.get(id) ?? Promise.withResolvers<void>()
    ended.set(id, known)
    return known
  }

  /** One step of a batch after the other. */
  function inTurn<T>(id: string, step: () => Promise<T>): Promise<T> {
    const turn = (turns.get(id) ?? Promise.resolve()).catch(() => undefined).then(step)
    turns.set(id, turn)
    return turn
  }

  const step = (id: string): Promise<void> =>
    inTurn(id, async () => {
      const submission = submissions.get(id)
      if (submission !== undefined) note(await advance(submission))
    })

  /** What a failed step wrote is read again, since it may have come further than it could tell. */
  async function tryStep(id: string): Promise<void> {
    try {
      await step(id)
    } catch (error) {
      options.onFailure({ submission: id, error })
      await inTurn(id, async () => {
        for (const submission of await store.load()) if (submission.id === id) note(submission)
      }).catch((cause: unknown) => options.onFailure({ submission: id, error: cause }))
    }
  }

  async function poll(): Promise<void> {
    for (const { id, state } of submissions.values()) if (state !== 'ended') await tryStep(id)
  }

  function arm(): void {
    cancelTimer = clock.at(clock.now() + options.pollMs, async () => {
      await poll()
      if (isOpen) arm()
    })
  }

  return {
    poll,
    async open() {
      if (isOpen) return
      for (const submission of await store.load()) note(submission)
      isOpen = true
      for (const id of submissions.keys()) await tryStep(id)
      if (isOpen) arm()
    },
    async submit({ modelId, items, context = {} }) {
      if (!isOpen) throw new SwarmError({ code: 'BATCH_DESK_CLOSED', message: 'open the batch desk before it is used' })
      assertWork(items, options.terms.maximumRequests)
      if (options.budget !== undefined) options.prices.of(modelId)
      const requests = requestsText(items)
      const id = options.ids.next('b')
      const submission: Submission = {
        version: 1,
        id,
        state: 'intended',
        modelId,
        ids: items.map((item) => item.id),
        requests: sha256Hex(requests),
        context,
      }
      await store.save(submission, [requests])
      note(submission)
      try {
        await step(id)
      } catch (error) {
        if (SwarmError.isInstance(error, 'BUDGET_EXCEEDED')) {
          await store.remove(submission)
          submissions.delete(id)
          throw error
        }
        await tryAgainLater(id, error)
      }
      return id
    },
    async results(id, signal) {
      found(id)
      await untilAborted(endOf(id).promise, signal)
      return readBatchOutcome(await store.text(found(id).results ?? ''))
    },
    async cancel(id) {
      found(id)
      await inTurn(id, async () => {
        const submission = found(id)
        if (submission.state === 'ended') return
        const cancelled = { ...submission, isCancelled: true }
        await store.save(cancelled)
        note(cancelled)
      })
      await tryStep(id)
    },
    async forget(id) {
      await inTurn(id, async () => {
        const submission = found(id)
        if (submission.state !== 'ended')
          throw new SwarmError({
            code: 'BATCH_UNDER_WAY',
            message: `batch "${id}" has not ended: cancel it, or wait for its results`,
          })
        await store.remove(submission)
        submissions.delete(id)
        ended.delete(id)
      })
      turns.delete(id)
    },
    status: () =>
      [...submissions.values()].map(({ id, state, ids, batchId, costUsd }) => ({
        id,
        state,
        requests: ids.length,
        ...(batchId === undefined ? {} : { batchId }),
        ...(costUsd === undefined ? {} : { costUsd }),
      })),
    close() {
      isOpen = false
      cancelTimer()
    },
  }

  async function tryAgainLater(id: string, error: unknown): Promise<void> {
    options.onFailure({ submission: id, error })
    await inTurn(id, async () => {
      for (const submission of await store.load()) if (submission.id === id) note(submission)
    })
  }
}

function assertWork(items: readonly BatchWorkItem[], most: number): void {
  const ids = new Set(items.map(({ id }) => id))
  const fault =
    items.length === 0
      ? 'it has no items'
      : items.length > most
        ? `it has ${items.length} items, and the provider takes ${most}: submit several`
        : ids.size < items.length
          ? 'two of its items have one id'
          : undefined
  if (fault !== undefined) throw new SwarmError({ code: 'INVALID_BATCH', message: `a batch was not taken: ${fault}` })
}
