import type { EpochMs } from '@tradeswarm/core'
import { beginKernelLife, type KernelFate, type KernelLife } from '@tradeswarm/testing'
import type { FakeOkx } from '@tradeswarm/testing/fakes'
import { createAlwaysOpenCalendar, type KernelJournalEntry, type MarketEvent } from '@tradeswarm/trading'
import { createOkxBroker } from './create-okx-broker.js'
import { hurriedLine } from './live-account.test-support.js'
import type { OkxBroker } from './okx-broker.js'

export const calendar = createAlwaysOpenCalendar()

/** A kernel over the adapter over a fake that outlives it. */
export type OkxLife = KernelLife<OkxBroker>

export type LifeOptions = {
  readonly fake: FakeOkx
  readonly now: () => EpochMs
  readonly number: number
  readonly history: readonly KernelJournalEntry[]
  readonly fate: KernelFate
  /** How the adapter waits for an order that got no answer: the last time until nothing can come of it any more. */
  readonly outcomeWaitsMs: readonly number[]
  /** What is traded, of which the first is entered by default, and what for. */
  readonly symbols: readonly [string, ...string[]]
  readonly currency: string
  readonly marginMode: 'cross' | 'isolated'
}

/** Makes a kernel on what is durable of the lives before it, and starts it. */
export function beginLife({
  fake,
  outcomeWaitsMs,
  symbols,
  currency,
  marginMode,
  ...life
}: LifeOptions): Promise<OkxLife> {
  const definition = createOkxBroker({
    key: fake.keyId,
    secret: fake.secret,
    passphrase: fake.passphrase,
    symbols,
    currency,
    marginMode,
    urls: { rest: fake.url },
    rateMultiplier: 1_000,
    requestTimeoutMs: 2_000,
    requestLifetimeMs: 1_000,
    outcomeWaitsMs,
    transport: hurriedLine().transport,
  })
  const books = { currency, deposits: '100000', symbol: symbols[0], calendar }
  return beginKernelLife({ ...life, ...books, definition, hasMore: () => fake.unsent > 0 })
}

/** Tells the venue and then the kernel what the market does. */
export async function tellMarket(fake: FakeOkx, life: OkxLife, event: MarketEvent): Promise<void> {
  await fake.market.emit(event)
  if (life.isDead()) return
  await life.quiet()
  await life.orDeath(life.kernel.onMarket(event))
  await life.quiet()
}
