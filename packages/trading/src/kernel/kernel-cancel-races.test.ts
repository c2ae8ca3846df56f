import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const rests: Partial<OrderIntent> = { type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20' }

function statuses({ kernel }: KernelBench): readonly string[] {
  const { orders } = JSON.parse(kernel.snapshot()) as { orders: { state: { status: string } }[] }
  return orders.map(({ state }) => state.status)
}

/** An order of which an amendment is on the way: to be sent anew after a cancel, or to replace what rests. */
async function amending(replace: 'none' | 'new-order') {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = { ...ablest, replace }
    broker.onReplace = 'silent'
    broker.onCancel = 'silent'
  })
  const orderId = await bench.enter(rests)
  await bench.kernel.amend(orderId, { limitPrice: '98' }, 'lower')
  const { broker } = bench
  return { bench, broker, orderId, first: broker.sent[0]?.clientOrderId ?? '' }
}

test('what is cancelled while its amendment waits for the end of what rests is not sent anew', async () => {
  const { bench, broker, orderId, first } = await amending('none')
  await bench.kernel.cancel(orderId, 'changed my mind')
  expect(broker.cancels).toEqual([first])
  broker.say(first, { type: 'canceled' })
  await bench.kernel.settled()
  expect(broker.sent).toHaveLength(1)
  expect(statuses(bench)).toEqual(['canceled'])
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I42 a split withdraws an amendment that waits to be sent', async () => {
  const { bench, broker, first } = await amending('none')
  const time = bench.now + 1
  const split = { type: 'split', symbol: 'AAA', sessionDate: '2014-05-20', time, numerator: 101, denominator: 100 }
  await bench.market(split as MarketEvent)
  broker.say(first, { type: 'canceled' })
  await bench.kernel.settled()
  expect(broker.sent).toHaveLength(1)
  expect(statuses(bench)).toEqual(['canceled'])
})

