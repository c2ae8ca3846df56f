import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  assertKnownOptions,
  type ClockAndTimers,
  createSystemClock,
  createSystemRandom,
  type Random,
} from '@tradeswarm/core'
import { invalidOption } from '../invalid-option.js'

/** How items are gathered. */
export type BatcherOptions = {
  readonly model: LanguageModelV4
  /** Items of one call at most; default 6: up to there accuracy was seen to hold, at 32 only with permutation and voting (Cheng 2023, Lin 2023). */
  readonly maximumItems?: number
  /** How long the first item waits for others, in ms; default 50. */
  readonly windowMs?: number
  /** Calls at once; default 4. */
  readonly concurrency?: number
  /** Answers that are remembered item by item; default 10,000, and 0 for none. */
  readonly maximumRemembered?: number
  readonly clock?: ClockAndTimers
  /** Shuffles the items of a call and draws their ids. */
  readonly random?: Random
}

export type ResolvedBatcherOptions = Required<BatcherOptions>

const names = ['model', 'maximumItems', 'windowMs', 'concurrency', 'maximumRemembered', 'clock', 'random'] as const

/** Throws `INVALID_OPTION`. */
export function resolveBatcherOptions(options: BatcherOptions): ResolvedBatcherOptions {
  assertKnownOptions('createBatcher', options, names)
  const { model, maximumItems = 6, windowMs = 50, concurrency = 4, maximumRemembered = 10_000 } = options
  const { clock = createSystemClock(), random = createSystemRandom() } = options
  assertCount('maximumItems', maximumItems, 1, 100)
  assertCount('windowMs', windowMs, 0, 600_000)
  assertCount('concurrency', concurrency, 1, 1_000)
  assertCount('maximumRemembered', maximumRemembered, 0, 10_000_000)
  if (model?.specificationVersion !== 'v4')
    throw invalidOption('createBatcher', 'model', 'must be a model object of the AI SDK 7, not its name')
  return { model, maximumItems, windowMs, concurrency, maximumRemembered, clock, random }
}

function assertCount(option: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw invalidOption('createBatcher', option, `must be a whole number from ${least} to ${most}`)
}
