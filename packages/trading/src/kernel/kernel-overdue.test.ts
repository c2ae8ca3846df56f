import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const minuteMs = 60_000
const until = (bench: KernelBench) =>
  ({ type: 'limit', limitPrice: '99', timeInForce: 'gtd', expiresAt: bench.now + minuteMs }) as const

async function opened(): Promise<KernelBench> {
  const bench = await openKernelBench({}, 65, (broker) => {
    broker.capabilities = ablest
  })
  await bench.session(100, ['pre-open', 'open'])
  return bench
}

const statusOf = ({ kernel }: KernelBench, orderId: string): string | undefined =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders.find(({ header }) => header.orderId === orderId)
    ?.state.status

/** A session goes by. */
async function later(bench: KernelBench): Promise<void> {
  await bench.session(100, ['bars', 'close'])
}

test('an order whose time is over, and that its venue does not end, is cancelled and told of', async () => {
  const bench = await opened()
  const orderId = await bench.enter(until(bench))
  expect(statusOf(bench, orderId)).toBe('accepted')
  await later(bench)
  expect(statusOf(bench, orderId)).toBe('canceled')
  const told = bench.events.filter((event) => event.type === 'alert' && event.code === 'ORDER_OVERDUE')
  expect(told).toHaveLength(1)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('one that the venue refuses to cancel is asked again, a minute later, and told of once', async () => {
  const bench = await opened()
  const orderId = await bench.enter(until(bench))
  bench.broker.onCancel = new SwarmError({ code: 'BUSY', message: 'not now' })
  await later(bench)
  await bench.market({
    type: 'session',
    phase: 'pre-open',
    calendar: 'us-equity',
    sessionDate: '2014-04-14',
    time: bench.now + 1,
  })
  expect(bench.broker.cancels).toHaveLength(1)
  bench.broker.onCancel = 'cancel'
  await bench.market({
    type: 'session',
    phase: 'pre-open',
    calendar: 'us-equity',
    sessionDate: '2014-04-14',
    time: bench.now + minuteMs,
  })
  expect(bench.broker.cancels).toHaveLength(2)
  expect(statusOf(bench, orderId)).toBe('canceled')
  const told = bench.events.filter((event) => event.type === 'alert' && event.code === 'ORDER_OVERDUE')
  expect(told).toHaveLength(1)
})

test('I08 one of which nobody knows is given up a minute after its time at a venue that tells no lifetime of its requests', async () => {
  const bench = await opened()
  bench.broker.onPlace = () =>
    new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  const terms = until(bench)
  const orderId = await bench.enter(terms)
  const tick = (time: number): Promise<void> =>
    bench.market({ type: 'trade', symbol: 'AAA', time, price: '100', quantity: '1' })
  await tick(terms.expiresAt + minuteMs - 1)
  expect(statusOf(bench, orderId)).toBe('unknown')
  await tick(terms.expiresAt + 3 * minuteMs)
  expect(statusOf(bench, orderId)).toBe('expired')
})
