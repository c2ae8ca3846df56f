import { describe, expect, test } from 'vitest'
import type { DividendEvent, MarketEvent } from '../market/market-event.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const exits = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }

async function holding(quantity = '50'): Promise<KernelBench> {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ quantity: '50', exits })
  if (quantity !== '0') bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', quantity, '100', 't1')
  await bench.kernel.settled()
  return bench
}

const dividend = (time: number, amountPerUnit = '0.5'): DividendEvent => {
  return { type: 'dividend', symbol: 'AAA', sessionDate: '2014-05-20', time, amountPerUnit, currency: 'USD' }
}

async function tell(bench: KernelBench, event: MarketEvent): Promise<void> {
  await bench.kernel.onMarket(event)
  await bench.kernel.settled()
}

/** An execution of an instant that is told now. */
async function fillOf(bench: KernelBench, time: number, id: string, quantity: string, tradeId: string): Promise<void> {
  const { now } = bench
  bench.now = time
  bench.broker.fill(id, quantity, '100', tradeId)
  bench.now = now
  await bench.kernel.settled()
}

const paid = ({ journal }: KernelBench): readonly (readonly [string, string])[] =>
  journal.flatMap(({ payload }) => {
    const record = payload as KernelRecord
    if (record.type !== 'booked' || record.event.type !== 'dividend') return []
    return [[record.event.eventId, record.event.quantity] as const]
  })
const first = 'dividend-AAA-2014-05-20'
const income = ({ kernel }: KernelBench): string => kernel.portfolio().income
const stopOf = ({ broker }: KernelBench): string =>
  broker.sent.findLast(({ type }) => type === 'stop')?.clientOrderId ?? ''
const isRebuilt = (bench: KernelBench): void => expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())

describe('I19 a dividend that was booked before something of before it was told', () => {
  test.each([
    ['and part was held by then', '30', '20', '25'],
    ['and nothing was held by then', '0', '50', '25'],
  ])('is put right by a purchase that was lost, %s', async (_, held, lost, all) => {
    const bench = await holding(held)
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    bench.now += 60_000
    await fillOf(bench, due - 1, bench.broker.sent[0]?.clientOrderId ?? '', lost, 't2')
    expect(paid(bench)).toEqual([
      [first, held],
      [`correction-1-of-${first}`, lost],
    ])
    expect(income(bench)).toBe(all)
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'DIVIDEND_CORRECTED' }))
    bench.broker.fill(stopOf(bench), '50', '100', 't3')
    await bench.kernel.settled()
    expect(bench.events.findLast(({ type }) => type === 'position-closed')).toMatchObject({ position: { income: all } })
    isRebuilt(bench)
  })

  test('is put right by a sale that was lost, before the round trip is told as finished', async () => {
    const bench = await holding()
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    expect(income(bench)).toBe('25')
    bench.now += 60_000
    await fillOf(bench, due - 1, stopOf(bench), '50', 't2')
    expect(paid(bench).at(-1)).toEqual([`correction-1-of-${first}`, '-50'])
    expect(income(bench)).toBe('0')
    expect(bench.events.findLast(({ type }) => type === 'position-closed')).toMatchObject({ position: { income: '0' } })
    isRebuilt(bench)
  })

  test('is put right by a split that was told late', async () => {
    const bench = await holding()
    const [splitAt, due] = [bench.now + 30_000, bench.now + 60_000]
    bench.now = due
    await tell(bench, dividend(due))
    bench.now += 60_000
    const ratio = { numerator: 4, denominator: 1 }
    await tell(bench, { type: 'split', symbol: 'AAA', sessionDate: '2014-05-20', time: splitAt, ...ratio })
    expect(paid(bench).at(-1)).toEqual([`correction-1-of-${first}`, '150'])
    expect(income(bench)).toBe('100')
    await tell(bench, { type: 'split', symbol: 'AAA', sessionDate: '2014-05-20', time: splitAt, ...ratio })
    expect(income(bench)).toBe('100')
    isRebuilt(bench)
  })

  test('is put right by a bust that was told late, and not by one that came after it', async () => {
    for (const isLate of [true, false]) {
      const bench = await holding()
      const due = bench.now + 60_000
      bench.now = due
      await tell(bench, dividend(due))
      bench.now = isLate ? due - 1 : due + 1
      bench.broker.say(bench.broker.sent[0]?.clientOrderId ?? '', { type: 'busted', tradeId: 't1' })
      bench.now = due + 60_000
      await bench.kernel.settled()
      expect(income(bench)).toBe(isLate ? '0' : '25')
      isRebuilt(bench)
    }
  })

  test('is not changed by what came after it, nor told a second time', async () => {
    const bench = await holding()
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    await fillOf(bench, due, stopOf(bench), '20', 't2')
    await tell(bench, dividend(due))
    expect(paid(bench)).toEqual([[first, '50']])
    isRebuilt(bench)
  })

  test('is put right once more by each further word, and each dividend by itself', async () => {
    const bench = await holding('20')
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    await tell(bench, { ...dividend(due + 30_000, '1'), sessionDate: '2014-05-21' })
    bench.now += 60_000
    const bought = bench.broker.sent[0]?.clientOrderId ?? ''
    await fillOf(bench, due - 2, bought, '20', 't2')
    await fillOf(bench, due + 1, bought, '10', 't3')
    // 40 at the first and 50 at the second.
    expect(income(bench)).toBe('70')
    expect(paid(bench)).toHaveLength(5)
    isRebuilt(bench)
  })

  test.each([0, 1])('is put right after a crash behind %i of two corrections', async (durable) => {
    const bench = await holding('20')
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    await tell(bench, { ...dividend(due + 30_000, '1'), sessionDate: '2014-05-21' })
    bench.now += 60_000
    await fillOf(bench, due - 2, bench.broker.sent[0]?.clientOrderId ?? '', '30', 't2')
    const cut = bench.journal.findIndex(({ payload }) => JSON.stringify(payload).includes('correction-1-of-'))
    const history = bench.journal.slice(0, cut + durable)
    const after = await openKernelBench({ history }, 0, (broker) => broker.balances.set('USD', '0'))
    expect(income(after)).toBe('75')
    expect(paid({ ...after, journal: [...history, ...after.journal] } as KernelBench)).toEqual(paid(bench))
    expect(rebuildKernelState([...history, ...after.journal])).toBe(after.kernel.snapshot())
  })

  test('is put right by a kernel that was made from a snapshot', async () => {
    const bench = await holding('20')
    const due = bench.now + 60_000
    bench.now = due
    await tell(bench, dividend(due))
    const after = await openKernelBench({ snapshot: bench.kernel.snapshot() }, 0)
    after.now = due + 60_000
    await fillOf(after, due - 1, bench.broker.sent[0]?.clientOrderId ?? '', '30', 't2')
    expect(income(after)).toBe('25')
  })
})
