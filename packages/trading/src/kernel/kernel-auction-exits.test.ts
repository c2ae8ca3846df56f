import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { createManualTimers, type ManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const minuteMs = 60_000
const operator = { operator: 'Ada', reason: 'test' }
/** From the open of the session to its close. */
const sessionMs = 390 * minuteMs

type Timed = { readonly bench: KernelBench; readonly timers: ManualTimers | undefined; readonly open: number }

/** Fifty units are held and covered, in a session that has just begun. */
async function held(wakes: 'by the clock' | 'by events alone'): Promise<Timed> {
  const timers = wakes === 'by the clock' ? createManualTimers() : undefined
  const bench = await openKernelBench(timers === undefined ? {} : { timers }, 65, (broker) => {
    broker.capabilities = ablest
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return { bench, timers, open: bench.now }
}

type Shown = {
  readonly orders: readonly {
    readonly header: { readonly request: Readonly<Record<string, string | boolean>> }
    readonly state: { readonly status: Parameters<typeof isOpen>[0]; readonly leavesQuantity: string }
  }[]
}

/** What lies at the venue to leave the position, or is on its way there. */
const exits = ({ kernel }: KernelBench): readonly string[] =>
  (JSON.parse(kernel.snapshot()) as Shown).orders.flatMap(({ header: { request }, state }) => {
    if (request['reduceOnly'] !== true || !isOpen(state.status) || state.status === 'permitted') return []
    const { type, timeInForce, stopPrice, limitPrice } = request
    return [`${type} ${state.leavesQuantity} ${type === 'market' ? timeInForce : (stopPrice ?? limitPrice)}`]
  })

async function leave(bench: KernelBench, fields: Partial<OrderIntent>): Promise<string> {
  const { exits: _, ...intent } = bench.intent({ side: 'sell', quantity: '50', ...fields })
  const assessed = await bench.kernel.assess(intent)
  if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
  const answer = await bench.kernel.submit(intent, assessed.permitId)
  await bench.kernel.settled()
  return answer.status === 'submitted' ? answer.orderId : ''
}

async function priceAt(bench: KernelBench, time: number, price: string): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time, price, quantity: '1' })
}

describe('I29 an exit for an auction gives up the stop no sooner than it must', () => {
  test('at the close: stop and target stay at the venue until shortly before it', async () => {
    const { bench, open } = await held('by the clock')
    await leave(bench, { timeInForce: 'at-close' })
    await priceAt(bench, open + sessionMs - 16 * minuteMs, '96')
    expect(exits(bench)).toEqual(['stop 50 95', 'limit 50 110'])
    await priceAt(bench, open + sessionMs - 15 * minuteMs, '96')
    expect(exits(bench)).toEqual(['market 50 at-close'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('where nothing trades before it, by the clock', async () => {
    const { bench, timers, open } = await held('by the clock')
    await leave(bench, { timeInForce: 'at-close' })
    bench.now = open + sessionMs - 14 * minuteMs
    timers?.fire()
    await bench.kernel.settled()
    expect(exits(bench)).toEqual(['market 50 at-close'])
  })

  test('a part of a position: what is not in it keeps its stop throughout', async () => {
    const { bench, open } = await held('by the clock')
    await leave(bench, { timeInForce: 'at-close', quantity: '20' })
    expect(exits(bench)).toEqual(['stop 50 95', 'limit 50 110'])
    await priceAt(bench, open + sessionMs - minuteMs, '96')
    expect(exits(bench).toSorted()).toEqual(['limit 30 110', 'market 20 at-close', 'stop 30 95'])
  })

  test.each([
    ['while it lies at the venue for the last minutes', 'by the clock', sessionMs - 10 * minuteMs],
    ['all day, where nothing but the market wakes the kernel', 'by events alone', 60 * minuteMs],
  ] as const)('%s the stop is watched, and a price at it leaves the position at once', async (_, wakes, afterMs) => {
    const { bench, open } = await held(wakes)
    await leave(bench, { timeInForce: 'at-close' })
    await priceAt(bench, open + afterMs, '96')
    expect(exits(bench)).toEqual(['market 50 at-close'])
    await priceAt(bench, open + afterMs + minuteMs, '94')
    expect(exits(bench)).toEqual(['market 50 day'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('at the open, asked for in a session: the stop stays until that is over', async () => {
    const { bench, open } = await held('by the clock')
    await leave(bench, { timeInForce: 'at-open' })
    await priceAt(bench, open + sessionMs - 1, '96')
    expect(exits(bench)).toEqual(['stop 50 95', 'limit 50 110'])
    await bench.session(100, ['close'])
    expect(exits(bench)).toEqual(['market 50 at-open'])
    // Nothing trades: a price in between sets nothing off.
    await priceAt(bench, bench.now + 60 * minuteMs, '90')
    expect(exits(bench)).toEqual(['market 50 at-open'])
  })

  test('one whose auction has passed while nobody could send it is withdrawn', async () => {
    const { bench, open } = await held('by the clock')
    const orderId = await leave(bench, { timeInForce: 'at-close' })
    await priceAt(bench, open + sessionMs + 24 * 60 * minuteMs, '96')
    expect(exits(bench)).toEqual(['stop 50 95', 'limit 50 110'])
    const denials = bench.journal.flatMap(({ payload }) => {
      const record = payload as KernelRecord
      return record.type === 'order-event' && record.event.type === 'denied' ? [record.orderId] : []
    })
    expect(denials).toEqual([orderId])
  })

  test.each(['by the clock', 'by events alone'] as const)(
    'all is left at once where that is asked for (%s)',
    async (wakes) => {
      const { bench, open } = await held(wakes)
      await leave(bench, { timeInForce: 'at-close' })
      await bench.kernel.flatten(operator)
      await bench.kernel.settled()
      await priceAt(bench, open + minuteMs, '96')
      expect(exits(bench)).toEqual(['market 50 day'])
      const sale = bench.broker.sent.findLast(({ type }) => type === 'market')
      bench.broker.fill(sale?.clientOrderId ?? '', '50', '96')
      await bench.kernel.settled()
      await priceAt(bench, open + 2 * minuteMs, '96')
      expect(bench.kernel.portfolio().positions).toEqual([])
      expect(exits(bench)).toEqual([])
    },
  )

  test('a stop that is placed anew beside a lost target is no market order, though the position is to be left', async () => {
    const { bench, open } = await held('by events alone')
    const { broker, kernel } = bench
    const lost = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
    broker.onPlace = ({ type, quantity }) => (type === 'limit' && quantity === '30' ? lost : 'accept')
    await leave(bench, { timeInForce: 'at-close', quantity: '20' })
    const stop = broker.sent.findLast(({ type }) => type === 'stop')
    expect(stop).toMatchObject({ quantity: '30' })
    broker.fill(stop?.clientOrderId ?? '', '30', '95')
    await kernel.settled()
    await priceAt(bench, open + minuteMs, '94')
    // With a market order for them, and the target, more might be left than the twenty that are held.
    expect(exits(bench)).toEqual(['limit 30 110', 'stop 20 95'])
  })

  test('a newer exit at once takes the place of one that waits for the close', async () => {
    const { bench } = await held('by the clock')
    await leave(bench, { timeInForce: 'at-close' })
    await leave(bench, { timeInForce: 'day' })
    expect(exits(bench)).toEqual(['market 50 day'])
  })
})
