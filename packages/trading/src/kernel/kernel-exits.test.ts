import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'

const day = { stopPrice: '95', targetPrice: '110', maximumSessions: 3 }

async function holding(exits = day): Promise<KernelBench> {
  const bench = await openKernelBench()
  await bench.enter({ quantity: '50', exits })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

const sells = ({ broker }: KernelBench): readonly string[] =>
  broker.sent.filter(({ side }) => side === 'sell').map(({ type, quantity }) => `${type} ${quantity}`)
const lastId = ({ broker }: KernelBench, type: string): string =>
  broker.sent.findLast((order) => order.side === 'sell' && order.type === type)?.clientOrderId ?? ''
const alerts = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
const covered = ['stop 50', 'limit 50']

/** Permitted and handed in; the answer of `submit`. */
async function leave(bench: KernelBench, quantity: string) {
  const intent = bench.intent({ side: 'sell', quantity })
  const assessed = await bench.kernel.assess(intent)
  if (assessed.status === 'denied') throw new Error(`denied: ${JSON.stringify(assessed.findings)}`)
  const result = await bench.kernel.submit(intent, assessed.permitId)
  await bench.kernel.settled()
  return result
}

test.each<Partial<OrderIntent>>([
  { type: 'limit', limitPrice: '99999', timeInForce: 'gtc' },
  { type: 'limit', limitPrice: '0.01', timeInForce: 'gtc' },
  { type: 'stop', stopPrice: '0.01', timeInForce: 'gtc' },
  { type: 'limit', limitPrice: '100', timeInForce: 'day' },
  { type: 'limit', limitPrice: '100', timeInForce: 'ioc' },
])('I29 an exit intent at a price of its own does not displace the stop: %o', async (fields) => {
  const bench = await holding()
  const intent = bench.intent({ side: 'sell', quantity: '50', ...fields })
  const answer = await bench.kernel.assess(intent)
  expect(answer).toMatchObject({
    status: 'denied',
    findings: [{ code: 'UNSUPPORTED_ORDER_TYPE', message: expect.stringContaining('send it as type market') }],
  })
  expect(await bench.kernel.submit(intent, 'permit-1')).toMatchObject({ status: 'refused' })
  expect([sells(bench), bench.broker.cancels]).toEqual([covered, []])
  for (let count = 0; count < 4; count += 1) await bench.session(100)
  expect(sells(bench)).toEqual([...covered, 'market 50'])
})

test('I29 a market exit that ends unfilled at the close gives the position its protection back', async () => {
  const bench = await holding()
  expect(bench.broker.context().clock.now()).toBe(bench.now)
  expect(await leave(bench, '50')).toMatchObject({ status: 'submitted' })
  expect(sells(bench)).toEqual([...covered, 'market 50'])
  await bench.session(100, ['pre-open', 'open', 'bars'])
  bench.broker.say(lastId(bench, 'market'), { type: 'expired' })
  await bench.session(100, ['close'])
  expect(sells(bench)).toEqual([...covered, 'market 50', ...covered])
  expect(alerts(bench)).toEqual([])
})

test('I29 a market exit that the venue refuses at once gives the position its protection back at once', async () => {
  const bench = await holding()
  bench.broker.onPlace = ({ type }) =>
    type === 'market' ? new SwarmError({ code: 'NO_MARKET', message: 'not now' }) : 'accept'
  await leave(bench, '50')
  expect(sells(bench)).toEqual([...covered, ...covered])
})

test('a queued exit can be cancelled, and the position is covered again', async () => {
  const bench = await holding()
  bench.broker.onCancel = 'silent'
  const result = await leave(bench, '50')
  if (result.status === 'refused') throw new Error('refused')
  await bench.kernel.cancel(result.orderId, 'changed my mind')
  for (const type of ['stop', 'limit']) bench.broker.say(lastId(bench, type), { type: 'canceled' })
  await bench.kernel.settled()
  expect(sells(bench)).toEqual([...covered, ...covered])
})

test('an exit that waits for the open can be cancelled, and a protective order cannot', async () => {
  const bench = await holding()
  const result = await leave(bench, '50')
  if (result.status === 'refused') throw new Error('refused')
  await bench.kernel.cancel(result.orderId, 'changed my mind')
  await bench.kernel.settled()
  expect(bench.broker.cancels.at(-1)).toBe(lastId(bench, 'market'))
  expect(sells(bench)).toEqual([...covered, 'market 50', ...covered])
  const stop = bench.events.findLast((event) => event.type === 'order' && event.purpose === 'exit-stop')
  const orderId = stop?.type === 'order' ? stop.orderId : ''
  await expect(bench.kernel.cancel(orderId, 'out of my way')).rejects.toMatchObject({ code: 'ORDER_PROTECTIVE' })
})

test('a newer exit takes the place of a queued one that leaves less, and never the other way round', async () => {
  const bench = await holding()
  bench.broker.onCancel = 'silent'
  await leave(bench, '20')
  expect(await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '19' }))).toMatchObject({
    status: 'denied',
    findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }],
  })
  await leave(bench, '50')
  for (const type of ['stop', 'limit']) bench.broker.say(lastId(bench, type), { type: 'canceled' })
  await bench.kernel.settled()
  expect(sells(bench)).toEqual([...covered, 'market 50'])
})

