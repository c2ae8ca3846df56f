import { expect, test } from 'vitest'
import { createUsEquityCalendar } from '../instruments/us-equity-calendar.js'
import type { BarEvent } from '../market/market-event.js'
import { openKernelBench } from './kernel-bench.test-support.js'

/** The last sessions before the bench begins, the oldest first, at a price. */
function pastBars(count: number, price: string): readonly BarEvent[] {
  const calendar = createUsEquityCalendar()
  const bars: BarEvent[] = []
  let session = calendar.previousSession(Date.UTC(2014, 0, 10))
  while (bars.length < count) {
    const { date: sessionDate, open: start, close: time } = session
    const prices = { open: price, high: price, low: price, close: price, volume: '1000000' }
    bars.unshift({ type: 'bar', symbol: 'AAA', timeframe: '1d', sessionDate, start, time, ...prices })
    session = calendar.previousSession(session.open)
  }
  return bars
}

test('a kernel that was not told of the past knows no price; with past bars it permits an entry at once', async () => {
  const blind = await openKernelBench({}, 0)
  expect(await blind.kernel.assess(blind.intent())).toMatchObject({ status: 'denied' })
  const told = await openKernelBench({ pastBars: pastBars(20, '100') }, 0)
  expect(await told.kernel.assess(told.intent())).toMatchObject({ status: 'permitted' })
  const short = await openKernelBench({ pastBars: pastBars(19, '100') }, 0)
  expect(await short.kernel.assess(short.intent())).toMatchObject({
    status: 'denied',
    findings: expect.arrayContaining([expect.objectContaining({ code: 'SYMBOL_DENIED' })]),
  })
})

test('past bars price what is held, set off no exit and leave no trace in the books', async () => {
  const before = await openKernelBench()
  await before.enter()
  before.broker.fill(before.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await before.kernel.settled()
  const held = before.kernel.portfolio().positions[0]
  expect(held).toBeDefined()
  const history = [...before.journal]
  const after = await openKernelBench({ history, pastBars: pastBars(20, '1') }, 0, (broker) =>
    broker.balances.set('AAA', held?.quantity ?? '0'),
  )
  expect(after.kernel.portfolio().positions[0]).toMatchObject({ symbol: 'AAA', marketPrice: '1' })
  expect(after.kernel.tradingState().state).toBe('active')
  expect(after.broker.sent.filter(({ type }) => type === 'market')).toEqual([])
})

test('past bars that are no list are refused', async () => {
  await expect(openKernelBench({ pastBars: 'none' as never })).rejects.toThrow(/pastBars must be a list of daily bars/)
})

test.each([
  [null, /a market event: type:/],
  [{ ...pastBars(1, '100')[0], low: '101' }, /bar of AAA: low: 101 is above the high of 100/],
  [
    { type: 'trade', symbol: 'AAA', time: 1, price: '5', quantity: '1' },
    /pastBars\[1\] is of type "trade"; it must be a daily/,
  ],
])('past bars among which there is what is no bar are refused: %j', async (stray, message) => {
  const bars = [...pastBars(1, '100'), stray] as readonly BarEvent[]
  await expect(openKernelBench({ pastBars: bars }, 0)).rejects.toThrow(message)
})
