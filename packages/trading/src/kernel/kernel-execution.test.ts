import { expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent, OrderRequest } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { RememberingVenue } from './remembering-venue.test-support.js'

const minuteMs = 60_000
const exits = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const orderOf = (bench: KernelBench, orderId: string): OrderRecord | undefined =>
  ordersOf(bench).find(({ header }) => header.orderId === orderId)
const entries = ({ broker }: KernelBench): readonly OrderRequest[] =>
  broker.sent.filter(({ reduceOnly }) => !reduceOnly)
const lastEntry = (bench: KernelBench): OrderRequest => entries(bench).at(-1) as OrderRequest

/** A venue that is open, with a quote of 99.98 to 100. */
async function opened(
  overrides: Parameters<typeof openKernelBench>[0] = {},
  prepare?: Parameters<typeof openKernelBench>[2],
): Promise<KernelBench> {
  const bench = await openKernelBench(overrides, 65, prepare)
  await bench.session(100, ['pre-open', 'open'])
  await quote(bench, '99.98', '100')
  return bench
}

async function quote(bench: KernelBench, bid: string, ask: string, laterMs = 1_000): Promise<void> {
  const time = bench.now + laterMs
  await bench.market({ type: 'quote', symbol: 'AAA', time, bid, ask, bidSize: '500', askSize: '500' })
}

async function trade(bench: KernelBench, quantity: string, laterMs = 1_000): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + laterMs, price: '100', quantity })
}

const worked = (bench: KernelBench, fields: Partial<OrderIntent>): Partial<OrderIntent> => ({
  type: 'limit',
  limitPrice: '101',
  timeInForce: 'gtd',
  expiresAt: bench.now + 10 * minuteMs,
  exits,
  ...fields,
})

/** What was sent last trades to so many units, and the rest of it ends there. */
async function answer(bench: KernelBench, units: string): Promise<void> {
  const { clientOrderId, quantity } = lastEntry(bench)
  if (units !== '0') bench.broker.fill(clientOrderId, units, '100')
  if (units !== quantity) bench.broker.say(clientOrderId, { type: 'canceled' })
  await bench.kernel.settled()
}

test('a parent is assessed and reserved once as a whole, never sent, and its children are on its reservation', async () => {
  const bench = await opened()
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution: { style: 'twap', slices: 5 } }))
  const parent = orderOf(bench, orderId)
  const child = orderOf(bench, `${orderId}-child-1`)
  expect(parent).toMatchObject({ children: 1, state: { status: 'submitted', leavesQuantity: '50' } })
  expect(child).toMatchObject({ header: { parentOrderId: orderId, intentId: parent?.header.intentId } })
  expect(child?.reservation).toBeUndefined()
  expect(child?.permit).toMatchObject({ reservationId: parent?.reservation?.reservationId })
  expect(child?.permit?.permitId).not.toBe(parent?.permit?.permitId)
  expect(entries(bench)).toMatchObject([{ quantity: '10', type: 'limit', timeInForce: 'ioc', limitPrice: '100.5' }])
  const perUnit = Number(parent?.reservation?.perUnit)
  const locked = (): number => Number(bench.kernel.portfolio().cash.USD?.locked)
  const fixed = Number(parent?.reservation?.fixed)
  expect(locked()).toBeCloseTo(50 * perUnit + fixed, 6)
  await answer(bench, '4')
  expect(locked()).toBeCloseTo(46 * perUnit + fixed, 6)
})

