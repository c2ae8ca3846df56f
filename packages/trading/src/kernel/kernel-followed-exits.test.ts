import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { createUsEquityCalendar } from '../instruments/us-equity-calendar.js'
import type { ExitPlan } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker, singles } from './scripted-broker.test-support.js'

const plan: ExitPlan = { stopPrice: '95', targetPrice: '110', maximumSessions: 50 }

async function holding(more: Partial<ExitPlan>, prepare?: (broker: ScriptedBroker) => void): Promise<KernelBench> {
  const bench = await openKernelBench({}, 80, prepare)
  await bench.enter({ exits: { ...plan, ...more } })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}
const exits = ({ broker }: KernelBench): readonly string[] =>
  broker.sent
    .filter(({ side }) => side === 'sell')
    .map(({ type, stopPrice, limitPrice, quantity }) => `${type} ${stopPrice ?? limitPrice ?? 'now'} ${quantity}`)
const alerts = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
const idOf = ({ broker }: KernelBench, type: string): string =>
  broker.sent.findLast((order) => order.side === 'sell' && order.type === type)?.clientOrderId ?? ''
const opened = (bench: KernelBench, price: number): Promise<void> => bench.session(price, ['open'])

test('a stop that trails follows the price up and stays when it falls', async () => {
  const bench = await holding({ trailAmount: '4' })
  await opened(bench, 103)
  await opened(bench, 101)
  await opened(bench, 104)
  expect(exits(bench)).toEqual(['stop 95 50', 'limit 110 50', 'stop 99 50', 'stop 100 50'])
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('100')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 the new stop is sent only when the old one is gone for certain', async () => {
  const bench = await holding({ trailAmount: '4' })
  bench.broker.onCancel = 'silent'
  await opened(bench, 103)
  expect(exits(bench)).toHaveLength(2)
  bench.broker.say(idOf(bench, 'stop'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 50', 'limit 110 50', 'stop 99 50'])
})

test('I29 a stop that fills in part while it is being moved leaves a stop for the rest', async () => {
  const bench = await holding({ trailAmount: '4' })
  bench.broker.onCancel = 'silent'
  await opened(bench, 103)
  const stop = idOf(bench, 'stop')
  bench.broker.fill(stop, '20', '95')
  bench.broker.say(stop, { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench).at(-1)).toBe('stop 99 30')
})

test('I41 a venue that amends moves the stop itself, under a new id', async () => {
  const bench = await holding({ trailFraction: '0.04' }, (broker) => {
    broker.capabilities = ablest
  })
  await opened(bench, 104)
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([])
  expect(bench.broker.replacements).toMatchObject([
    { request: { stopPrice: '99.84', quantity: '50', reduceOnly: true } },
  ])
  await opened(bench, 106)
  expect(bench.broker.replacements.map(({ request }) => request.stopPrice)).toEqual(['99.84', '101.76'])
  expect(bench.broker.replacements[1]?.id).toBe(bench.broker.replacements[0]?.request.clientOrderId)
  expect(alerts(bench)).toEqual([])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 a move that the venue refuses is made by cancel and new order', async () => {
  const bench = await holding({ trailAmount: '4' }, (broker) => {
    broker.capabilities = ablest
    broker.onReplace = new SwarmError({ code: 'NOT_REPLACEABLE', message: 'no' })
  })
  await opened(bench, 103)
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 50', 'limit 110 50', 'stop 99 50'])
})

test('once the price has gone far enough, the stop is at the price paid', async () => {
  const bench = await holding({ breakEvenPrice: '105' })
  await opened(bench, 104)
  expect(exits(bench)).toHaveLength(2)
  await opened(bench, 105)
  expect(exits(bench).at(-1)).toBe('stop 100 50')
})

test('I29 where stop and target cannot rest side by side, the stop rests, the target is watched and left at the market', async () => {
  const bench = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: singles, holdsExitPairs: false, replace: 'none' }
  })
  expect(exits(bench)).toEqual(['stop 95 50'])
  bench.broker.onCancel = 'silent'
  await opened(bench, 111)
  expect(exits(bench)).toEqual(['stop 95 50'])
  bench.broker.say(idOf(bench, 'stop'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 50', 'market now 50'])
  bench.broker.fill(idOf(bench, 'market'), '50', '111')
  await bench.kernel.settled()
  expect(bench.events).toContainEqual(
    expect.objectContaining({ type: 'position-closed', position: expect.objectContaining({ exitReason: 'target' }) }),
  )
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 a stop that is a stop-limit at the venue is withdrawn where the price leaps over its limit, and the position left at the market', async () => {
  const bench = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: singles, holdsExitPairs: false, replace: 'none' }
    broker.terms = { stopLimitOffset: { sell: '0.05' } }
  })
  bench.broker.onCancel = 'silent'
  // Down to its limit at 90.25 it fills by itself.
  await opened(bench, 90.25)
  expect(bench.broker.cancels).toEqual([])
  await opened(bench, 90.24)
  expect(bench.broker.cancels).toEqual([idOf(bench, 'stop')])
  expect(exits(bench)).toEqual(['stop 95 50'])
  expect(bench.events).toContainEqual(
    expect.objectContaining({
      type: 'alert',
      code: 'STOP_LEAPT_OVER',
      message:
        'the price of AAA, 90.24, has leapt over its stop at 95, which is a stop-limit at the venue and may rest; it is withdrawn, and the position left at the market',
    }),
  )
  // What it fills on the way is not sold again.
  bench.broker.fill(idOf(bench, 'stop'), '20', '90.3')
  bench.broker.say(idOf(bench, 'stop'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 50', 'market now 30'])
  bench.broker.fill(idOf(bench, 'market'), '30', '89')
  await bench.kernel.settled()
  expect(bench.events).toContainEqual(
    expect.objectContaining({ type: 'position-closed', position: expect.objectContaining({ exitReason: 'stop' }) }),
  )
  expect(alerts(bench)).toEqual(['STOP_LEAPT_OVER'])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('a stop that leaves at any price is left to do so, however far the price leaps', async () => {
  const bench = await holding({}, (broker) => {
    broker.terms = { stopLimitOffset: { buy: '0.025' } }
  })
  await opened(bench, 60)
  expect(exits(bench)).toEqual(['stop 95 50', 'limit 110 50'])
  expect(alerts(bench)).toEqual([])
})

test('I29 an exit at a watched target that ends unfilled gives the position its stop back', async () => {
  const bench = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: singles, holdsExitPairs: false, replace: 'none' }
  })
  await opened(bench, 111)
  bench.broker.say(idOf(bench, 'market'), { type: 'expired' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 50', 'market now 50', 'stop 95 50'])
})

test('where the venue holds no stops, they are watched here, and the target rests', async () => {
  const bench = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'], holdsExitPairs: false, replace: 'none' }
  })
  expect(exits(bench)).toEqual(['limit 110 50'])
  await opened(bench, 94)
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['limit 110 50', 'market now 50'])
  bench.broker.fill(idOf(bench, 'market'), '50', '94')
  await bench.kernel.settled()
  expect(bench.events).toContainEqual(
    expect.objectContaining({ type: 'position-closed', position: expect.objectContaining({ exitReason: 'stop' }) }),
  )
})

