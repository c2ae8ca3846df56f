import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import type { ClosedPosition } from './kernel.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'

/** What rests at the venue: sent and neither filled nor cancelled by the test. */
const sentAs = ({ broker }: KernelBench, type: string, side = 'sell') =>
  broker.sent.filter((order) => order.type === type && order.side === side)
const idOf = (bench: KernelBench, type: string, index = -1): string =>
  sentAs(bench, type).at(index)?.clientOrderId ?? ''
const closedIn = ({ events }: KernelBench): ClosedPosition[] =>
  events.flatMap((event) => (event.type === 'position-closed' ? [event.position] : []))

async function holding(
  quantity = '50',
  exits = { stopPrice: '95.004', targetPrice: '110.006', maximumSessions: 3 },
): Promise<KernelBench> {
  const bench = await openKernelBench()
  await bench.enter({ quantity, exits })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', quantity, '100')
  await bench.kernel.settled()
  return bench
}

test('a filled entry is covered at once by a stop and a target, rounded towards the market', async () => {
  const bench = await holding()
  expect(sentAs(bench, 'stop')).toEqual([
    expect.objectContaining({ side: 'sell', quantity: '50', stopPrice: '95.01', timeInForce: 'gtc', reduceOnly: true }),
  ])
  expect(sentAs(bench, 'limit')).toEqual([
    expect.objectContaining({ quantity: '50', limitPrice: '110', timeInForce: 'gtc', reduceOnly: true }),
  ])
  expect(bench.kernel.exits('AAA')).toEqual({ stopPrice: '95.004', targetPrice: '110.006', maximumSessions: 3 })
})

test('exits carry the chain of their entry', async () => {
  const bench = await holding()
  const orders = bench.events.filter((event) => event.type === 'order')
  expect(orders.some(({ purpose }) => purpose === 'exit-stop')).toBe(true)
  for (const order of orders)
    expect(order).toMatchObject({ intentId: 'intent-1', correlationId: 'chain', causationId: 'cause' })
})

test('each part of an entry is covered as it fills', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const entry = bench.broker.sent[0]?.clientOrderId ?? ''
  for (const quantity of ['20', '10', '20']) {
    bench.broker.fill(entry, quantity, '100')
    await bench.kernel.settled()
  }
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['20', '10', '20'])
})

test('when the stop fills, the target is cancelled and the round trip is told', async () => {
  const bench = await holding()
  bench.broker.fill(idOf(bench, 'stop'), '50', '95')
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([idOf(bench, 'limit')])
  expect(closedIn(bench)).toEqual([
    expect.objectContaining({
      quantity: '50',
      entryPrice: '100',
      exitPrice: '95',
      realised: '-250',
      fees: '2',
      income: '0',
      exitReason: 'stop',
      intentId: 'intent-1',
    }),
  ])
  expect(bench.kernel.exits('AAA')).toBeUndefined()
})

test('when the target fills in part, the stop is cut down to what is left', async () => {
  const bench = await holding()
  bench.broker.fill(idOf(bench, 'limit'), '20', '110')
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([idOf(bench, 'stop', 0)])
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['50', '30'])
  bench.broker.fill(idOf(bench, 'limit'), '30', '110')
  await bench.kernel.settled()
  expect(closedIn(bench)).toEqual([expect.objectContaining({ exitReason: 'target', realised: '500' })])
})

test('I29 the stop is placed anew only once the venue has confirmed the cancel', async () => {
  const bench = await holding()
  bench.broker.onCancel = 'silent'
  bench.broker.fill(idOf(bench, 'limit'), '20', '110')
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop')).toHaveLength(1)
  bench.broker.say(idOf(bench, 'stop'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['50', '30'])
})

test('after its sessions a position is sold at the next open, decided before it', async () => {
  const bench = await holding('50', { stopPrice: '95', targetPrice: '110', maximumSessions: 2 })
  await bench.session(101)
  expect(sentAs(bench, 'market')).toEqual([])
  await bench.session(101, ['pre-open'])
  expect(bench.broker.cancels).toHaveLength(2)
  expect(sentAs(bench, 'market')).toEqual([
    expect.objectContaining({ quantity: '50', timeInForce: 'day', reduceOnly: true }),
  ])
  bench.broker.fill(idOf(bench, 'market'), '50', '102')
  await bench.kernel.settled()
  expect(closedIn(bench)).toEqual([expect.objectContaining({ exitReason: 'time' })])
})

test('a time exit is not held up by a resting entry of ours: that one is cancelled', async () => {
  const bench = await holding('50', { stopPrice: '95', targetPrice: '110', maximumSessions: 1 })
  await bench.enter({ type: 'limit', limitPrice: '104', quantity: '10', timeInForce: 'gtc' })
  const entry = bench.broker.sent.at(-1)?.clientOrderId
  await bench.session(100, ['pre-open'])
  expect(bench.broker.cancels).toContain(entry)
  expect(sentAs(bench, 'market')).toEqual([expect.objectContaining({ quantity: '50' })])
})

test('two agents cannot leave the same units twice', async () => {
  const bench = await holding()
  await bench.enter({ side: 'sell', quantity: '30' })
  const second = await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '30' }))
  expect(second).toMatchObject({ status: 'denied', findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }] })
  expect(await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '20' }))).toMatchObject({
    status: 'permitted',
  })
})