test('by time: one child a slice, what a slice missed is made up by the next, and all of it is one position under one plan', async () => {
  const bench = await opened()
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution: { style: 'twap', slices: 5 } }))
  const sizes = ['10', '10', '0', '16', '10']
  for (const [slice, units] of sizes.entries()) {
    if (slice > 0) await quote(bench, '99.98', '100', 2 * minuteMs)
    await answer(bench, units)
    await quote(bench, '99.98', '100', 5_000)
  }
  expect(entries(bench).map(({ quantity }) => quantity)).toEqual(['10', '10', '10', '20', '14'])
  expect(orderOf(bench, orderId)?.state).toMatchObject({ status: 'partially-filled', filledQuantity: '46' })
  const stops = bench.broker.sent.filter(({ type }) => type === 'stop')
  expect(stops.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(46)
  expect(new Set(stops.map(({ stopPrice }) => stopPrice))).toEqual(new Set(['95']))
  // The end: what is left is free again.
  await quote(bench, '99.98', '100', 2 * minuteMs)
  expect(orderOf(bench, orderId)?.state).toMatchObject({ status: 'expired', filledQuantity: '46', leavesQuantity: '0' })
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '46' }])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('by volume: it follows what the market trades, in parts that are worth an order', async () => {
  const bench = await opened()
  const execution = { style: 'participation', maximumVolumeFraction: 0.1 } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution }))
  expect(entries(bench)).toEqual([])
  await trade(bench, '10')
  expect(entries(bench)).toEqual([])
  await trade(bench, '140')
  expect(lastEntry(bench)).toMatchObject({ quantity: '15' })
  await answer(bench, '15')
  await trade(bench, '100')
  expect(lastEntry(bench)).toMatchObject({ quantity: '10' })
  await answer(bench, '10')
  await trade(bench, '9000')
  expect(lastEntry(bench)).toMatchObject({ quantity: '25' })
  await answer(bench, '25')
  expect(orderOf(bench, orderId)?.state.status).toBe('filled')
  await trade(bench, '9000')
  expect(entries(bench)).toHaveLength(3)
})

test('passive: it rests at our side, follows the price as often as it may and never beyond the worst', async () => {
  const bench = await opened()
  const execution = { style: 'passive', maximumMoves: 2 } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', limitPrice: '100.1', execution }))
  expect(lastEntry(bench)).toMatchObject({ type: 'limit', timeInForce: 'day', limitPrice: '99.98', quantity: '50' })
  bench.broker.fill(lastEntry(bench).clientOrderId, '20', '99.98')
  await bench.kernel.settled()
  await quote(bench, '100.05', '100.2')
  // It is cancelled, and only after the venue's word the rest is ordered anew.
  expect(bench.broker.cancels).toEqual([entries(bench)[0]?.clientOrderId])
  await quote(bench, '100.05', '100.2')
  expect(lastEntry(bench)).toMatchObject({ limitPrice: '100.05', quantity: '30' })
  await quote(bench, '100.3', '100.4')
  await quote(bench, '100.3', '100.4')
  expect(lastEntry(bench)).toMatchObject({ limitPrice: '100.1', quantity: '30' })
  await quote(bench, '99.9', '100')
  await quote(bench, '99.9', '100')
  expect(entries(bench)).toHaveLength(3)
  expect(orderOf(bench, orderId)?.state).toMatchObject({ filledQuantity: '20', leavesQuantity: '30' })
})

test('now: by spread and size, a market order where no limit was given, and again for what was missed', async () => {
  const bench = await opened()
  const { limitPrice: _, ...terms } = worked(bench, { execution: { style: 'now' }, type: 'market' })
  await bench.enter({ ...terms, quantity: '40' })
  expect(lastEntry(bench)).toMatchObject({ type: 'market', timeInForce: 'ioc', quantity: '40' })
  await answer(bench, '15')
  await quote(bench, '98', '100')
  expect(lastEntry(bench)).toMatchObject({ type: 'limit', timeInForce: 'ioc', limitPrice: '100.5', quantity: '25' })
  await answer(bench, '0')
  // Beyond what was reserved, 105 a unit, nothing is sent.
  await quote(bench, '105.1', '105.2')
  expect(entries(bench)).toHaveLength(2)
})

test('a halt cancels parent and child; nothing is sent for it after a resume', async () => {
  const bench = await opened()
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution: { style: 'passive', maximumMoves: 9 } }))
  await bench.kernel.halt('halted', 'test')
  await bench.kernel.settled()
  expect(bench.broker.cancels).toHaveLength(1)
  expect(orderOf(bench, orderId)?.state).toMatchObject({ status: 'canceled' })
  await bench.kernel.resume({ operator: 'Ada', reason: 'test' })
  await quote(bench, '99.98', '100')
  expect(entries(bench)).toHaveLength(1)
})

test('in reducing no child is sent, and the order goes on when a person resumes', async () => {
  const bench = await opened()
  await bench.enter(worked(bench, { quantity: '50', execution: { style: 'twap', slices: 5 } }))
  await answer(bench, '10')
  await bench.kernel.reduce('test')
  await quote(bench, '99.98', '100', 2 * minuteMs)
  expect(entries(bench)).toHaveLength(1)
  await bench.kernel.resume({ operator: 'Ada', reason: 'test' })
  await quote(bench, '99.98', '100')
  expect(entries(bench)).toHaveLength(2)
})

