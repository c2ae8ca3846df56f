import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers, type ManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const dayMs = 86_400_000

type RiskBooks = { readonly risk: { readonly sessionDate: string; readonly dayStartEquity?: string } }

const risk = ({ kernel }: KernelBench): RiskBooks['risk'] => (JSON.parse(kernel.snapshot()) as RiskBooks).risk
const causes = ({ kernel }: KernelBench): readonly string[] => kernel.halts().map(({ cause }) => cause)

/** A position that has cost the account more than a day may, and the day that this is booked in. */
async function afterALoss(options: Parameters<typeof openKernelBench>[0] = {}) {
  const limits = { maxPositionFraction: 0.5, maxOrderFraction: 0.5, maxSymbolExposureFraction: 1 }
  const bench = await openKernelBench({ policy: { ...limits, maxDailyLossFraction: 0.01 }, ...options })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ quantity: '400', exits: { stopPrice: '90', targetPrice: '120', maximumSessions: 9 } })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '400', '100')
  await bench.kernel.settled()
  await trade(bench, '97')
  expect(causes(bench)).toEqual(['daily-loss'])
  return { bench, before: risk(bench) }
}

/** A trade a second later, by the time of the market; our clock is as much ahead of it as a test has put it. */
async function trade(bench: KernelBench, price: string, aheadMs = 0): Promise<void> {
  bench.now += 1_000
  const time = bench.now - aheadMs
  await bench.kernel.onMarket({ type: 'trade', symbol: 'AAA', time, price, quantity: '1' })
  await bench.kernel.settled()
}

async function round(bench: KernelBench, timers: ManualTimers): Promise<void> {
  timers.fire()
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  await bench.kernel.settled()
}

test.each([1, 7])(
  'I15 a clock that jumps %i days ahead begins no day: its losses stay those of this one',
  async (days) => {
    const { bench, before } = await afterALoss()
    bench.now += days * dayMs
    await trade(bench, '97', days * dayMs)
    expect(risk(bench)).toEqual(before)
    expect(causes(bench)).toEqual(['daily-loss'])
    bench.now -= days * dayMs
    await trade(bench, '97')
    await bench.session(97, ['bars', 'close'])
    expect(risk(bench)).toMatchObject({ sessionDate: before.sessionDate, dayStartEquity: before.dayStartEquity })
    // The next day begins with its first price, as where nothing had happened.
    bench.now += dayMs - 3_600_000
    await trade(bench, '97')
    expect(risk(bench).sessionDate > before.sessionDate).toBe(true)
    expect(risk(bench).dayStartEquity).not.toBe(before.dayStartEquity)
    expect(causes(bench)).toEqual([])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)

test('I15 a price of the coming day before our clock has come to it begins no day either', async () => {
  const { bench, before } = await afterALoss()
  await trade(bench, '97', -dayMs)
  expect(risk(bench)).toEqual(before)
})

test('I15 the watch begins no day by a clock that the venue does not agree with', async () => {
  const timers = createManualTimers()
  const { bench, before } = await afterALoss({ timers, automaticHalts: { staleFeedMs: false } })
  await round(bench, timers)
  bench.now += dayMs
  bench.broker.aheadMs = -dayMs
  for (let rounds = 0; rounds < 40; rounds += 1) await round(bench, timers)
  expect(risk(bench)).toMatchObject({ sessionDate: before.sessionDate, dayStartEquity: before.dayStartEquity })
  expect(causes(bench)).toEqual(['daily-loss', 'clock-skew'])
  // The venue's clock comes to that day as well.
  bench.broker.aheadMs = 0
  for (let rounds = 0; rounds < 40; rounds += 1) await round(bench, timers)
  expect(risk(bench).sessionDate > before.sessionDate).toBe(true)
})

/** Somebody announces the session that our clock says has come. */
async function announce(bench: KernelBench): Promise<void> {
  const sessionDate = new Date(bench.now).toISOString().slice(0, 10)
  const event: MarketEvent = { type: 'session', phase: 'pre-open', calendar: 'us-equity', sessionDate, time: bench.now }
  await bench.kernel.onMarket(event)
}

test.each(['that has just jumped', 'that the venue was found not to agree with'] as const)(
  'I15 a session that is announced by a clock %s is not begun, and is with its first price',
  async (which) => {
    const timers = createManualTimers()
    let jumpedMs = 0
    const clock = { now: () => opened?.now ?? start, elapsed: () => clock.now() - jumpedMs }
    const { now: start } = await openKernelBench({}, 0)
    let opened: KernelBench | undefined
    const context = {
      clock,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      logger: createSilentLogger(),
      feed: { name: 'none', subscribe: () => () => undefined },
    }
    const first = await afterALoss()
    opened = first.bench
    const bench = await openKernelBench(
      { timers, automaticHalts: { staleFeedMs: false }, brokerContext: context, history: first.bench.journal },
      0,
      (broker) => broker.balances.set('USD', '59999').set('AAA', '400'),
    )
    bench.now = first.bench.now
    opened = bench
    await round(bench, timers)
    const { sessionDate, dayStartEquity } = risk(bench)
    bench.now += dayMs
    jumpedMs += dayMs
    bench.broker.aheadMs = -dayMs
    if (which === 'that the venue was found not to agree with')
      for (let rounds = 0; rounds < 31; rounds += 1) await round(bench, timers)
    await announce(bench)
    expect(risk(bench)).toMatchObject({ sessionDate, dayStartEquity })
    expect(causes(bench)).toContain('daily-loss')
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'SESSION_NOT_BEGUN' }))
    await trade(bench, '97')
    expect(risk(bench).sessionDate > sessionDate).toBe(true)
  },
)

test('a session that is announced by a clock that nobody doubts begins', async () => {
  const timers = createManualTimers()
  const { bench, before } = await afterALoss({ timers, automaticHalts: { staleFeedMs: false } })
  await round(bench, timers)
  bench.now += dayMs
  await announce(bench)
  expect(risk(bench).sessionDate > before.sessionDate).toBe(true)
})