test('an exit where nothing is held is told that there is nothing to reduce', async () => {
  const bench = await openKernelBench()
  const answer = await bench.kernel.assess(
    bench.intent({ side: 'sell', quantity: '10', type: 'limit', limitPrice: '99', reduceOnly: true }),
  )
  expect(answer).toMatchObject({
    findings: [{ message: expect.stringMatching(/^there is nothing to reduce: no position in AAA/) }],
  })
})

test('what a time exit is leaving, no agent leaves a second time', async () => {
  const bench = await holding('50', { stopPrice: '95', targetPrice: '110', maximumSessions: 1 })
  await bench.session(101, ['pre-open'])
  expect(await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '1' }))).toMatchObject({
    status: 'denied',
    findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }],
  })
})

test('a time exit that the venue did not fill is covered again', async () => {
  const bench = await holding('50', { stopPrice: '95', targetPrice: '110', maximumSessions: 1 })
  await bench.session(101, ['pre-open'])
  bench.broker.say(idOf(bench, 'market'), { type: 'expired' })
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['50', '50'])
})

test('an agent that leaves a part sells it once protection has made room, and the rest stays covered', async () => {
  const bench = await holding()
  await bench.enter({ side: 'sell', quantity: '20' })
  expect(sentAs(bench, 'market')).toEqual([expect.objectContaining({ quantity: '20', reduceOnly: true })])
  bench.broker.fill(idOf(bench, 'market'), '20', '101')
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['50', '30'])
  bench.broker.fill(idOf(bench, 'stop'), '30', '95')
  await bench.kernel.settled()
  expect(closedIn(bench)).toHaveLength(1)
})

test('an exit intent that its target overtakes is refused', async () => {
  const bench = await holding()
  bench.broker.onCancel = 'silent'
  await bench.enter({ side: 'sell', quantity: '50' })
  bench.broker.fill(idOf(bench, 'limit'), '50', '110')
  await bench.kernel.settled()
  expect(sentAs(bench, 'market')).toEqual([])
  expect(
    bench.events.filter((event) => event.type === 'order' && event.purpose === 'exit-intent').at(-1),
  ).toMatchObject({ status: 'denied' })
})

test('protection goes on while trading is halted and the kill switch engaged', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const entry = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.onCancel = 'silent'
  await bench.kernel.kill('fire')
  bench.broker.fill(entry, '50', '100')
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop')).toHaveLength(1)
  bench.broker.fill(idOf(bench, 'stop'), '50', '95')
  await bench.kernel.settled()
  expect(closedIn(bench)).toHaveLength(1)
})

test('a kill between permit and sending does not hold up a protective order', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.onDurable = () => {
    bench.onDurable = () => undefined
    void bench.kernel.kill('fire')
  }
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  expect(sentAs(bench, 'stop')).toHaveLength(1)
  expect(bench.events.some((event) => event.type === 'alert' && event.code === 'PROTECTION_REFUSED')).toBe(false)
  expect(bench.kernel.tradingState().state).toBe('halted')
})

test('a stop that the venue refuses is told, tried a few times, and blocks entries', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.onPlace = () => new SwarmError({ code: 'NO_STOPS', message: 'not today' })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '30', '100')
  await bench.kernel.settled()
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'PROTECTION_REFUSED' }))
  const entry = await bench.kernel.assess(bench.intent({ quantity: '10' }))
  expect(entry).toMatchObject({ status: 'denied', findings: [{ code: 'MISSING_PROTECTIVE_STOP' }] })
  await bench.session(100)
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'UNPROTECTED' }))
  bench.broker.onPlace = () => 'accept'
  await bench.session(100, ['pre-open'])
  expect(sentAs(bench, 'stop').at(-1)).toMatchObject({ quantity: '30' })
})

test('a venue that ends every stop at once is not sent stops for ever', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.onPlace = (request) => {
    if (request.reduceOnly) bench.broker.say(request.clientOrderId, { type: 'canceled' })
    return 'silent'
  }
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  expect(bench.broker.sent.length).toBeLessThan(12)
})

