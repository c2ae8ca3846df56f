import { describe, expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { openKernelBench } from './kernel-bench.test-support.js'
import { deniedForgottenAtOnce, maximumDeniedOrders } from './kernel-state.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const long = 'a'.repeat(1_000_000)
const plan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }

describe('a malformed intent is denied by field, and the kernel goes on', () => {
  test.each<[string, string, unknown]>([
    ...['NaN', 'Infinity', '1e309', '1e5', '', ' 5', '5 ', '+5', '0x10', '٥', '.5', '9'.repeat(31), long].map(
      (quantity): [string, string, unknown] => ['QUANTITY_PRECISION', 'quantity', { quantity }],
    ),
    ...[5, null, undefined, {}, ['5'], true].map((quantity): [string, string, unknown] => [
      'QUANTITY_PRECISION',
      'quantity',
      { quantity },
    ]),
    ['PRICE_PRECISION', 'limitPrice', { type: 'limit', limitPrice: 'NaN' }],
    ['PRICE_PRECISION', 'limitPrice', { type: 'limit', limitPrice: 100 }],
    ['PRICE_PRECISION', 'stopPrice', { type: 'stop', stopPrice: '1e2' }],
    ['UNSUPPORTED_ORDER_TYPE', 'type', { type: 'iceberg' }],
    ['UNSUPPORTED_TIME_IN_FORCE', 'timeInForce', { timeInForce: 'whenever' }],
    ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: long }],
    ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: 7 }],
    ['MISSING_PROTECTIVE_STOP', 'exits', { exits: null }],
    ['MISSING_PROTECTIVE_STOP', 'exits.stopPrice', { exits: { ...plan, stopPrice: 'NaN' } }],
    ['MISSING_PROTECTIVE_STOP', 'exits.targetPrice', { exits: { ...plan, targetPrice: '1e400' } }],
    ['INVALID_INTENT', 'exits.maximumSessions', { exits: { ...plan, maximumSessions: 1_001 } }],
    ['INVALID_INTENT', 'exits.maximumSessions', { exits: { ...plan, maximumSessions: 1.5 } }],
    ['INVALID_INTENT', 'exits.maximumSessions', { exits: { ...plan, maximumSessions: Number.NaN } }],
    ['INVALID_INTENT', 'side', { side: 'short' }],
    ['INVALID_INTENT', 'intentId', { intentId: '' }],
    ['INVALID_INTENT', 'intentId', { intentId: long }],
    ['INVALID_INTENT', 'intentId', { intentId: 7 }],
    ['INVALID_INTENT', 'agent', { agent: undefined }],
    ['INVALID_INTENT', 'account', { account: null }],
    ['INVALID_INTENT', 'correlationId', { correlationId: long }],
    ['INVALID_INTENT', 'decidedAt', { decidedAt: Number.NaN }],
  ])('%s: %s', async (code, field, fields) => {
    const bench = await openKernelBench()
    const length = bench.journal.length
    const intent = { ...bench.intent(), ...(fields as Partial<OrderIntent>) }
    const answer = await bench.kernel.assess(intent)
    expect(answer).toMatchObject({
      status: 'denied',
      findings: [{ code, message: expect.stringContaining(`${field}: `) }],
    })
    expect(JSON.stringify(answer).length).toBeLessThan(1_000)
    expect(await bench.kernel.submit(intent, 'permit-1')).toMatchObject({ status: 'refused', findings: [{ code }] })
    expect(bench.journal).toHaveLength(length)
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
    await bench.enter({ quantity: '5' })
    expect(bench.broker.sent).toHaveLength(1)
  })

  test.each([[undefined], [null], [5], ['intent'], [[]]])('%o is no intent', async (given) => {
    const bench = await openKernelBench()
    expect(await bench.kernel.assess(given as unknown as OrderIntent)).toMatchObject({
      status: 'denied',
      findings: [{ code: 'INVALID_INTENT' }],
    })
    expect(bench.kernel.tradingState().state).toBe('active')
  })
})

