import type { Experimental_BatchV4 as ProviderBatch } from '@ai-sdk/provider'
import {
  assertKnownOptions,
  type ClockAndTimers,
  createSystemClock,
  createSystemIds,
  type Ids,
  type Storage,
} from '@tradeswarm/core'
import { type Decimal, decimal } from '@tradeswarm/trading'
import type { Budget } from '../budget/budget.js'
import { invalidOption } from '../invalid-option.js'
import { createPriceTable, type PriceTable } from '../prices/price-table.js'
import { type BatchTerms, termsOf } from './batch-terms.js'
import { type TimedBatch, timedBatch } from './timed-batch.js'

/** How batches are handed in and waited for. */
export type BatchDeskOptions = {
  /** The provider's batch endpoints: `openai.experimental_batch()`. */
  readonly batch: ProviderBatch
  /** Where batches outlive the process. */
  readonly storage: Storage
  /** Told apart from other desks on the storage; default the provider's name. */
  readonly name?: string
  /** Sets the worst case of a batch aside before it is sent, at the provider's price for batches. */
  readonly budget?: Budget
  /** Default the known prices; used with a budget alone. */
  readonly prices?: PriceTable
  /** Of a provider that is not in the table of `batchTerms`. */
  readonly terms?: BatchTerms
  /** How often the provider is asked, in ms; default 60,000. */
  readonly pollMs?: number
  /** How long a batch that may have been sent, and that the provider does not list, is waited for before it is sent again; default 120,000. */
  readonly graceMs?: number
  /** One request of the provider's endpoints gives up after this long, in ms; default 120,000. */
  readonly timeoutMs?: number
  /** Told of what failed and will be tried again. */
  readonly onFailure?: (failure: { readonly submission: string; readonly error: unknown }) => void
  readonly clock?: ClockAndTimers
  readonly ids?: Ids
}

export type ResolvedDeskOptions = Required<Omit<BatchDeskOptions, 'batch' | 'budget' | 'terms' | 'timeoutMs'>> & {
  readonly batch: TimedBatch
  readonly budget: Budget | undefined
  readonly terms: BatchTerms
  readonly priceFraction: Decimal
}

const names = [
  'batch',
  'storage',
  'name',
  'budget',
  'prices',
  'terms',
  'pollMs',
  'graceMs',
  'timeoutMs',
  'onFailure',
  'clock',
  'ids',
] as const satisfies readonly (keyof BatchDeskOptions)[]

/** Throws `INVALID_OPTION`. */
export function resolveDeskOptions(options: BatchDeskOptions): ResolvedDeskOptions {
  assertKnownOptions('createBatchDesk', options, names)
  const { batch, storage, pollMs = 60_000, graceMs = 120_000, timeoutMs = 120_000 } = options
  const clock = options.clock ?? createSystemClock()
  if (batch?.specificationVersion !== 'v4' || typeof batch.doListBatches !== 'function')
    throw invalidOption(
      'createBatchDesk',
      'batch',
      'must be the batch endpoints of a provider that lists its batches, such as openai.experimental_batch()',
    )
  const terms = options.terms ?? termsOf(batch.provider)
  if (terms === undefined)
    throw invalidOption(
      'createBatchDesk',
      'terms',
      `are not known of ${batch.provider}: give them as { priceFraction, maximumRequests, source, date }`,
    )
  assertMs('pollMs', pollMs)
  assertMs('graceMs', graceMs)
  assertMs('timeoutMs', timeoutMs)
  return {
    batch: timedBatch(batch, clock, timeoutMs),
    storage,
    name: options.name ?? batch.provider,
    budget: options.budget,
    prices: options.prices ?? createPriceTable(),
    terms,
    priceFraction: decimal(terms.priceFraction, 'createBatchDesk: terms.priceFraction'),
    pollMs,
    graceMs,
    onFailure: options.onFailure ?? (() => undefined),
    clock,
    ids: options.ids ?? createSystemIds(),
  }
}

function assertMs(option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > 86_400_000)
    throw invalidOption('createBatchDesk', option, `is ${String(value)}; give a whole number from 1 to 86,400,000`)
}