test.each(['before', 'after'])(
  'what is cancelled while it is being replaced is cancelled under its new id, the refusal of the old one coming %s the replacement',
  async (when) => {
    const { bench, broker, orderId, first } = await amending('new-order')
    await bench.kernel.cancel(orderId, 'changed my mind')
    broker.onCancel = 'cancel'
    const by = broker.replacements[0]?.request.clientOrderId ?? ''
    const refuse = () => broker.say(first, { type: 'cancel-rejected', code: 'REPLACED', message: 'it was replaced' })
    if (when === 'before') refuse()
    broker.say(first, { type: 'replaced', by })
    if (when === 'after') refuse()
    await bench.kernel.settled()
    expect(broker.cancels).toEqual([first, by])
    expect(statuses(bench)).toEqual(['canceled'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)

test('what is cancelled while it is sent anew is cancelled when it has arrived', async () => {
  const { bench, broker, orderId, first } = await amending('none')
  broker.onPlace = () => 'silent'
  broker.say(first, { type: 'canceled' })
  await bench.kernel.settled()
  const by = broker.sent[1]?.clientOrderId ?? ''
  await bench.kernel.cancel(orderId, 'changed my mind')
  broker.onCancel = 'cancel'
  broker.say(by, { type: 'accepted' })
  await bench.kernel.settled()
  expect(broker.cancels.at(-1)).toBe(by)
  expect(statuses(bench)).toEqual(['canceled'])
})

test('a venue that refuses to cancel an order of a group is not asked again at once', async () => {
  const bench = await openKernelBench()
  const contingency = { type: 'one-cancels-other', group: 'breakout' } as const
  await bench.enter({ ...rests, contingency })
  await bench.enter({ type: 'stop', stopPrice: '102', timeInForce: 'gtc', quantity: '20', contingency })
  const [one] = bench.broker.sent.map(({ clientOrderId }) => clientOrderId)
  bench.broker.onCancel = (clientOrderId) => {
    if (bench.broker.cancels.length < 20)
      bench.broker.say(clientOrderId, { type: 'cancel-rejected', code: 'NO', message: 'not now' })
    return 'silent'
  }
  bench.broker.fill(one ?? '', '5', '99')
  for (let turn = 0; turn < 30; turn += 1) await bench.kernel.settled()
  // Once after the fill, and once after each word about the exits that it called for.
  expect(bench.broker.cancels.length).toBeLessThan(5)
  bench.broker.onCancel = 'cancel'
  await bench.session(100, ['pre-open'])
  expect(statuses(bench)).toContain('canceled')
})

describe('I08 a cancel that fails of an order that the venue has never spoken of', () => {
  const timeOut = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  const unheardOf = new SwarmError({ code: 'ORDER_NOT_FOUND', message: 'no such order' })
  const busy = new SwarmError({ code: 'RATE_LIMITED', message: 'too many requests' })
  const brief = { ...ablest, requestLifetimeMs: 5_000 } as const
  const tick = async (bench: KernelBench, ms: number): Promise<void> => {
    bench.now += ms
    await bench.market({ type: 'trade', symbol: 'FFF', time: bench.now, price: '100', quantity: '1' })
  }

  test.each([
    ['the venue knows no such order', unheardOf, false],
    ['the venue has no time for it', busy, false],
    ['our own journal holds it back', 'cancel', true],
  ] as const)(
    'makes no live order of it, where %s: it is given up when its request can no longer act',
    async (_, answer, isHeld) => {
      const bench = await openKernelBench({}, 80, (broker) => {
        broker.capabilities = brief
        broker.executed = []
        broker.onPlace = () => 'silent'
        broker.onCancel = answer
      })
      await bench.session(100, ['pre-open', 'open'])
      const orderId = await bench.enter(rests)
      if (isHeld)
        bench.onDurable = () => {
          throw new Error('the database is locked')
        }
      await bench.kernel.cancel(orderId, 'changed my mind')
      bench.onDurable = () => undefined
      expect(statuses(bench)).toEqual(['pending-cancel'])
      await tick(bench, 11_000)
      await bench.kernel.settled()
      expect(statuses(bench)).toEqual(['expired'])
      expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
      expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
    },
  )

  test('is asked for again when the order surfaces', async () => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.onPlace = () => 'silent'
      broker.onCancel = busy
    })
    const orderId = await bench.enter(rests)
    const id = bench.broker.sent[0]?.clientOrderId ?? ''
    await bench.kernel.cancel(orderId, 'changed my mind')
    bench.broker.onCancel = 'cancel'
    const found = { venueOrderId: 'v1', symbol: 'AAA', quantity: '20', filledQuantity: '0', status: 'open' } as const
    bench.broker.held.set(id, { ...found, clientOrderId: id })
    await tick(bench, 2_000)
    await bench.kernel.settled()
    expect(bench.broker.cancels).toEqual([id, id])
    expect(statuses(bench)).toEqual(['canceled'])
  })

  test('leaves it of unknown fate after a restart, where its request may always come', async () => {
    const first = await openKernelBench({}, 80, (broker) => {
      broker.onPlace = () => 'silent'
      broker.onCancel = unheardOf
    })
    const orderId = await first.enter(rests)
    await first.kernel.cancel(orderId, 'changed my mind')
    const again = await openKernelBench({ history: first.journal }, 0)
    expect(statuses(again)).toEqual(['unknown'])
    expect(rebuildKernelState([...first.journal, ...again.journal])).toBe(again.kernel.snapshot())
  })

  test('I29 leaves no position bare for good: after a restart all that nobody knows of is asked about, and it is left', async () => {
    const first = await openKernelBench({}, 80, (broker) => {
      broker.capabilities = brief
      broker.executed = []
    })
    await first.session(100, ['pre-open', 'open'])
    await first.enter({ exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 1 } })
    first.broker.onPlace = () => timeOut
    first.broker.onLookup = timeOut
    first.broker.fill(first.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await first.kernel.settled()
    await first.session(100, ['close'])
    await first.session(100, ['pre-open'])
    expect(statuses(first)).toEqual(['filled', 'unknown', 'unknown'])
    // The process died before it noted that the last one had got no answer.
    const last = first.journal.findLastIndex(({ id }) => id.includes('submission-unknown'))
    let now = first.now + 60_000
    const brokerContext = { ...first.broker.context(), clock: { now: () => now } }
    const history = first.journal.filter((_, index) => index !== last)
    const again = await openKernelBench({ history, brokerContext }, 0, (broker) => {
      broker.capabilities = brief
      broker.executed = []
      broker.balances.set('USD', '94999').set('AAA', '50')
      broker.onCancel = unheardOf
    })
    now += 1_000
    await again.kernel.onMarket({ type: 'trade', symbol: 'AAA', time: now, price: '100', quantity: '1' })
    await again.kernel.settled()
    expect(again.broker.cancels).toHaveLength(1)
    expect(again.broker.sent.map(({ type, quantity }) => `${type} ${quantity}`)).toEqual(['market 50'])
    expect(statuses(again)).toEqual(['filled', 'expired', 'expired', 'accepted'])
  })
})