test('a permit id that is none is refused in few words', async () => {
  const bench = await openKernelBench()
  const intent = bench.intent()
  await bench.kernel.assess(intent)
  for (const permitId of [long, undefined, 5]) {
    const result = await bench.kernel.submit(intent, permitId as string)
    expect(result).toMatchObject({ status: 'refused', findings: [{ code: 'APPROVAL_REQUIRED' }] })
    expect(JSON.stringify(result).length).toBeLessThan(1_000)
  }
})

test('amounts go over the wire in canonical text, however they came', async () => {
  const bench = await openKernelBench()
  await bench.enter({
    type: 'limit',
    quantity: '0010.0',
    limitPrice: '0100.00',
    exits: { stopPrice: '095.00', targetPrice: '110.0', maximumSessions: 5 },
  })
  await bench.enter({ symbol: 'BBB', type: 'stop', quantity: '5.000', stopPrice: '101.50' })
  expect(bench.broker.sent).toEqual([
    expect.objectContaining({ quantity: '10', limitPrice: '100' }),
    expect.objectContaining({ quantity: '5', stopPrice: '101.5' }),
  ])
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '10', '100')
  await bench.kernel.settled()
  expect(bench.kernel.exits('AAA')).toEqual({ stopPrice: '95', targetPrice: '110', maximumSessions: 5 })
})

test('I23 a word of the venue that the books cannot hold is not journalled, and what follows still is', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '9'.repeat(30), '1', 't1')
  await bench.kernel.settled()
  const [snapshot, length] = [bench.kernel.snapshot(), bench.journal.length]
  bench.broker.fill(id, '9'.repeat(30), '1', 't2')
  await bench.kernel.settled()
  expect([bench.kernel.snapshot(), bench.journal.length]).toEqual([snapshot, length])
  expect(bench.events).toContainEqual(
    expect.objectContaining({ code: 'BROKER_EVENT_FAILED', message: expect.stringContaining('was not journalled') }),
  )
  expect(bench.kernel.tradingState().reasons).not.toContain('the journal failed')
  await bench.session(100, ['pre-open'])
  expect(bench.journal.length).toBeGreaterThan(length)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('denied orders are forgotten when many more were denied, and the journal rebuilds just that', async () => {
  const bench = await openKernelBench({}, 65)
  const first = bench.intent({ quantity: '1.5' })
  await bench.kernel.assess(first)
  const again = await bench.kernel.assess(first)
  expect(again).toMatchObject({ status: 'denied', findings: [{ code: 'QUANTITY_PRECISION' }] })
  const waiting = bench.intent()
  await bench.kernel.assess(waiting)
  let middle = { text: '', length: 0 }
  const most = maximumDeniedOrders + deniedForgottenAtOnce
  const held = (): number => (JSON.parse(bench.kernel.snapshot()) as { orders: unknown[] }).orders.length
  for (let count = 0; count < most - 1; count += 1) {
    // The first one and what waits are among them.
    if (count === most - 2) expect(held()).toBe(most)
    await bench.kernel.assess(bench.intent({ quantity: '0' }))
    // The permit that nobody used lapses: its order counts among the denied from here on, not from its assessment.
    if (count === 250) bench.now += 6_000
    if (count === 500) middle = { text: bench.kernel.snapshot(), length: bench.journal.length }
  }
  expect(held()).toBe(maximumDeniedOrders)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  expect(rebuildKernelState(bench.journal.slice(middle.length), middle.text)).toBe(bench.kernel.snapshot())
  const length = bench.journal.length
  expect(await bench.kernel.assess(waiting)).toMatchObject({ status: 'permitted' })
  expect(bench.journal).toHaveLength(length)
  expect(await bench.kernel.assess(first)).toMatchObject({ status: 'denied' })
  expect(bench.journal).toHaveLength(length + 1)
})
