import { describe, expect, test } from 'vitest'
import type { ExecutionPlan } from '../orders/execution/execution-plan.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

const minuteMs = 60_000
const twap: ExecutionPlan = { style: 'twap', slices: 5 }

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

/** Fifty units are held and covered; the session is open. */
async function held(prepare: (broker: ScriptedBroker) => void = () => undefined): Promise<KernelBench> {
  const bench = await openKernelBench({}, 65, (broker) => {
    broker.capabilities = ablest
    prepare(broker)
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ quantity: '50' })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

function exitOf(bench: KernelBench, execution: ExecutionPlan, fields: Partial<OrderIntent> = {}): OrderIntent {
  const { exits: _, ...intent } = bench.intent({
    side: 'sell',
    quantity: '50',
    timeInForce: 'gtd',
    expiresAt: bench.now + 5 * minuteMs,
    execution,
    ...fields,
  })
  return intent
}

async function work(bench: KernelBench, execution = twap, fields: Partial<OrderIntent> = {}): Promise<string> {
  const intent = exitOf(bench, execution, fields)
  const answer = await bench.kernel.assess(intent)
  if (answer.status === 'denied') throw new Error(JSON.stringify(answer.findings))
  const result = await bench.kernel.submit(intent, answer.permitId)
  await bench.kernel.settled()
  return result.status === 'submitted' ? result.orderId : ''
}

async function trade(bench: KernelBench, price = '100', laterMs = minuteMs, quantity = '1'): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + laterMs, price, quantity })
}

/** The part that was sent last trades. */
async function sell(bench: KernelBench, quantity: string, price = '100'): Promise<void> {
  const part = bench.broker.sent.findLast(({ type, side }) => type === 'market' && side === 'sell')
  bench.broker.fill(part?.clientOrderId ?? '', quantity, price)
  await bench.kernel.settled()
}

const rebuilt = (bench: KernelBench): void => expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())

describe('an exit is worked in parts', () => {
  test('by time: the legs are cut down by what is sent and no more, and the last part ends the round trip', async () => {
    const bench = await held()
    const orderId = await work(bench)
    expect(leaving(bench)).toEqual(['stop 40 95', 'limit 40 110', 'market 10'])
    expect(bench.broker.cancels).toEqual([])
    await sell(bench, '10')
    for (const left of ['30', '20', '10']) {
      await trade(bench)
      expect(leaving(bench)).toEqual([`stop ${left} 95`, `limit ${left} 110`, 'market 10'])
      await sell(bench, '10', '101')
    }
    await trade(bench)
    expect(leaving(bench)).toEqual(['market 10'])
    await sell(bench, '10')
    expect(statusOf(bench, orderId)).toBe('filled')
    expect(bench.kernel.portfolio().positions).toEqual([])
    expect(bench.events.find(({ type }) => type === 'position-closed')).toMatchObject({
      position: { quantity: '50', realised: '30', exitReason: 'intent' },
    })
    rebuilt(bench)
  })

  test('by volume: a share of what the market trades', async () => {
    const bench = await held()
    await work(bench, { style: 'participation', maximumVolumeFraction: 0.1 })
    expect(leaving(bench)).toEqual(['stop 50 95', 'limit 50 110'])
    await trade(bench, '100', minuteMs, '200')
    expect(leaving(bench)).toEqual(['stop 30 95', 'limit 30 110', 'market 20'])
    rebuilt(bench)
  })

  test('a venue that cannot amend: the legs make room by cancel, and come back for the rest with the part', async () => {
    const bench = await held((broker) => {
      broker.capabilities = undefined
    })
    await work(bench)
    expect(leaving(bench)).toEqual(['market 10', 'stop 40 95', 'limit 40 110'])
    rebuilt(bench)
  })

  test('until the venue has confirmed that the stop is smaller, the part waits', async () => {
    const bench = await held((broker) => {
      broker.onReplace = 'silent'
    })
    await work(bench)
    expect(leaving(bench)).toEqual(['stop 50 95', 'limit 50 110', 'market 10'])
    expect(bench.broker.sent.filter(({ type, side }) => type === 'market' && side === 'sell')).toEqual([])
    const asked = bench.broker.replacements.length
    await trade(bench, '100', 1_000)
    expect(bench.broker.replacements).toHaveLength(asked)
  })

  test('what is not done by its end stays, covered whole', async () => {
    const bench = await held()
    const orderId = await work(bench)
    await sell(bench, '10')
    await trade(bench, '100', 10 * minuteMs)
    expect(statusOf(bench, orderId)).toBe('expired')
    expect(leaving(bench)).toEqual(['stop 40 95', 'limit 40 110'])
    rebuilt(bench)
  })

  test('a part that ends without a fill gives its units back to the stop', async () => {
    const bench = await held()
    await work(bench)
    const part = bench.broker.sent.findLast(({ type, side }) => type === 'market' && side === 'sell')
    bench.broker.say(part?.clientOrderId ?? '', { type: 'canceled' })
    await bench.kernel.settled()
    expect(leaving(bench)).toEqual(['stop 40 95', 'limit 40 110', 'stop 10 95', 'limit 10 110'])
    await trade(bench)
    expect(leaving(bench)).toContain('market 20')
    rebuilt(bench)
  })

  test('an exit that is worked covers nothing by itself: without a stop the rest is unprotected', async () => {
    const bench = await held()
    await work(bench)
    await sell(bench, '10')
    bench.broker.onPlace = ({ type }) => (type === 'stop' ? 'silent' : 'accept')
    const stop = records(bench).find(({ header, state }) => header.purpose === 'exit-stop' && isOpen(state.status))
    bench.broker.say(stop === undefined ? '' : requestInForce(stop).clientOrderId, { type: 'canceled' })
    await bench.kernel.settled()
    await trade(bench, '100', 5_001)
    expect(bench.events.some((event) => event.type === 'alert' && event.code === 'UNPROTECTED')).toBe(true)
  })

  test('its units are claimed among agents, as a whole and once', async () => {
    const bench = await held()
    await work(bench, twap, { quantity: '30' })
    const ask = (quantity: string) => {
      const { exits: _, ...intent } = bench.intent({ side: 'sell', quantity })
      return bench.kernel.assess(intent)
    }
    expect(await ask('21')).toMatchObject({ findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }] })
    expect(await ask('20')).toMatchObject({ status: 'permitted' })
  })

  test.each<[string, ExecutionPlan, Partial<OrderIntent>]>([
    ['now', { style: 'now' }, {}],
    ['passively', { style: 'passive', maximumMoves: 3 }, {}],
    ['with an urgency', { ...twap, urgency: 'low' }, {}],
    ['at a limit', twap, { type: 'limit', limitPrice: '101' }],
  ])('not %s', async (_, execution, fields) => {
    const bench = await held()
    const intent = exitOf(bench, execution, fields)
    expect(await bench.kernel.assess(intent)).toMatchObject({ findings: [{ code: 'UNSUPPORTED_ORDER_TYPE' }] })
  })
})