test('a cancelled parent waits for the end of its child, whose late fill counts', async () => {
  const bench = await opened()
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution: { style: 'passive', maximumMoves: 9 } }))
  bench.broker.onCancel = 'silent'
  await bench.kernel.cancel(orderId, 'test')
  expect(orderOf(bench, orderId)?.state).toMatchObject({ status: 'pending-cancel', leavesQuantity: '50' })
  bench.broker.fill(lastEntry(bench).clientOrderId, '20', '100')
  bench.broker.say(lastEntry(bench).clientOrderId, { type: 'canceled' })
  await bench.kernel.settled()
  expect(orderOf(bench, orderId)?.state).toMatchObject({
    status: 'canceled',
    filledQuantity: '20',
    leavesQuantity: '0',
  })
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '20' }])
})

test('after a restart it goes on where it was, from the journal', async () => {
  const bench = await opened()
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution: { style: 'twap', slices: 5 } }))
  await answer(bench, '10')
  const later = await openKernelBench({ history: bench.journal }, 0, (broker) => {
    broker.balances.set('USD', String(bench.kernel.portfolio().cash.USD?.total)).set('AAA', '10')
  })
  later.now = bench.now
  await later.market({ type: 'trade', symbol: 'AAA', time: later.now + 2 * minuteMs, price: '100', quantity: '5' })
  expect(lastEntry(later)).toMatchObject({ quantity: '10' })
  expect(orderOf(later, `${orderId}-child-2`)?.state.status).toBe('accepted')
})

test('in real time the watch does what no event brings about', async () => {
  const timers = createManualTimers()
  const bench = await opened({ timers, reconcileEveryMs: Number.MAX_SAFE_INTEGER })
  await bench.enter(worked(bench, { quantity: '50', execution: { style: 'twap', slices: 5 } }))
  await answer(bench, '10')
  bench.now += 2 * minuteMs
  for (let round = 0; round < 20 && entries(bench).length < 2; round += 1) {
    timers.fire()
    await bench.kernel.settled()
  }
  expect(entries(bench)).toHaveLength(2)
})

test.each([
  ['a stop', { type: 'stop', limitPrice: undefined, stopPrice: '101' }, 'UNSUPPORTED_ORDER_TYPE'],
  ['for the day', { timeInForce: 'day', expiresAt: undefined }, 'UNSUPPORTED_TIME_IN_FORCE'],
  ['post-only', { postOnly: true }, 'UNSUPPORTED_ORDER_TYPE'],
  ['sized in the currency', { sizedIn: 'quote' }, 'QUANTITY_PRECISION'],
  ['tied to another', { contingency: { type: 'one-cancels-other', group: 'g' } }, 'INVALID_INTENT'],
  ['of no slices', { execution: { style: 'twap', slices: 0 } }, 'INVALID_INTENT'],
  ['of all and more', { execution: { style: 'participation', maximumVolumeFraction: 1.1 } }, 'INVALID_INTENT'],
  ['of a style that is none', { execution: { style: 'sniper' } }, 'INVALID_INTENT'],
  ['beginning after its end', { execution: { style: 'twap', slices: 2, startAt: 9e15 } }, 'INVALID_INTENT'],
])('what is worked in parts is not %s', async (_, fields, code) => {
  const bench = await opened()
  const intent = {
    ...bench.intent(worked(bench, { execution: { style: 'now' } })),
    ...(fields as Partial<OrderIntent>),
  }
  const sound = JSON.parse(JSON.stringify(intent)) as OrderIntent
  expect(await bench.kernel.assess(sound)).toMatchObject({ status: 'denied', findings: [{ code }] })
})

test('a position is not left in parts', async () => {
  const bench = await opened()
  const orderId = await bench.enter({ quantity: '50' })
  bench.broker.fill(lastEntry(bench).clientOrderId, '50', '100')
  await bench.kernel.settled()
  expect(orderOf(bench, orderId)?.state.status).toBe('filled')
  const intent = bench.intent(worked(bench, { side: 'sell', quantity: '50', execution: { style: 'now' } }))
  expect(await bench.kernel.assess(intent)).toMatchObject({ findings: [{ code: 'UNSUPPORTED_ORDER_TYPE' }] })
})

