import { createSeededRandom } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeAlpaca, type FakeAlpacaOptions } from '@tradeswarm/testing/fakes'
import type { KernelJournalEntry, MarketEvent, TradingKernelOptions } from '@tradeswarm/trading'
import { stopLater } from './fake-account.test-support.js'
import { type AlpacaLife, beginLife, calendar, tellMarket } from './kernel-life.test-support.js'

/** The session of the test. */
export const day = calendar.nextSession(Date.UTC(2024, 0, 10))

/** An account on a fake whose regulators charge, and the lives of its kernel. */
export class AccountWorld {
  now = day.open - 1_000_000
  fake!: FakeAlpaca
  journal: readonly KernelJournalEntry[] = []
  lives = 0

  async start(options: FakeAlpacaOptions = {}): Promise<void> {
    this.fake = await createFakeAlpaca({
      assets: [{ symbol: 'AAA', fractionable: false }, { symbol: 'BBB' }],
      clock: { now: () => this.now },
      requestsPerMinute: 1_000_000,
      random: createSeededRandom(3),
      regulatoryFees: true,
      feed: createManualFeed({ startTime: this.now }),
      ...options,
    })
    stopLater(() => this.fake.close())
  }

  async life(policy: TradingKernelOptions['policy'] = {}): Promise<AlpacaLife> {
    this.lives += 1
    const fate = { left: -1, onDeath: () => undefined }
    const terms = {
      now: () => this.now,
      number: this.lives,
      history: this.journal,
      fate,
      fractionalShares: false,
      policy,
    }
    return beginLife({ fake: this.fake, ...terms })
  }

  /** Some sessions before, so that volumes are known; then the one of the test opens at 100. */
  async openDay(life: AlpacaLife): Promise<void> {
    for (let past = calendar.previousSession(day.open - 86_400_000 * 45); past.open < day.open; )
      for (const event of [opening(past), bar(past), session('close', past, past.close)]) {
        await life.kernel.onMarket(event)
        if (event.type === 'session') past = calendar.nextSession(past.close)
      }
    await this.tell(life, session('pre-open', day, day.open - 900_000), session('open', day, day.open), opening(day))
  }

  async tell(life: AlpacaLife, ...events: readonly MarketEvent[]): Promise<void> {
    for (const event of events) {
      this.now = Math.max(this.now, event.time)
      await tellMarket(this.fake, life, event)
    }
  }
}

export const session = (phase: 'pre-open' | 'open' | 'close', of: typeof day, time: number): MarketEvent => ({
  type: 'session',
  phase,
  calendar: 'us-equity',
  sessionDate: of.date,
  time,
})
const opening = (of: typeof day): MarketEvent => ({
  type: 'open',
  symbol: 'AAA',
  sessionDate: of.date,
  time: of.open,
  price: '100',
})
const bar = (of: typeof day): MarketEvent => {
  const price = { open: '100', high: '100', low: '100', close: '100', volume: '1000000' }
  return { type: 'bar', symbol: 'AAA', timeframe: '1d', sessionDate: of.date, start: of.open, time: of.close, ...price }
}
