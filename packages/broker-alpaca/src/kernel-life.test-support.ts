import type { EpochMs } from '@tradeswarm/core'
import { beginKernelLife, type KernelFate, type KernelLife } from '@tradeswarm/testing'
import type { FakeAlpaca } from '@tradeswarm/testing/fakes'
import {
  createUsEquityCalendar,
  type KernelJournalEntry,
  type MarketEvent,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import type { AlpacaBroker } from './alpaca-broker.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { hurriedLine } from './live-account.test-support.js'

export const calendar = createUsEquityCalendar()

/** A kernel over the adapter over a fake that outlives it. */
export type AlpacaLife = KernelLife<AlpacaBroker>

export type LifeOptions = {
  readonly fake: FakeAlpaca
  readonly now: () => EpochMs
  readonly number: number
  readonly history: readonly KernelJournalEntry[]
  readonly fate: KernelFate
  readonly fractionalShares: boolean
  readonly policy?: TradingKernelOptions['policy']
}

/** Makes a kernel on what is durable of the lives before it, and starts it. */
export function beginLife({ fake, fractionalShares, ...life }: LifeOptions): Promise<AlpacaLife> {
  const definition = createAlpacaBroker({
    keyId: fake.keyId,
    secret: fake.secret,
    symbols: ['AAA', 'BBB'],
    urls: { trading: fake.url },
    requestsPerMinute: 1_000_000,
    fractionalShares,
    requestTimeoutMs: 2_000,
    outcomeWaitsMs: [1, 2],
    transport: hurriedLine().transport,
  })
  const books = { currency: 'USD', deposits: '100000', symbol: 'AAA', calendar }
  return beginKernelLife({ ...life, ...books, definition, hasMore: () => fake.unsent > 0 || fake.underWay > 0 })
}

/** Tells the venue and then the kernel what the market does. */
export async function tellMarket(fake: FakeAlpaca, life: AlpacaLife, event: MarketEvent): Promise<void> {
  await fake.market.emit(event)
  if (life.isDead()) return
  await life.quiet()
  await life.orDeath(life.kernel.onMarket(event))
  await life.quiet()
}
