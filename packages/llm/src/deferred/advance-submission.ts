import {
  APICallError,
  type Experimental_BatchV4ItemResult as BatchItemResult,
  type Experimental_BatchV4 as ProviderBatch,
} from '@ai-sdk/provider'
import { messageOf, sha256Hex } from '@tradeswarm/core'
import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import { costOf, worstCost } from '../prices/model-price.js'
import { modelFault } from '../routing/model-error.js'
import type { ResolvedDeskOptions } from './batch-desk-options.js'
import { type BatchOutcome, endAll, matchResults, outcomeText, wireId } from './batch-outcome.js'
import { findBatch } from './find-batch.js'
import { type BatchCallOptions, readRequests, type Submission } from './submission.js'
import type { SubmissionStore } from './submission-store.js'

/** So often results that cannot be read are asked for again. */
const maximumReads = 20
/** And so often those in which requests are missing: a download that broke off may end between two lines. */
const readsOfIncomplete = 3

/** Takes a submission one step on, durably; gives back how it stands. */
export type AdvanceSubmission = (submission: Submission) => Promise<Submission>

export function createAdvance(
  options: ResolvedDeskOptions,
  store: SubmissionStore,
  isKnown: (batchId: string) => boolean,
): AdvanceSubmission {
  const { batch, clock, budget, prices, priceFraction } = options
  const failedReads = new Map<string, number>()
  /** Submissions that are still being handed in, though nobody waits for that any more. */
  const onTheirWay = new Set<string>()

  async function saved(submission: Submission, texts?: readonly string[]): Promise<Submission> {
    await store.save(submission, texts)
    return submission
  }

  const holdName = ({ id }: Submission): string => `batch ${options.name} ${id}`

  async function callsOf({ requests }: Submission): Promise<readonly BatchCallOptions[]> {
    return readRequests(await store.text(requests))
  }

  function worstOf({ modelId }: Submission, calls: readonly BatchCallOptions[]): Decimal {
    const price = prices.of(modelId)
    return calls.reduce((sum, call) => sum.plus(worstCost(price, call)), zero).times(priceFraction)
  }

  /** The money first, then the note that it is being sent, then the sending. */
  async function send(submission: Submission): Promise<Submission> {
    const calls = await callsOf(submission)
    await budget?.reserve(worstOf(submission, calls), submission.context, holdName(submission))
    const sending = await saved({ ...submission, state: 'sending', sentAt: clock.now() })
    const requests = calls.map((call, index) => ({
      type: 'text' as const,
      id: wireId(submission.id, index),
      modelId: submission.modelId,
      options: call,
    }))
    let batchId: string
    try {
      const { answer, over } = batch.start({ requests })
      onTheirWay.add(submission.id)
      void over.then(() => onTheirWay.delete(submission.id))
      batchId = (await answer).batchId
    } catch (error) {
      const fault = startFault(error)
      if (fault === 'refused') return end(sending, endAll(sending.ids, 'unsent', messageOf(error)), zero)
      if (fault === 'not-taken') await saved({ ...sending, state: 'intended' })
      throw error
    }
    return saved({ ...sending, state: 'submitted', batchId })
  }

  /** It may have been taken: what the provider has decides, and what it does not list after a while was not. */
  async function lookUp(submission: Submission): Promise<Submission> {
    const { id, ids, sentAt = 0 } = submission
    const seen = await findBatch(batch, { id, count: ids.length, sentAt, isKnown })
    if (seen.found === 'it') return saved({ ...submission, state: 'submitted', batchId: seen.batchId })
    const mayCome = seen.found === 'undecided' || onTheirWay.has(id)
    if (mayCome || clock.now() < sentAt + options.graceMs) return submission
    if (submission.isCancelled === true) return end(submission, endAll(ids, 'unsent', 'it was cancelled'), zero)
    return send(submission)
  }

  async function collect(submission: Submission, batchId: string): Promise<Submission> {
    const { id, ids } = submission
    const status = await batch.doGetBatchStatus({ batchId })
    if (status.status === 'pending') {
      if (submission.isCancelled === true && !/cancel/.test(status.rawStatus ?? ''))
        await batch.doCancelBatch?.({ batchId })
      return submission
    }
    let results: readonly BatchItemResult[]
    try {
      results = await readAll(batch, batchId)
    } catch (error) {
      const reads = (failedReads.get(id) ?? 0) + 1
      failedReads.set(id, reads)
      if (reads < maximumReads) throw error
      // What was answered was billed, and nobody can tell how much of it was.
      const unreadable = `its results could not be read: ${messageOf(error)}`
      return end(submission, endAll(ids, 'failed', unreadable), worstOf(submission, await callsOf(submission)))
    }
    const { error } = status
    if (results.length === 0 && error !== undefined) return end(submission, endAll(ids, 'unsent', error.message), zero)
    const outcome = matchResults(id, ids, results)
    if ([...outcome.items.values()].some((item) => item.status === 'missing')) {
      const reads = (failedReads.get(id) ?? 0) + 1
      failedReads.set(id, reads)
      if (reads < readsOfIncomplete) return submission
    }
    return end(submission, outcome, await costOfAll(submission, outcome, results))
  }

  /** What has no price, or a usage that was not told, counts at its worst. */
  async function costOfAll(
    submission: Submission,
    { items }: BatchOutcome,
    results: readonly BatchItemResult[],
  ): Promise<Decimal> {
    if (budget === undefined && !prices.has(submission.modelId)) return zero
    const price = prices.of(submission.modelId)
    const calls = await callsOf(submission)
    let cost = zero
    for (const [index, id] of submission.ids.entries()) {
      const item = items.get(id)
      const call = calls[index]
      if (item === undefined || call === undefined) continue
      // An answer under a wrong id, or one of several, was billed like any other.
      const isBilled = item.status === 'answered' || item.status === 'missing' || item.status === 'ambiguous'
      if (!isBilled || results.length === 0) continue
      const told = item.status === 'answered' ? costOf(price, item.result.usage) : undefined
      cost = cost.plus(told ?? worstCost(price, call))
    }
    return cost.times(priceFraction)
  }

  async function end(submission: Submission, outcome: BatchOutcome, cost: Decimal): Promise<Submission> {
    const text = outcomeText(outcome)
    const ended = await saved({ ...submission, state: 'ended', results: sha256Hex(text), costUsd: cost.toString() }, [
      text,
    ])
    failedReads.delete(submission.id)
    return settle(ended)
  }

  /** Once, however often it is asked: a hold that was settled is there no more. */
  async function settle(submission: Submission): Promise<Submission> {
    const reservation = await budget?.held(holdName(submission))
    reservation?.settle(decimal(submission.costUsd ?? '0'))
    return submission
  }

  return async (submission) => {
    switch (submission.state) {
      case 'intended':
        return submission.isCancelled === true
          ? end(submission, endAll(submission.ids, 'unsent', 'it was cancelled'), zero)
          : send(submission)
      case 'sending':
        return lookUp(submission)
      case 'submitted':
        return collect(submission, submission.batchId ?? '')
      default:
        return settle(submission)
    }
  }
}

/** Whether the provider has refused a batch for good, has not taken it this time, or may have taken it. */
function startFault(error: unknown): 'refused' | 'not-taken' | 'unknown' {
  if (APICallError.isInstance(error)) {
    const { statusCode } = error
    if (statusCode === 401 || statusCode === 403 || statusCode === 429) return 'not-taken'
    return modelFault(error) === 'rejected' ? 'refused' : 'unknown'
  }
  // What the SDK refuses to send is named so; a connection that broke, or a time-out of ours, is not.
  const name = error instanceof Error ? error.name : ''
  return /UnsupportedFunctionality|InvalidArgument|InvalidPrompt|TypeValidation/.test(name) ? 'refused' : 'unknown'
}

async function readAll(batch: ProviderBatch, batchId: string): Promise<readonly BatchItemResult[]> {
  const results: BatchItemResult[] = []
  const reader = (await batch.doGetBatchResults({ batchId })).getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) results.push(next.value)
  return results
}