test('an exit that was permitted and never sent holds up no other exit and no stop', async () => {
  const bench = await openKernelBench()
  await bench.enter({ quantity: '50' })
  const entry = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(entry, '20', '100')
  await bench.kernel.settled()
  await bench.kernel.assess(bench.intent({ side: 'sell', quantity: '20' }))
  bench.broker.fill(entry, '30', '100')
  await bench.kernel.settled()
  expect(sells(bench)).toEqual(['stop 20', 'limit 20', 'stop 30', 'limit 30'])
  expect(alerts(bench)).toEqual([])
  expect(await leave(bench, '50')).toMatchObject({ status: 'submitted' })
  expect(sells(bench)).toContain('market 50')
})

test('I43 of two exits that were permitted for the same units, the second is refused when it is sent', async () => {
  const bench = await holding()
  const [one, other] = [bench.intent({ side: 'sell' }), bench.intent({ side: 'sell' })]
  const [first, second] = [await bench.kernel.assess(one), await bench.kernel.assess(other)]
  if (first.status === 'denied' || second.status === 'denied') throw new Error('denied')
  expect(await bench.kernel.submit(one, first.permitId)).toMatchObject({ status: 'submitted' })
  await bench.kernel.settled()
  expect(await bench.kernel.submit(other, second.permitId)).toMatchObject({
    status: 'refused',
    findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }],
  })
  expect(sells(bench)).toEqual([...covered, 'market 50'])
})

test('a time exit outranks a queued exit that leaves only a part', async () => {
  const bench = await holding({ ...day, maximumSessions: 1 })
  bench.broker.onCancel = 'silent'
  await leave(bench, '20')
  await bench.session(100, ['pre-open'])
  for (const type of ['stop', 'limit']) bench.broker.say(lastId(bench, type), { type: 'canceled' })
  await bench.kernel.settled()
  expect(sells(bench)).toEqual([...covered, 'market 50'])
  const denied = bench.events.some((event) => event.type === 'order' && event.status === 'denied')
  expect(denied).toBe(true)
})

test('I13 the kill switch keeps protective orders and lets an exit on its way go on', async () => {
  const bench = await holding()
  await leave(bench, '20')
  const before = [...bench.broker.cancels]
  await bench.kernel.kill('fire')
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual(before)
  expect(sells(bench)).toEqual([...covered, 'stop 30', 'limit 30', 'market 20'])
})

/** A restart on a journal of earlier days, in which the exit that an agent asked for rests at a price of its own. */
async function withRestingExit(prepare?: Parameters<typeof openKernelBench>[2]) {
  const first = await holding()
  await leave(first, '50')
  const exitId = lastId(first, 'market')
  const history = first.journal.map(({ payload }) => {
    const record = payload as KernelRecord
    if (record.type !== 'order-assessed' || record.header.purpose !== 'exit-intent') return { payload }
    const request = { ...record.header.request, type: 'limit', limitPrice: '99999', timeInForce: 'gtc' } as const
    return { payload: { ...record, header: { ...record.header, request } } }
  })
  return { bench: await openKernelBench({ history }, 0, prepare), exitId }
}

test('I29 an exit of earlier days that rests at a price of its own is withdrawn, and the stop comes back', async () => {
  const { bench, exitId } = await withRestingExit()
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([exitId])
  expect(sells(bench)).toEqual(covered)
})

test('I29 an exit that rests at a price of its own covers nothing, outranks nothing, and a halt withdraws it', async () => {
  const { bench, exitId } = await withRestingExit((broker) => {
    broker.onCancel = new SwarmError({ code: 'NOT_NOW', message: 'busy' })
  })
  await bench.session(100)
  expect(alerts(bench)).toContain('UNPROTECTED')
  bench.broker.onCancel = 'silent'
  await bench.kernel.halt('halted', 'test')
  expect(bench.broker.cancels.at(-1)).toBe(exitId)
  expect(await leave(bench, '50')).toMatchObject({ status: 'submitted' })
  bench.broker.say(exitId, { type: 'canceled' })
  await bench.kernel.settled()
  expect(sells(bench)).toEqual(['market 50'])
})