test('a venue that refuses every cancel is not asked for ever, and is asked again later', async () => {
  const bench = await holding()
  bench.broker.onCancel = 'silent'
  bench.broker.fill(idOf(bench, 'stop'), '50', '95')
  await bench.kernel.settled()
  const target = idOf(bench, 'limit')
  bench.broker.say(target, { type: 'cancel-rejected', code: 'NO', message: 'no' })
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([target])
  bench.broker.onCancel = 'cancel'
  await bench.session(100, ['pre-open'])
  expect(bench.broker.cancels).toEqual([target, target])
})

test('a bust of the exit brings the position and its protection back', async () => {
  const bench = await holding()
  bench.broker.say(idOf(bench, 'stop'), {
    type: 'filled',
    execution: {
      tradeId: 'x1',
      price: '95',
      quantity: '50',
      fee: '1',
      feeCurrency: 'USD',
      referencePrice: '95',
      referenceTime: 0,
      liquidity: 'taker',
    },
  })
  await bench.kernel.settled()
  bench.broker.say(idOf(bench, 'stop', 0), { type: 'busted', tradeId: 'x1' })
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toEqual([expect.objectContaining({ symbol: 'AAA', quantity: '50' })])
  expect(sentAs(bench, 'stop').map(({ quantity }) => quantity)).toEqual(['50', '50'])
})

test('a dividend is paid on what is held, and belongs to the round trip', async () => {
  const bench = await holding()
  await bench.market({
    type: 'dividend',
    symbol: 'AAA',
    sessionDate: '2014-05-08',
    time: bench.now,
    amountPerUnit: '0.435714',
    currency: 'USD',
  })
  await bench.market({
    type: 'dividend',
    symbol: 'BBB',
    sessionDate: '2014-05-08',
    time: bench.now,
    amountPerUnit: '1',
    currency: 'USD',
  })
  expect(bench.kernel.portfolio()).toMatchObject({ income: '21.7857' })
  bench.broker.fill(idOf(bench, 'limit'), '50', '110')
  await bench.kernel.settled()
  expect(closedIn(bench)).toEqual([expect.objectContaining({ realised: '500', fees: '2', income: '21.7857' })])
})

test('I29 what fees of another symbol have taken of the asset is not offered by its exits', async () => {
  const bench = await openKernelBench()
  for (const symbol of ['AAA', 'BBB']) await bench.enter({ symbol })
  const [first, second] = bench.broker.sent.map(({ clientOrderId }) => clientOrderId)
  bench.broker.fill(first ?? '', '50', '100')
  await bench.kernel.settled()
  const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' as const }
  const execution = { tradeId: 't9', price: '100', quantity: '50', fee: '0.5', feeCurrency: 'AAA', ...market }
  bench.broker.say(second ?? '', { type: 'filled', execution })
  await bench.kernel.settled()
  await bench.session(100, ['pre-open', 'open'])
  const live = JSON.parse(bench.kernel.snapshot()) as { orders: OrderRecord[] }
  const sold = live.orders
    .filter(
      ({ header, state }) => header.purpose === 'exit-stop' && isOpen(state.status) && header.request.symbol === 'AAA',
    )
    .map(({ state }) => state.leavesQuantity)
  expect(sold).toEqual(['49'])
})

test('I29 a market exit of unknown fate is not sent again while the legs that came back leave no room for it', async () => {
  const bench = await openKernelBench()
  const { broker, kernel } = bench
  await bench.enter()
  broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await kernel.settled()
  broker.onPlace = ({ type }) =>
    type === 'market'
      ? new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
      : 'accept'
  await bench.enter({ side: 'sell', quantity: '20' })
  const [stop] = broker.sent.filter(({ type, quantity }) => type === 'stop' && quantity === '30')
  broker.onCancel = (clientOrderId) => {
    broker.say(clientOrderId, { type: 'cancel-rejected', code: 'NO', message: 'not now' })
    return 'silent'
  }
  broker.fill(stop?.clientOrderId ?? '', '10', '95')
  await kernel.settled()
  // 20 to leave at once and a target of 30 are more than the 40 that are held.
  const places: string[] = []
  broker.onPlace = ({ type }) => {
    places.push(type)
    return 'accept'
  }
  const next = async () => {
    bench.now += 2_000
    await bench.market({ type: 'open', symbol: 'BBB', sessionDate: '2014-05-20', time: bench.now, price: '100' })
  }
  await next()
  expect(places).not.toContain('market')
  broker.onCancel = 'cancel'
  for (let round = 0; round < 3; round += 1) await bench.session(100)
  expect(places).toContain('market')
})
