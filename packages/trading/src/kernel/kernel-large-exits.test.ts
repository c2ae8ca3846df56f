import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { Instrument } from '../instruments/instrument.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

const records = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const statusOf = (bench: KernelBench, orderId: string): string | undefined =>
  records(bench).find(({ header }) => header.orderId === orderId)?.state.status
/** What lies at the venue to leave the position, or is on its way there. */
const leaving = (bench: KernelBench): readonly string[] =>
  records(bench).flatMap((order) => {
    const { header, state } = order
    if (!header.request.reduceOnly || header.execution !== undefined || !isOpen(state.status)) return []
    const { type, stopPrice, limitPrice } = requestInForce(order)
    return [`${type} ${state.leavesQuantity} ${stopPrice ?? limitPrice ?? ''}`.trim()]
  })
const idsOf = (bench: KernelBench, type: string): readonly string[] =>
  records(bench).flatMap(({ header, state }) =>
    header.request.reduceOnly && header.request.type === type && header.execution === undefined && isOpen(state.status)
      ? [header.request.clientOrderId]
      : [],
  )

/** Fifty units, where nothing else is said, were bought in entries that the venue takes. */
async function held(
  terms: Partial<Instrument>,
  prepare: (broker: ScriptedBroker) => void = () => undefined,
  entries: readonly string[] = ['20', '20', '10'],
): Promise<KernelBench> {
  const bench = await openKernelBench({}, 65, (broker) => {
    broker.terms = terms
    broker.capabilities = ablest
    prepare(broker)
  })
  await bench.session(100, ['pre-open', 'open'])
  for (const quantity of entries) {
    await bench.enter({ quantity })
    bench.broker.fill(bench.broker.sent.findLast(({ side }) => side === 'buy')?.clientOrderId ?? '', quantity, '100')
    await bench.kernel.settled()
    bench.now += 60_000
  }
  return bench
}

async function leave(bench: KernelBench, quantity = '50'): Promise<string> {
  const { exits: _, ...intent } = bench.intent({ side: 'sell', quantity })
  const answer = await bench.kernel.assess(intent)
  if (answer.status === 'denied') throw new Error(JSON.stringify(answer.findings))
  const result = await bench.kernel.submit(intent, answer.permitId)
  await bench.kernel.settled()
  // The same intent once more is the same order.
  expect(await bench.kernel.submit(intent, answer.permitId)).toEqual(result)
  return result.status === 'submitted' ? result.orderId : JSON.stringify(result)
}

async function fillAll(bench: KernelBench, type: string): Promise<void> {
  for (const id of idsOf(bench, type)) {
    const quantity = records(bench).find(({ header }) => header.request.clientOrderId === id)?.state.leavesQuantity
    bench.broker.fill(id, quantity ?? '', '100')
    await bench.kernel.settled()
  }
}

const rebuilt = (bench: KernelBench): void => expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
const later = (bench: KernelBench, laterMs = 2_000): Promise<void> =>
  bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + laterMs, price: '100', quantity: '1' })

describe('an exit that is more than its venue takes as one order', () => {
  test('goes out as several at once, each within the bound, and ends as one', async () => {
    const bench = await held({ maximumQuantity: '20' })
    const orderId = await leave(bench)
    expect(leaving(bench)).toEqual(['market 17', 'market 17', 'market 16'])
    expect(statusOf(bench, orderId)).toBe('submitted')
    await fillAll(bench, 'market')
    expect(statusOf(bench, orderId)).toBe('filled')
    expect(bench.kernel.portfolio().positions).toEqual([])
    expect(bench.events.find(({ type }) => type === 'position-closed')).toMatchObject({
      position: { quantity: '50', exitReason: 'intent' },
    })
    rebuilt(bench)
  })

  test('is bounded by worth as well, with room for the price to move', async () => {
    const bench = await held({ maximumNotional: '2100' })
    await leave(bench, '41')
    expect(leaving(bench).filter((each) => each.startsWith('market'))).toEqual(['market 14', 'market 14', 'market 13'])
  })

  test('stays one order where it fits, and so it does where nothing is bounded', async () => {
    const bench = await held({ maximumQuantity: '20' })
    await leave(bench, '20')
    expect(leaving(bench).filter((each) => each.startsWith('market'))).toEqual(['market 20'])
    const unbounded = await held({})
    await leave(unbounded)
    expect(leaving(unbounded)).toEqual(['market 50'])
  })

  test('of which a part is refused: it is sent again, within its tries, and what is not sold has its stop', async () => {
    const bench = await held({ maximumQuantity: '20' })
    let refused = 0
    bench.broker.onPlace = ({ type }) => {
      if (type !== 'market' || refused > 0) return 'accept'
      refused += 1
      return 'silent'
    }
    const orderId = await leave(bench)
    const [first = ''] = idsOf(bench, 'market')
    bench.broker.say(first, { type: 'rejected', code: 'BUSY', message: 'not now' })
    await bench.kernel.settled()
    expect(leaving(bench)).toEqual(['market 17', 'market 16', 'stop 17 95', 'limit 17 110'])
    await fillAll(bench, 'market')
    await later(bench)
    expect(leaving(bench)).toEqual(['market 17'])
    await fillAll(bench, 'market')
    expect(statusOf(bench, orderId)).toBe('filled')
    expect(bench.kernel.portfolio().positions).toEqual([])
    rebuilt(bench)
  })

  test('I13 goes on in a halt', async () => {
    const bench = await held({ maximumQuantity: '20' })
    await bench.kernel.kill('test')
    const orderId = await leave(bench)
    expect(leaving(bench)).toEqual(['market 17', 'market 17', 'market 16'])
    await later(bench)
    await fillAll(bench, 'market')
    expect(statusOf(bench, orderId)).toBe('filled')
  })

  test('cancelled, all of its parts are', async () => {
    const bench = await held({ maximumQuantity: '20' })
    const orderId = await leave(bench)
    await bench.kernel.cancel(orderId, 'test')
    await bench.kernel.settled()
    expect(statusOf(bench, orderId)).toBe('canceled')
    expect(leaving(bench).filter((each) => each.startsWith('market'))).toEqual([])
    rebuilt(bench)
  })

  test('a worked exit is held to the bound in each of its parts', async () => {
    const bench = await held({ maximumQuantity: '20' })
    const { exits: _, ...intent } = bench.intent({
      side: 'sell',
      quantity: '50',
      timeInForce: 'gtd',
      expiresAt: bench.now + 300_000,
      execution: { style: 'twap', slices: 2 },
    })
    const answer = await bench.kernel.assess(intent)
    if (answer.status === 'permitted') await bench.kernel.submit(intent, answer.permitId)
    await bench.kernel.settled()
    expect(leaving(bench).filter((each) => each.startsWith('market'))).toEqual(['market 13'])
  })
})

