import { describe, expect, test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import type { OrderExecution } from '../orders/broker.js'
import type { OrderIntent } from '../orders/order-request.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { bookingIn } from './booking-in.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

type Figures = { readonly price: string; readonly quantity: string }

/** Fifty units, bought in executions of so many units at 100. */
async function holding(parts: readonly string[], exits: Partial<OrderIntent['exits']> = {}) {
  const bench = await openKernelBench()
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ exits: { stopPrice: '95', targetPrice: '120', maximumSessions: 5, ...exits } })
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  for (const [index, quantity] of parts.entries()) bench.broker.fill(id, quantity, '100', `t${index + 1}`)
  await bench.kernel.settled()
  return { bench, id }
}

function correct({ broker, now }: KernelBench, id: string, tradeId: string, figures: Figures, eventId: string): void {
  const market = { referencePrice: '100', referenceTime: now, liquidity: 'taker' as const }
  const execution = { tradeId, ...figures, fee: '1', feeCurrency: 'USD', ...market }
  broker.say(id, { type: 'corrected', execution }, eventId)
}

async function split(bench: KernelBench, numerator: number, denominator: number): Promise<void> {
  const time = bench.now + 1
  const event: MarketEvent = { type: 'split', symbol: 'AAA', sessionDate: '2014-05-20', time, numerator, denominator }
  await bench.market(event)
  await bench.kernel.settled()
}

function tripOf({ kernel }: KernelBench): RoundTrip | undefined {
  return (JSON.parse(kernel.snapshot()) as { roundTrips: Record<string, RoundTrip> }).roundTrips.AAA
}

test.each([
  ['c1', 'c2', '100.5'],
  ['c2', 'c1', '101'],
  ['c9', 'c10', '100.5'],
])(
  'I03 I04 of two corrections of one instant, %s before %s, one holds, and nothing is lost',
  async (one, two, price) => {
    const { bench, id } = await holding(['50'])
    correct(bench, id, 't1', { price: '101', quantity: '50' }, one)
    correct(bench, id, 't1', { price: '100.5', quantity: '50' }, two)
    await bench.kernel.settled()
    const total = String(100_000 - 50 * Number(price) - 1)
    expect(bench.kernel.portfolio()).toMatchObject({ positions: [{ quantity: '50' }], cash: { USD: { total } } })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)

test('I03 I42 a correction of an execution of before a split counts in its old units', async () => {
  const { bench, id } = await holding(['50'])
  await split(bench, 2, 1)
  correct(bench, id, 't1', { price: '101', quantity: '40' }, 'c1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({
    positions: [{ quantity: '80', openCost: '4040' }],
    cash: { USD: { total: '95959' } },
  })
  expect(tripOf(bench)).toMatchObject({ entryQuantity: '80', entryNotional: '4040' })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I42 after a bust of an execution of before a split the round trip still knows its entry price, where it breaks even', async () => {
  const { bench, id } = await holding(['30', '20'], { breakEvenPrice: '105' })
  await split(bench, 2, 1)
  bench.broker.say(id, { type: 'busted', tradeId: 't2' })
  await bench.kernel.settled()
  expect(tripOf(bench)).toMatchObject({ entryQuantity: '60', entryNotional: '3000' })
  await bench.session(53, ['bars', 'close'])
  expect(bench.kernel.exits('AAA')?.stopPrice).toBe('50')
})

test('I29 what a bust after the end leaves short was planned by nobody, and is left at once', async () => {
  const { bench, id } = await holding(['50'])
  const { broker, kernel } = bench
  const stop = broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? ''
  broker.fill(stop, '50', '95', 't9')
  await kernel.settled()
  const before = broker.sent.length
  broker.say(id, { type: 'busted', tradeId: 't1' })
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ quantity: '-50', openCost: '-4750' }])
  expect(tripOf(bench)).toMatchObject({ side: 'short', status: 'open', entryQuantity: '50', entryNotional: '4750' })
  expect(kernel.exits('AAA')).toBeUndefined()
  expect(broker.sent.slice(before)).toMatchObject([{ type: 'market', side: 'buy', quantity: '50', reduceOnly: true }])
  broker.fill(broker.sent.at(-1)?.clientOrderId ?? '', '50', '96', 't10')
  await kernel.settled()
  expect(kernel.portfolio().positions).toEqual([])
  expect(bench.events.findLast(({ type }) => type === 'position-closed')).toMatchObject({
    position: { side: 'short', quantity: '50', exitReason: 'flatten', realised: '-50' },
  })
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})