test('neither parent nor child is amended', async () => {
  const bench = await opened()
  const execution = { style: 'passive', maximumMoves: 9 } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution }))
  for (const id of [orderId, `${orderId}-child-1`])
    expect(await bench.kernel.amend(id, { quantity: '60' }, 'test')).toMatchObject({
      findings: [{ code: 'ORDER_NOT_AMENDABLE' }],
    })
})

test('a child that could meet an order of ours waits for its way to be free', async () => {
  const bench = await opened()
  await bench.kernel.changePolicy({ allowShorts: true }, { operator: 'Ada', reason: 'test' })
  const execution = { style: 'twap', slices: 5, startAt: bench.now + minuteMs } as const
  await bench.enter(worked(bench, { quantity: '50', execution, agent: 'other' }))
  const short = { side: 'sell', type: 'limit', limitPrice: '100.2', timeInForce: 'gtc', quantity: '10' } as const
  const resting = await bench.enter({ ...short, exits: { stopPrice: '105', targetPrice: '90', maximumSessions: 5 } })
  await quote(bench, '99.98', '100', minuteMs)
  expect(entries(bench).filter(({ side }) => side === 'buy')).toEqual([])
  await bench.kernel.cancel(resting, 'test')
  await quote(bench, '99.98', '100')
  expect(lastEntry(bench)).toMatchObject({ side: 'buy', quantity: '10' })
})

test('a fill that did not come by the stream is fetched before the rest is ordered again', async () => {
  const venue = new RememberingVenue({ forgetsIds: false })
  const bench = await opened({}, (broker) => venue.attach(broker))
  const orderId = await bench.enter(worked(bench, { quantity: '20', execution: { style: 'now' } }))
  const { clientOrderId } = lastEntry(bench)
  venue.tells = false
  venue.fill(clientOrderId, 15, bench.now)
  venue.tells = true
  venue.end(clientOrderId)
  await bench.kernel.settled()
  await quote(bench, '99.98', '100')
  expect(orderOf(bench, orderId)?.state.filledQuantity).toBe('15')
  expect(lastEntry(bench)).toMatchObject({ quantity: '5' })
})

test('what was stopped out is not bought again: the parent is withdrawn with the child that rests', async () => {
  const bench = await opened()
  const execution = { style: 'twap', slices: 5, urgency: 'low' } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution }))
  await answer(bench, '10')
  await quote(bench, '99.98', '100', 2 * minuteMs)
  expect(entries(bench)).toHaveLength(2)
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')
  bench.broker.fill(stop?.clientOrderId ?? '', '10', '95')
  await bench.kernel.settled()
  expect(bench.broker.cancels).toContain(lastEntry(bench).clientOrderId)
  expect(orderOf(bench, orderId)?.state).toMatchObject({ status: 'canceled', filledQuantity: '10' })
  await quote(bench, '99.98', '100', 2 * minuteMs)
  expect(entries(bench)).toHaveLength(2)
})

test('an agent that cancels a child cancels the order', async () => {
  const bench = await opened()
  const execution = { style: 'passive', maximumMoves: 9 } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution }))
  await bench.kernel.cancel(`${orderId}-child-1`, 'test')
  await bench.kernel.settled()
  expect(orderOf(bench, orderId)?.state.status).toBe('canceled')
})

test('a denial of what would meet a child names the order that is to be cancelled', async () => {
  const bench = await opened()
  await bench.kernel.changePolicy({ allowShorts: true }, { operator: 'Ada', reason: 'test' })
  const execution = { style: 'passive', maximumMoves: 9 } as const
  const orderId = await bench.enter(worked(bench, { quantity: '50', execution }))
  const short = bench.intent({ side: 'sell', agent: 'other', exits: { ...exits, stopPrice: '105', targetPrice: '90' } })
  const { findings } = (await bench.kernel.assess(short)) as { findings: readonly { message: string }[] }
  expect(findings[0]?.message).toBe(
    `open order ${orderId} of agent trader, a limit buy at 99.98, could trade with it: cancel that order first, or choose a price that does not reach it`,
  )
})