describe('the exits of the kernel', () => {
  test('I29 stops and targets are held to the bound, and cover all', async () => {
    const bench = await held({ maximumQuantity: '20' })
    expect(leaving(bench)).toEqual([
      'stop 20 95',
      'limit 20 110',
      'stop 20 95',
      'limit 20 110',
      'stop 10 95',
      'limit 10 110',
    ])
    // All are gone, and come back at once.
    for (const id of [...idsOf(bench, 'stop'), ...idsOf(bench, 'limit')]) bench.broker.say(id, { type: 'canceled' })
    await bench.kernel.settled()
    const sizes = (kind: string): readonly number[] =>
      leaving(bench).flatMap((each) => (each.startsWith(kind) ? [Number(each.split(' ')[1])] : []))
    for (const kind of ['stop', 'limit']) {
      expect(sizes(kind).reduce((sum, size) => sum + size, 0)).toBe(50)
      expect(Math.max(...sizes(kind))).toBeLessThanOrEqual(20)
    }
    rebuilt(bench)
  })

  test('I29 a price that is far off does not cut them up, unless the venue refuses what is as large', async () => {
    const bench = await held({ maximumNotional: '2100' }, undefined, [])
    const stops = (): readonly string[] => leaving(bench).filter((each) => each.startsWith('stop'))
    await bench.enter({ quantity: '20' })
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1, price: '1000', quantity: '1' })
    let refused = 0
    bench.broker.onPlace = ({ type }) => {
      if (type !== 'stop' || refused > 0) return 'accept'
      refused += 1
      return 'silent'
    }
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '20', '100')
    await bench.kernel.settled()
    expect(stops()).toEqual(['stop 5 95', 'stop 5 95', 'stop 5 95', 'stop 5 95'])
    const [first = ''] = idsOf(bench, 'stop')
    bench.broker.say(first, { type: 'rejected', code: 'TOO_LARGE', message: 'it is worth too much' })
    await bench.kernel.settled()
    expect(stops()).toEqual([...Array.from({ length: 3 }, () => 'stop 5 95'), 'stop 2 95', 'stop 2 95', 'stop 1 95'])
    rebuilt(bench)
  })

  test('I13 a flatten leaves all of a large position', async () => {
    const bench = await held({ maximumQuantity: '20' })
    await bench.kernel.flatten({ operator: 'Ada', reason: 'test' })
    await bench.kernel.settled()
    expect(leaving(bench)).toEqual(['market 17', 'market 17', 'market 16'])
    await fillAll(bench, 'market')
    expect(bench.kernel.portfolio().positions).toEqual([])
    rebuilt(bench)
  })

  test('after a part that could not be sent no other is tried, and what it made room for is covered again', async () => {
    const bench = await held({ maximumQuantity: '20' })
    let asked = 0
    bench.broker.onPlace = ({ type }) => {
      if (type !== 'market') return 'accept'
      asked += 1
      return new SwarmError({ code: 'BUSY', message: 'not now' })
    }
    await bench.kernel.flatten({ operator: 'Ada', reason: 'test' })
    await bench.kernel.settled()
    expect(asked).toBe(1)
    expect(leaving(bench).filter((each) => each.startsWith('stop'))).toEqual(['stop 17 95', 'stop 17 95', 'stop 16 95'])
  })
})
