import { describe, expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const minuteMs = 60_000
const sessionMs = 390 * minuteMs

/** Fifty units are held and covered, in a session that has just begun. */
async function held(): Promise<KernelBench> {
  const bench = await openKernelBench({ timers: createManualTimers() }, 65, (broker) => {
    broker.capabilities = ablest
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

const records = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
/** What lies at the venue to leave the position, or is on its way there. */
const leaving = (bench: KernelBench): readonly string[] =>
  records(bench).flatMap((order) => {
    const { header, state } = order
    if (!header.request.reduceOnly || header.execution !== undefined || !isOpen(state.status)) return []
    if (state.status === 'permitted') return []
    const { type, stopPrice, limitPrice, timeInForce } = requestInForce(order)
    return [`${type} ${state.leavesQuantity} ${stopPrice ?? limitPrice ?? timeInForce}`]
  })

async function leave(bench: KernelBench, fields: Partial<OrderIntent>): Promise<string> {
  const { exits: _, ...intent } = bench.intent({ side: 'sell', ...fields })
  const answer = await bench.kernel.assess(intent)
  if (answer.status === 'denied') return answer.findings.map(({ code }) => code).join()
  const result = await bench.kernel.submit(intent, answer.permitId)
  await bench.kernel.settled()
  return result.status
}

const atClose = (quantity: string): Partial<OrderIntent> => ({ quantity, timeInForce: 'at-close' })
const worked = (bench: KernelBench, quantity: string): Partial<OrderIntent> => ({
  quantity,
  timeInForce: 'gtd',
  expiresAt: bench.now + 3 * minuteMs,
  execution: { style: 'twap', slices: 3 },
})

async function priceAt(bench: KernelBench, time: number): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time, price: '100', quantity: '1' })
}

/** The part that was sent last trades, and time goes by until the next is due. */
async function sell(bench: KernelBench): Promise<void> {
  const part = bench.broker.sent.findLast(({ type, side }) => type === 'market' && side === 'sell')
  bench.broker.fill(part?.clientOrderId ?? '', '10', '100')
  await bench.kernel.settled()
  await priceAt(bench, bench.now + minuteMs)
}

describe('an exit that waits for its auction', () => {
  test.each(['first', 'after it'])('I29 holds up no part of one that is worked, asked for %s', async (order) => {
    const bench = await held()
    const open = bench.now
    const wishes = [atClose('20'), worked(bench, '30')]
    for (const wish of order === 'first' ? wishes : wishes.toReversed())
      expect(await leave(bench, wish)).toBe('submitted')
    for (const left of ['40', '30', '20']) {
      expect(leaving(bench).toSorted()).toEqual([`limit ${left} 110`, 'market 10 day', `stop ${left} 95`])
      await sell(bench)
    }
    expect(leaving(bench)).toEqual(['stop 20 95', 'limit 20 110'])
    await priceAt(bench, open + sessionMs - 10 * minuteMs)
    expect(leaving(bench)).toEqual(['market 20 at-close'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('goes to the venue in time while the other one is worked still', async () => {
    const bench = await held()
    const open = bench.now
    await leave(bench, atClose('20'))
    await priceAt(bench, open + sessionMs - 16 * minuteMs)
    await leave(bench, worked(bench, '30'))
    expect(leaving(bench).toSorted()).toEqual(['limit 40 110', 'market 10 day', 'stop 40 95'])
    await sell(bench)
    // First the one whose time has come, and with the next price the part.
    expect(leaving(bench).toSorted()).toEqual(['limit 20 110', 'market 20 at-close', 'stop 20 95'])
    await priceAt(bench, bench.now + 1_000)
    expect(leaving(bench).toSorted()).toEqual(['limit 10 110', 'market 10 day', 'market 20 at-close', 'stop 10 95'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('gives way to one that leaves its units too, and keeps out one for which there are none', async () => {
    const bench = await held()
    await leave(bench, atClose('20'))
    expect(await leave(bench, { quantity: '10' })).toBe('REDUCE_ONLY_WOULD_INCREASE_POSITION')
    expect(await leave(bench, worked(bench, '31'))).toBe('submitted')
    expect(leaving(bench).some((order) => order.startsWith('market'))).toBe(true)
    const waiting = records(bench).filter(({ state }) => state.status === 'permitted')
    expect(waiting).toEqual([])
  })
})
