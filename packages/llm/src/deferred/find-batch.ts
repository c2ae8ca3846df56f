import { APICallError, type Experimental_BatchV4 as ProviderBatch } from '@ai-sdk/provider'
import type { EpochMs } from '@tradeswarm/core'
import { wireId } from './batch-outcome.js'

/** What the provider's list says of a batch that may have been sent. */
export type FoundBatch =
  | { readonly found: 'it'; readonly batchId: string }
  /** None that it has can be this one. */
  | { readonly found: 'none' }
  /** One that it has may be this one; its results will tell. */
  | { readonly found: 'undecided' }

export type Sought = {
  readonly id: string
  readonly count: number
  readonly sentAt: EpochMs
  /** Ids of batches that are known to be others. */
  readonly isKnown: (batchId: string) => boolean
}

/** So far may the provider's clock be from ours. */
const clockSkewMs = 600_000
const maximumPages = 1_000

/**
 * Looks for a batch by what proves that it is one: the ids of its requests, which a provider tells with the results. One that is under way, as
 * large and no older than what is sought leaves it undecided. Rejects with the provider's errors.
 */
export async function findBatch(provider: ProviderBatch, sought: Sought): Promise<FoundBatch> {
  let isUndecided = false
  let cursor: string | undefined
  for (let pages = 0; pages < maximumPages; pages += 1) {
    const page = await provider.doListBatches?.({ limit: 100, ...(cursor === undefined ? {} : { cursor }) })
    if (page === undefined) return { found: 'undecided' }
    let isOld = page.batches.length > 0
    for (const { batchId, status, createdAt, requestCounts } of page.batches) {
      const created = createdAt === undefined ? Number.NaN : Date.parse(createdAt)
      if (created < sought.sentAt - clockSkewMs) continue
      isOld = false
      if (sought.isKnown(batchId)) continue
      const total = requestCounts?.total ?? 0
      // Before a batch was looked at its count is 0.
      if (total !== 0 && total !== sought.count) continue
      if (status === 'pending') isUndecided = true
      else if (await bearsIds(provider, batchId, sought.id)) return { found: 'it', batchId }
    }
    cursor = page.nextCursor
    // Lists are newest first.
    if (cursor === undefined || isOld) break
  }
  return { found: isUndecided ? 'undecided' : 'none' }
}

async function bearsIds(provider: ProviderBatch, batchId: string, submission: string): Promise<boolean> {
  try {
    const reader = (await provider.doGetBatchResults({ batchId })).getReader()
    const first = await reader.read()
    await reader.cancel()
    return !first.done && first.value.id.startsWith(wireId(submission, 0).slice(0, -1))
  } catch (error) {
    if (APICallError.isInstance(error)) throw error
    // It ended without results: whatever it was, nothing of it was done.
    return false
  }
}