test('dust below a lot is neither sold nor called unprotected', async () => {
  const bench = await openKernelBench()
  await bench.enter({ exits: plan })
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  const execution = {
    tradeId: 't1',
    price: '100',
    quantity: '50',
    fee: '0.4',
    feeCurrency: 'AAA',
    referencePrice: '100',
    referenceTime: 0,
    liquidity: 'taker',
  } as const
  bench.broker.say(id, { type: 'filled', execution })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 49', 'limit 110 49'])
  bench.broker.fill(idOf(bench, 'stop'), '49', '95')
  bench.now += 60_000
  await bench.session(100, ['open'])
  expect(exits(bench)).toHaveLength(2)
  expect(alerts(bench)).toEqual([])
})

test.each(['0', '-1'])('a price of %s is none: no stop follows it, and nothing is left by it', async (price) => {
  const trade = (bench: KernelBench) =>
    bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1, price, quantity: '10' })
  const short = await openKernelBench({ policy: { allowShorts: true } })
  const exits = { stopPrice: '105', targetPrice: '90', maximumSessions: 50, trailAmount: '5' }
  await short.enter({ side: 'sell', exits })
  short.broker.fill(short.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await trade(short)
  expect(short.kernel.exits('AAA')?.stopPrice).toBe('105')
  const watched = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'] }
  })
  const sent = watched.broker.sent.length
  await trade(watched)
  expect(watched.broker.sent).toHaveLength(sent)
  expect(watched.kernel.portfolio().positions[0]?.marketPrice).not.toBe(price)
})

const inSession = (bench: KernelBench): number => {
  const { open } = createUsEquityCalendar().nextSession(bench.now)
  return open + 3_600_000
}
const quoted = (bench: KernelBench, time: number, bid: string, ask: string): Promise<void> =>
  bench.market({ type: 'quote', symbol: 'AAA', time, bid, ask })

test('a stop that trails follows the bid where there are only quotes, and the trades while there are any', async () => {
  const bench = await holding({ trailAmount: '4' })
  const time = inSession(bench)
  await quoted(bench, time, '103', '104')
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('99')
  await bench.market({ type: 'trade', symbol: 'AAA', time: time + 1_000, price: '103.5', quantity: '1' })
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('99.5')
  await quoted(bench, time + 61_000, '106', '107')
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('99.5')
  await quoted(bench, time + 61_001, '106', '107')
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('102')
  expect(exits(bench).at(-1)).toBe('stop 102 50')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('a level that is watched here is reached by the bid where there are only quotes, after a restart too', async () => {
  const first = await holding({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'], holdsExitPairs: false }
  })
  const bench = await openKernelBench({ history: first.journal }, 0, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'], holdsExitPairs: false }
    broker.balances.set('USD', '94999').set('AAA', '50')
  })
  bench.now = first.now
  const time = inSession(bench)
  await quoted(bench, time, '95.01', '95.5')
  await quoted(bench, time + 1, '94', '93')
  await quoted(bench, time + 2, '0', '95')
  expect(exits(bench)).toEqual([])
  await quoted(bench, time + 3, '95', '99')
  expect(exits(bench)).toEqual(['market now 50'])
})

test('a quote while the exchange is closed sets nothing off', async () => {
  const bench = await holding({ trailAmount: '4' })
  await quoted(bench, bench.now + 3_600_000, '103', '104')
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('95')
})