test.each(['at once', 'after the end'] as const)(
  'I29 what an exit too many opens %s was planned by nobody, and is left at once',
  async (when) => {
    const { bench } = await holding(['50'])
    const { broker, kernel } = bench
    const [stop = '', target = ''] = broker.sent.slice(1).map(({ clientOrderId }) => clientOrderId)
    broker.onCancel = 'silent'
    broker.fill(stop, when === 'at once' ? '40' : '50', '95', 't8')
    broker.fill(target, '50', '95', 't9')
    await kernel.settled()
    if (when === 'at once') broker.fill(stop, '10', '95', 't10')
    await kernel.settled()
    expect(kernel.portfolio().positions).toMatchObject([{ quantity: '-50' }])
    expect(tripOf(bench)).toMatchObject({ side: 'short', status: 'open', leaving: true })
    const leaving = broker.sent.filter(({ type, side }) => type === 'market' && side === 'buy').slice(1)
    expect(leaving.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(50)
    expect(leaving.every(({ reduceOnly }) => reduceOnly)).toBe(true)
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  },
)

const ada = { operator: 'Ada', reason: 'test' }

test.each([
  ['the entry', 'short', 'buy'],
  ['the exit', 'long', 'sell'],
] as const)('I13 after all was left, what a bust of %s brings back is left too', async (busted, side, way) => {
  const { bench, id } = await holding(['50'])
  const { broker, kernel } = bench
  await kernel.flatten(ada)
  await kernel.settled()
  const exit = broker.sent.at(-1)?.clientOrderId ?? ''
  broker.fill(exit, '50', '99', 't9')
  await kernel.settled()
  const sent = broker.sent.length
  broker.say(busted === 'the entry' ? id : exit, { type: 'busted', tradeId: busted === 'the entry' ? 't1' : 't9' })
  await kernel.settled()
  expect(tripOf(bench)).toMatchObject({ side, status: 'open', leaving: true })
  expect(broker.sent.slice(sent)).toMatchObject([{ type: 'market', side: way, quantity: '50', reduceOnly: true }])
  broker.fill(broker.sent.at(-1)?.clientOrderId ?? '', '50', '99', 't10')
  await kernel.settled()
  expect(kernel.portfolio().positions).toEqual([])
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})

test.each([
  ['before', ['busted', 'filled']],
  ['after', ['filled', 'busted']],
] as const)(
  'I04 I13 a bust that is told %s the execution that left what it took back leaves nothing behind',
  async (_, words) => {
    const { bench, id } = await holding(['30', '20'])
    const { broker, kernel } = bench
    await kernel.flatten(ada)
    await kernel.settled()
    const exit = broker.sent.at(-1)?.clientOrderId ?? ''
    broker.fill(exit, '20', '99', 't8')
    await kernel.settled()
    for (const word of words) {
      if (word === 'busted') broker.say(id, { type: 'busted', tradeId: 't1' })
      else broker.fill(exit, '30', '99', 't9')
      await kernel.settled()
    }
    expect(kernel.portfolio().positions).toMatchObject([{ quantity: '-30' }])
    expect(tripOf(bench)).toMatchObject({ side: 'short', status: 'open', leaving: true })
    expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'buy', quantity: '30', reduceOnly: true })
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  },
)

test('a correction of what has ended moves its books and is no round trip of its own', async () => {
  const { bench, id } = await holding(['50'])
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? ''
  bench.broker.fill(stop, '50', '95', 't9')
  await bench.kernel.settled()
  correct(bench, id, 't1', { price: '101', quantity: '50' }, 'c1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ positions: [], realised: '-300' })
  expect(tripOf(bench)).toMatchObject({ status: 'closed', realised: '-300', entryNotional: '5050' })
  expect(bench.events.filter(({ type }) => type === 'position-closed')).toHaveLength(1)
})

test('I42 an execution of before a split that came when nothing was held is taken back in the units of now', async () => {
  const { bench, id } = await holding(['50'])
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? ''
  bench.broker.fill(stop, '50', '95', 't9')
  await bench.kernel.settled()
  await split(bench, 2, 1)
  bench.broker.say(stop, { type: 'busted', tradeId: 't9' })
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '100', openCost: '5000' }])
  expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '47.5', targetPrice: '60' })
  correct(bench, id, 't1', { price: '101', quantity: '40' }, 'c1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '80', openCost: '4040' }])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I02 I08 an order that a correction has made whole lives on until the venue says that it is filled', async () => {
  const { bench, id } = await holding(['30'])
  const statusOf = (): string | undefined => {
    const { orders } = JSON.parse(bench.kernel.snapshot()) as { orders: { state: { status: string } }[] }
    return orders[0]?.state.status
  }
  correct(bench, id, 't1', { price: '100', quantity: '50' }, 'c1')
  await bench.kernel.settled()
  expect(statusOf()).toBe('partially-filled')
  const seen = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '50' }
  bench.broker.held.set(id, { ...seen, status: 'filled' })
  await bench.kernel.reconcile()
  await bench.kernel.reconcile()
  expect(statusOf()).toBe('filled')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([
  ['corrected to less', '40', true],
  ['taken back, which the venue does not tell', '0', false],
])(
  'I01 I08 an order whose only execution was %s before anybody heard of it is over when the venue says so',
  async (_, filled, isTold) => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.executed = []
    })
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ exits: { stopPrice: '95', targetPrice: '120', maximumSessions: 5 } })
    const id = bench.broker.sent[0]?.clientOrderId ?? ''
    bench.now += 3_600_000
    if (isTold) bench.broker.executed?.push(changedExecution(bench, id, 'corrected'))
    bench.broker.balances.set('USD', isTold ? '95959' : '100000').set('AAA', filled)
    const seen = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: filled }
    bench.broker.held.set(id, { ...seen, status: 'filled' })
    await bench.kernel.reconcile()
    await bench.kernel.reconcile()
    await bench.kernel.settled()
    const { orders } = JSON.parse(bench.kernel.snapshot()) as { orders: { state: { status: string } }[] }
    expect(orders[0]?.state.status).toBe('canceled')
    expect(bench.kernel.portfolio().cash.USD).toMatchObject({ locked: '0' })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)