describe('what overrides an exit that is worked', () => {
  test('its stop: the rest is left there, and the exit ends', async () => {
    const bench = await held()
    const orderId = await work(bench)
    await sell(bench, '10')
    const stop = records(bench).find(({ header, state }) => header.purpose === 'exit-stop' && isOpen(state.status))
    bench.broker.fill(stop === undefined ? '' : requestInForce(stop).clientOrderId, '40', '95')
    await bench.kernel.settled()
    await trade(bench)
    expect(statusOf(bench, orderId)).toBe('canceled')
    expect(leaving(bench)).toEqual([])
    rebuilt(bench)
  })

  test('the time exit, and a flatten: all that is left goes at once', async () => {
    const bench = await held()
    const orderId = await work(bench)
    await sell(bench, '10')
    await bench.kernel.flatten({ operator: 'Ada', reason: 'test' })
    await bench.kernel.settled()
    expect(leaving(bench)).toEqual(['market 40'])
    await trade(bench)
    expect(statusOf(bench, orderId)).toBe('canceled')
    expect(leaving(bench)).toEqual(['market 40'])
    rebuilt(bench)
  })

  test('a halt: no part is sent any more, and the stop has all of the rest', async () => {
    const bench = await held()
    const orderId = await work(bench)
    await sell(bench, '10')
    await bench.kernel.kill('test')
    await trade(bench)
    expect(statusOf(bench, orderId)).toBe('canceled')
    expect(leaving(bench)).toEqual(['stop 40 95', 'limit 40 110'])
    rebuilt(bench)
  })

  test('not reducing: it reduces', async () => {
    const bench = await held()
    await work(bench)
    await sell(bench, '10')
    await bench.kernel.halt('reducing', 'test')
    await trade(bench)
    expect(leaving(bench)).toEqual(['stop 30 95', 'limit 30 110', 'market 10'])
  })

  test('its agent: cancelled, nothing of it is sent any more', async () => {
    const bench = await held()
    const orderId = await work(bench)
    await bench.kernel.cancel(orderId, 'test')
    await bench.kernel.settled()
    expect(statusOf(bench, orderId)).toBe('canceled')
    expect(leaving(bench)).toEqual(['stop 40 95', 'limit 40 110', 'stop 10 95', 'limit 10 110'])
    rebuilt(bench)
  })
})
