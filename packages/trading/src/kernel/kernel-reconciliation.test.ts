import { describe, expect, test } from 'vitest'
import type { BrokerCapabilities, VenueOrder } from '../orders/broker.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { ablest } from './scripted-broker.test-support.js'

const alerts = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
const theirs: VenueOrder = {
  clientOrderId: 'not-ours',
  venueOrderId: 'v9',
  symbol: 'AAA',
  status: 'open',
  quantity: '80',
  filledQuantity: '10',
}
const every = { reconcileEveryMs: 60_000 }

test('I24 a second pass over the same venue emits nothing', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.held.set('not-ours', theirs)
    broker.balances.set('BBB', '7')
  })
  await bench.enter({ symbol: 'CCC' })
  const clientOrderId = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.held.set(clientOrderId, { ...theirs, clientOrderId, quantity: '50', filledQuantity: '0' })
  const before = [bench.journal.length, bench.events.length, bench.kernel.snapshot()]
  await bench.kernel.reconcile()
  await bench.kernel.reconcile()
  expect([bench.journal.length, bench.events.length, bench.kernel.snapshot()]).toEqual(before)
})

test('I26 orders and holdings that are not ours are shown and count in risk', async () => {
  const bench = await openKernelBench()
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'permitted' })
  bench.now += 6_000
  bench.broker.held.set('not-ours', theirs)
  await bench.kernel.reconcile()
  expect(bench.kernel.externalOrders()).toEqual([theirs])
  // 70 units at 100 that may yet be bought are 7 % of the equity, and 50 more pass the limit of 10 %.
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({
    status: 'denied',
    findings: expect.arrayContaining([expect.objectContaining({ code: 'MAX_POSITION' })]),
  })
  bench.broker.held.clear()
  bench.broker.balances.set('AAA', '70')
  await bench.kernel.reconcile()
  expect(bench.kernel.externalOrders()).toEqual([])
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'denied' })
  bench.broker.balances.delete('AAA')
  await bench.kernel.reconcile()
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'permitted' })
})

test('books that drift away from the venue are told, and entries stop until a person has looked', async () => {
  const bench = await openKernelBench(every)
  bench.broker.balances.set('USD', '99000')
  await bench.session(100, ['pre-open'])
  expect(alerts(bench)).toEqual(['BALANCE_MISMATCH'])
  expect(bench.kernel.tradingState().state).toBe('active')
  await bench.session(100, ['open'])
  expect(alerts(bench)).toEqual(['BALANCE_MISMATCH', 'RECONCILIATION_DRIFT'])
  expect(bench.kernel.tradingState()).toMatchObject({ state: 'reducing' })
  bench.broker.balances.set('USD', '100000')
  await bench.session(100, ['bars', 'close'])
  expect(bench.kernel.tradingState().state).toBe('reducing')
  await bench.kernel.resume({ operator: 'Ada', reason: 'looked into it' })
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'permitted' })
})

test('I25 a query that fails is never read as flat: nothing ends, nothing is sold, entries wait', async () => {
  const bench = await openKernelBench(every)
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  bench.broker.balances.set('USD', '94999').set('AAA', '50')
  const sent = bench.broker.sent.length
  bench.broker.onLookup = new Error('down')
  await bench.session(100, ['pre-open', 'open'])
  expect(bench.kernel.portfolio().positions).toHaveLength(1)
  expect(bench.broker.sent).toHaveLength(sent)
  expect(alerts(bench)).toEqual(['RECONCILIATION_FAILED'])
  expect(await bench.kernel.assess(bench.intent({ symbol: 'BBB' }))).toMatchObject({
    findings: [{ code: 'RECONCILING' }],
  })
  expect(bench.kernel.tradingState().state).toBe('active')
})

test('an order whose end was missed is found missing by two passes and asked for', async () => {
  const bench = await openKernelBench()
  await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.held.set(id, { ...theirs, clientOrderId: id, status: 'expired', quantity: '50', filledQuantity: '0' })
  await bench.kernel.reconcile()
  expect(bench.kernel.snapshot()).toContain('"status":"accepted"')
  await bench.kernel.reconcile()
  expect(bench.kernel.snapshot()).toContain('"status":"expired"')
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I08 not-found alone ends nothing that the venue had acknowledged', async () => {
  const bench = await openKernelBench()
  await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
  for (let pass = 0; pass < 4; pass += 1) await bench.kernel.reconcile()
  expect(bench.kernel.snapshot()).toContain('"status":"accepted"')
  expect(alerts(bench).filter((code) => code === 'ORDER_MISSING')).toHaveLength(1)
})

