import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { hasPassed } from './has-passed.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'

const hourMs = 3_600_000
const lost = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })

test.each([
  [false, 999, 0],
  [true, 1_000, 0],
  [true, 0, 1],
])('it is %s that a second has passed at %i since %i', (expected, now, since) => {
  expect(hasPassed(now, since, 1_000)).toBe(expected)
})

/** A quote of something else, so many seconds later: the clock goes on, and nothing is heard of what is looked at. */
function quoteAfter(bench: KernelBench, seconds: number): Promise<void> {
  const time = bench.now + seconds * 1_000
  return bench.market({ type: 'quote', symbol: 'CCC', time, bid: '99', ask: '101' })
}

describe('a clock that was an hour ahead and was put back', () => {
  test('I29 does not keep books and venue from being compared: what was missed is found and covered', async () => {
    const bench = await openKernelBench({ reconcileEveryMs: 60_000 }, 80, (broker) => {
      broker.executed = []
    })
    const { broker } = bench
    bench.now += hourMs
    await bench.kernel.reconcile()
    bench.now -= hourMs
    await bench.enter({ type: 'limit', limitPrice: '100', timeInForce: 'gtc' })
    const clientOrderId = broker.sent[0]?.clientOrderId ?? ''
    const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' } as const
    const execution = { tradeId: 't1', price: '100', quantity: '50', fee: '1', feeCurrency: 'USD', ...market }
    broker.executed?.push({ clientOrderId, venueOrderId: 'v1', time: bench.now, execution })
    const seen = { clientOrderId, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '50' }
    broker.held.set(clientOrderId, { ...seen, status: 'filled' })
    broker.balances.set('USD', '94999').set('AAA', '50')
    await quoteAfter(bench, 61)
    expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '50' }])
    expect(broker.sent.filter(({ type }) => type === 'stop')).toMatchObject([{ quantity: '50' }])
  })

  test('I08 does not keep an order of unknown fate from being looked up', async () => {
    const bench = await openKernelBench()
    let clientOrderId = ''
    bench.broker.onPlace = (request) => {
      clientOrderId = request.clientOrderId
      return lost
    }
    bench.now += hourMs
    await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    await quoteAfter(bench, 1)
    bench.now -= hourMs
    const seen = { clientOrderId, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '0' }
    bench.broker.held.set(clientOrderId, { ...seen, status: 'open' })
    await quoteAfter(bench, 2)
    expect(bench.kernel.snapshot()).toContain('"status":"accepted"')
  })

  test('I07 does not keep an order of a group from being asked to go again', async () => {
    const bench = await openKernelBench()
    const group: Partial<OrderIntent> = {
      contingency: { type: 'one-cancels-other', group: 'breakout' },
      timeInForce: 'gtc',
      quantity: '20',
    }
    await bench.enter({ ...group, type: 'limit', limitPrice: '99' })
    await bench.enter({ ...group, type: 'stop', stopPrice: '102' })
    const [one = '', two = ''] = bench.broker.sent.map(({ clientOrderId }) => clientOrderId)
    bench.broker.onCancel = (id) => {
      bench.broker.say(id, { type: 'cancel-rejected', code: 'NO', message: 'not now' })
      return 'silent'
    }
    bench.now += hourMs
    bench.broker.fill(one, '5', '99')
    await bench.kernel.settled()
    bench.now -= hourMs
    bench.broker.onCancel = 'cancel'
    await quoteAfter(bench, 1)
    expect(bench.broker.cancels.filter((id) => id === two)).toHaveLength(2)
    expect(bench.kernel.snapshot()).toContain('"status":"canceled"')
  })

  test('I29 does not silence the alert of a position without an exit, which is not told too early either', async () => {
    const bench = await openKernelBench()
    await bench.enter()
    bench.broker.onPlace = () => new SwarmError({ code: 'NO_STOPS', message: 'not today' })
    bench.now += hourMs
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    bench.now -= hourMs
    const isTold = (): boolean => bench.events.some((event) => event.type === 'alert' && event.code === 'UNPROTECTED')
    const tradeAfter = (seconds: number): Promise<void> =>
      bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + seconds * 1_000, price: '100', quantity: '1' })
    await tradeAfter(1)
    expect(isTold()).toBe(false)
    await tradeAfter(5)
    expect(isTold()).toBe(true)
  })
})
