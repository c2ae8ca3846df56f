import { expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { ablest } from './scripted-broker.test-support.js'

const orders = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const locked = ({ kernel }: KernelBench): string => kernel.portfolio().cash.USD?.locked ?? ''

test.each<[string, Partial<OrderIntent>, string]>([
  // 50 × the limit of 102, 0.2 % of fee and the least fee of 1; a stop reserves a buffer of 5 % besides.
  ['stop-limit', { type: 'stop-limit', stopPrice: '101', limitPrice: '102' }, '5111.2'],
  ['post-only limit', { type: 'limit', limitPrice: '99', postOnly: true, timeInForce: 'gtc' }, '4960.9'],
  ['trailing stop', { type: 'trailing-stop', trailAmount: '2', stopPrice: '102' }, '5366.71'],
  ['fill or kill', { type: 'limit', limitPrice: '100', timeInForce: 'fok' }, '5011'],
  ['in the closing auction', { timeInForce: 'at-close' }, ''],
  ['good till a date', { type: 'limit', limitPrice: '100', timeInForce: 'gtd', expiresAt: 2_000_000_000_000 }, '5011'],
])('%s: its terms go over the wire, and it reserves what it may cost', async (_, terms, reserved) => {
  const bench = await openKernelBench()
  // An order that does not rest is taken while the market is open.
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter(terms)
  expect(bench.broker.sent).toMatchObject([terms])
  if (reserved !== '') expect(locked(bench)).toBe(reserved)
})

test('I02 an entry sized in the currency reserves its amount and the fee, and counts in it', async () => {
  const bench = await openKernelBench()
  await bench.enter({ quantity: '5000.5', sizedIn: 'quote' })
  expect(locked(bench)).toBe('5011.501')
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '20', '100')
  await bench.kernel.settled()
  expect(orders(bench)[0]?.state).toMatchObject({ filledQuantity: '20', leavesQuantity: '3000.5' })
  expect(locked(bench)).toBe('3007.501')
})

test('an exit sized in the currency is denied', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  expect(await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '100', sizedIn: 'quote' }))).toMatchObject({
    findings: [{ code: 'QUANTITY_PRECISION', message: expect.stringContaining('sizedIn') }],
  })
})

test.each<[string, string, Partial<OrderIntent>]>([
  ['UNSUPPORTED_ORDER_TYPE', 'type', { type: 'stop-limit', stopPrice: '101', limitPrice: '102' }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'timeInForce', { timeInForce: 'at-open' }],
  ['UNSUPPORTED_ORDER_TYPE', 'postOnly', { type: 'limit', limitPrice: '99', postOnly: true }],
  ['QUANTITY_PRECISION', 'sizedIn', { sizedIn: 'quote' }],
])('%s: what the venue does not take is denied (%s)', async (code, field, terms) => {
  const bench = await openKernelBench({}, 80, (broker) => {
    const few = { orderTypes: ['market', 'limit', 'stop'], timesInForce: ['day', 'gtc'] } as const
    broker.capabilities = { ...ablest, ...few, postOnly: false, sizedInQuote: false }
  })
  expect(await bench.kernel.assess(bench.intent(terms))).toMatchObject({
    status: 'denied',
    findings: [{ code, message: expect.stringContaining(field) }],
  })
})

test.each<[string, Partial<OrderIntent>]>([
  ['PRICE_PRECISION', { type: 'stop-limit', stopPrice: '101.001', limitPrice: '102' }],
  ['PRICE_PRECISION', { type: 'trailing-stop', trailAmount: '0.005' }],
  ['UNSUPPORTED_TIME_IN_FORCE', { type: 'limit', limitPrice: '99', timeInForce: 'gtd', expiresAt: 1 }],
])('%s: nothing is rounded, and nothing late is sent', async (code, terms) => {
  const bench = await openKernelBench()
  expect(await bench.kernel.assess(bench.intent(terms))).toMatchObject({ status: 'denied', findings: [{ code }] })
})

test.each<[string, Partial<OrderIntent>, string]>([
  ['an amount', { trailAmount: '3' }, '5419.315'],
  ['a fraction', { trailFraction: '0.03' }, '5419.315'],
])('I11 a trailing stop that trails by %s is measured by the level that it starts at', async (_, trail, reserved) => {
  const bench = await openKernelBench()
  await bench.session(100, ['pre-open', 'open'])
  const terms = { type: 'trailing-stop', timeInForce: 'gtc', ...trail } as const
  await bench.enter(terms)
  // 50 × 103 with the buffer of 5 %, the highest fee and the least.
  expect(locked(bench)).toBe(reserved)
  const far = bench.intent({ ...terms, ...('trailAmount' in trail ? { trailAmount: '50' } : { trailFraction: '0.5' }) })
  expect(await bench.kernel.assess(far)).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ code: 'PRICE_COLLAR_BREACHED' })]),
  })
})