const figures = { fee: '1', feeCurrency: 'USD', referencePrice: '100', referenceTime: 0, liquidity: 'taker' } as const

/** What a venue tells of the execution of fifty units at 100, one of them taken back or put right since. */
function changedExecution(bench: KernelBench, clientOrderId: string, type: 'busted' | 'corrected'): OrderExecution {
  const now = type === 'busted' ? { quantity: '50', price: '100' } : { quantity: '40', price: '101' }
  return {
    clientOrderId,
    venueOrderId: 'v1',
    time: bench.now - 3_600_000,
    execution: { tradeId: 't1', ...figures, ...now },
    change: { type, eventId: 'change-1', time: bench.now },
  }
}

describe.each([
  ['busted', '100000', []],
  ['corrected', '95959', ['40']],
] as const)('an execution that was %s while the stream was down', (type, cash, held) => {
  const booked = ({ journal }: KernelBench): readonly string[] =>
    journal.flatMap(({ payload }) => {
      const event = bookingIn(payload as KernelRecord)?.event
      return event === undefined || event.type === 'deposit' ? [] : [event.type]
    })
  const quantities = ({ kernel }: KernelBench) => kernel.portfolio().positions.map(({ quantity }) => quantity)
  const showAt = ({ broker }: KernelBench): void => {
    broker.balances.set('USD', cash).set('AAA', held[0] ?? '0')
  }

  test.each(['known', 'missed too'])('I03 I24 is fetched and booked once, its execution being %s', async (fill) => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.executed = []
    })
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ exits: { stopPrice: '95', targetPrice: '120', maximumSessions: 5 } })
    const id = bench.broker.sent[0]?.clientOrderId ?? ''
    if (fill === 'known') bench.broker.fill(id, '50', '100', 't1')
    await bench.kernel.settled()
    bench.now += 86_400_000
    const told = changedExecution(bench, id, type)
    bench.broker.executed?.push(told)
    showAt(bench)
    await bench.kernel.reconcile()
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().cash.USD?.total).toBe(cash)
    expect(quantities(bench)).toEqual(held)
    expect(bench.kernel.halts()).toEqual([])
    // The stream may tell it after all, and the execution that came before it.
    const { length } = bench.journal
    const sayIt = async (): Promise<void> => {
      if (type === 'busted') bench.broker.say(id, { type, tradeId: 't1' }, 'change-1')
      else bench.broker.say(id, { type, execution: told.execution }, 'change-1')
      await bench.kernel.settled()
      await bench.kernel.reconcile()
    }
    await sayIt()
    // What was executed and taken back unheard makes no difference, and was not asked for.
    const unheard = type === 'busted' && fill !== 'known' ? 2 : 0
    expect(bench.journal).toHaveLength(length + unheard)
    await sayIt()
    expect(bench.journal).toHaveLength(length + unheard)
    if (fill !== 'known') bench.broker.fill(id, '50', '100', 't1')
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().cash.USD?.total).toBe(cash)
    expect(quantities(bench)).toEqual(held)
    expect(booked(bench).filter((kind) => kind === 'fill')).toHaveLength(1)
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('I03 I07 is booked once after a crash at any record of its booking', async () => {
    const { bench: first, id } = await holding(['50'])
    const before = first.journal.length
    first.now += 86_400_000
    const told = changedExecution(first, id, type)
    for (let records = 0; records <= 2; records += 1) {
      const again = await openKernelBench({ history: first.journal.slice(0, before + records) }, 0, (broker) => {
        broker.executed = [told]
        broker.balances.set('USD', cash).set('AAA', held[0] ?? '0')
      })
      expect(again.kernel.portfolio().cash.USD?.total).toBe(cash)
      expect(quantities(again)).toEqual(held)
      if (records === 0) first.journal.push(...again.journal)
    }
  })
})