describe('I08 at a venue that forgets what was cancelled without an execution', () => {
  const hourMs = 3_600_000
  const forgets: BrokerCapabilities = { ...ablest, forgetsUnfilledMs: 2 * hourMs }

  const resting = async (): Promise<KernelBench> => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.capabilities = forgets
      broker.executed = []
    })
    await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    return bench
  }
  const passes = async ({ kernel }: KernelBench): Promise<void> => {
    for (let pass = 0; pass < 3; pass += 1) await kernel.reconcile()
  }

  test('an order that is not found was cancelled, once it is old enough', async () => {
    const bench = await resting()
    bench.now += 2 * hourMs
    await passes(bench)
    expect(bench.kernel.snapshot()).toContain('"status":"accepted"')
    bench.now += hourMs
    const before = alerts(bench).length
    await passes(bench)
    expect(bench.kernel.snapshot()).toContain('"status":"canceled"')
    expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
    expect(alerts(bench).slice(before)).not.toContain('ORDER_MISSING')
  })

  test('unless it was executed: then its executions say so', async () => {
    const bench = await resting()
    const clientOrderId = bench.broker.sent[0]?.clientOrderId ?? ''
    const fee = { fee: '1', feeCurrency: 'USD', liquidity: 'taker' } as const
    const execution = {
      ...fee,
      tradeId: 't1',
      price: '99',
      quantity: '50',
      referencePrice: '99',
      referenceTime: bench.now,
    }
    bench.broker.executed?.push({ clientOrderId, venueOrderId: 'v1', time: bench.now, execution })
    bench.now += 3 * hourMs
    await passes(bench)
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '50' }])
    expect(bench.kernel.snapshot()).not.toContain('"status":"canceled"')
  })

  test('and not where its executions cannot be asked for', async () => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.capabilities = forgets
    })
    await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    bench.now += 3 * hourMs
    await passes(bench)
    expect(bench.kernel.snapshot()).toContain('"status":"accepted"')
  })
})

test('reconcileEveryMs is checked', async () => {
  await expect(openKernelBench({ reconcileEveryMs: 5 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('reconcileEveryMs is 5'),
  })
})

test('I01 an order whose every word was lost is found again: open at the first pass, ended when a second one misses it too', async () => {
  const bench = await openKernelBench()
  const { broker, kernel } = bench
  broker.onPlace = () => 'silent'
  await bench.enter({ type: 'limit', limitPrice: '99' })
  await bench.enter({ type: 'limit', limitPrice: '98', quantity: '10' })
  const [first = '', second = ''] = broker.sent.map(({ clientOrderId }) => clientOrderId)
  const shown = { venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '0' }
  broker.held.set(first, { ...shown, clientOrderId: first, status: 'open' })
  broker.held.set(second, { ...shown, clientOrderId: second, status: 'expired' })
  await kernel.reconcile()
  await kernel.reconcile()
  const { orders } = JSON.parse(kernel.snapshot()) as { orders: { state: { status: string } }[] }
  expect(orders.map(({ state }) => state.status)).toEqual(['accepted', 'expired'])
})

describe('I26 an order that is not ours and whose side the venue tells', () => {
  const admits = async (bench: KernelBench): Promise<boolean> => {
    bench.now += 6_000
    await bench.kernel.reconcile()
    return (await bench.kernel.assess(bench.intent())).status === 'permitted'
  }

  test('counts as a buy with what is held and bought', async () => {
    const bench = await openKernelBench()
    bench.broker.held.set('not-ours', { ...theirs, side: 'buy' })
    expect(await admits(bench)).toBe(false)
    bench.broker.held.set('not-ours', { ...theirs, side: 'buy', filledQuantity: '40' })
    expect(await admits(bench)).toBe(true)
  })

  test('counts as a sale only with what it sells beyond what the account holds', async () => {
    const bench = await openKernelBench()
    bench.broker.balances.set('AAA', '40')
    expect(await admits(bench)).toBe(true)
    // 40 of the 70 are sold out of what is held, 30 would be short: with 40 held and 50 more, 12 % of the equity.
    bench.broker.held.set('not-ours', { ...theirs, side: 'sell' })
    expect(await admits(bench)).toBe(false)
    bench.broker.held.set('not-ours', { ...theirs, side: 'sell', filledQuantity: '40' })
    expect(await admits(bench)).toBe(true)
    // Of which it is not told, it counts as before.
    bench.broker.held.set('not-ours', { ...theirs, filledQuantity: '40' })
    expect(await admits(bench)).toBe(false)
  })
})
