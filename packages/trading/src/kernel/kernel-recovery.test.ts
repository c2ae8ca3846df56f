import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { OrderExecution, VenueOrder } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { OrderEventRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

const timeOut = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
const orders = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const alerts = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
const held = (clientOrderId: string, fields: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId,
  venueOrderId: 'v1',
  symbol: 'AAA',
  status: 'open',
  quantity: '50',
  filledQuantity: '0',
  ...fields,
})
const executed = (clientOrderId: string, tradeId: string, quantity: string, time: number): OrderExecution => ({
  clientOrderId,
  venueOrderId: 'v1',
  time,
  execution: {
    tradeId,
    price: '100',
    quantity,
    fee: '1',
    feeCurrency: 'USD',
    referencePrice: '100',
    referenceTime: time,
    liquidity: 'taker',
  },
})
/** Somewhere that the ids of dead orders may be used again. */
const forgetful = (broker: ScriptedBroker): void => {
  broker.capabilities = { ...ablest, clientOrderIds: 'live', requestLifetimeMs: 5_000 }
  broker.executed = []
}
const atOpen = (bench: KernelBench): Promise<void> => bench.session(100, ['pre-open', 'open'])
const tick = async (bench: KernelBench, ms: number): Promise<void> => {
  bench.now += ms
  await bench.market({ type: 'open', symbol: 'FFF', sessionDate: '2014-05-07', time: bench.now, price: '100' })
}

/** An entry in the middle of a session that got no answer. */
async function unanswered(prepare?: (broker: ScriptedBroker) => void, timeInForce: 'gtc' | 'day' = 'gtc') {
  const bench = await openKernelBench({}, 80, prepare)
  await atOpen(bench)
  const asked: string[] = []
  bench.broker.onPlace = (request) => {
    asked.push(request.clientOrderId)
    return timeOut
  }
  await bench.enter({ timeInForce })
  const id = asked[0] ?? ''
  return { bench, asked, id }
}

test('I09 where a used id is refused, an unknown order is looked up, and then sent again under the same id', async () => {
  const { bench, asked, id } = await unanswered()
  bench.broker.onPlace = () => 'accept'
  await tick(bench, 1_000)
  await bench.kernel.settled()
  expect(asked).toEqual([id])
  expect(bench.broker.sent.map(({ clientOrderId }) => clientOrderId)).toEqual([id])
  expect(orders(bench)[0]?.state.status).toBe('accepted')
  expect(new Set(bench.journal.map((entry) => entry.id)).size).toBe(bench.journal.length)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I09 an id that the venue has already is no refusal: the order is there, and a look-up tells', async () => {
  const { bench, id } = await unanswered()
  bench.broker.onPlace = () => new SwarmError({ code: 'DUPLICATE_CLIENT_ORDER_ID', message: 'used' })
  await tick(bench, 1_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  bench.broker.held.set(id, held(id))
  await tick(bench, 2_000)
  expect(orders(bench)[0]?.state.status).toBe('accepted')
})

test.each([
  ['the venue refuses', () => new SwarmError({ code: 'INSUFFICIENT_FUNDS', message: 'not enough' })],
  ['our own journal holds back', undefined],
] as const)('I08 a second sending that %s ends no order whose first may still arrive', async (_, refusal) => {
  const { bench, asked, id } = await unanswered()
  let isDurable = true
  bench.onDurable = () => {
    if (!isDurable) throw new Error('the database is locked')
  }
  bench.broker.onPlace = (request) => {
    asked.push(request.clientOrderId)
    return refusal?.() ?? 'accept'
  }
  isDurable = refusal !== undefined
  await tick(bench, 1_000)
  isDurable = true
  await bench.kernel.settled()
  expect(asked).toHaveLength(refusal === undefined ? 1 : 2)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  expect(bench.kernel.portfolio().cash.USD?.locked).not.toBe('0')
  expect(alerts(bench).filter((code) => code === 'ORDER_UNKNOWN')).toHaveLength(2)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  bench.broker.held.set(id, held(id))
  await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('accepted')
})

test('I08 an order whose second sending was refused is given up when its requests can no longer arrive', async () => {
  const { bench } = await unanswered((broker) => {
    broker.capabilities = { ...ablest, requestLifetimeMs: 5_000 }
    broker.executed = []
  })
  bench.broker.onPlace = () => new SwarmError({ code: 'INSUFFICIENT_FUNDS', message: 'not enough' })
  await tick(bench, 4_000)
  // The second permit holds for five seconds from now, whatever became of its use.
  await tick(bench, 9_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  for (let minute = 0; minute < 3; minute += 1) await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('expired')
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I09 an unknown order is sent again a few times at most, and look-ups become rarer', async () => {
  const { bench, asked } = await unanswered()
  let lookUps = 0
  const { order } = bench.broker.opened()
  Object.assign(bench.broker.opened(), {
    order: (id: string) => {
      lookUps += 1
      return order(id)
    },
  })
  for (let second = 0; second < 300; second += 1) await tick(bench, 1_000)
  expect(asked).toHaveLength(4)
  expect(lookUps).toBeLessThan(14)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  expect(bench.kernel.portfolio().cash.USD?.locked).not.toBe('0')
})

test('I09 where ids may be used again, nothing is sent a second time, and the order ends when its request can no longer act', async () => {
  const { bench, asked } = await unanswered(forgetful)
  await tick(bench, 1_000)
  await tick(bench, 3_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  // The permit holds for five seconds: so late it may have been sent, and so much later it may take effect.
  await tick(bench, 5_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  await tick(bench, 5_000)
  expect(orders(bench)[0]?.state.status).toBe('expired')
  expect(asked).toHaveLength(1)
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I08 a clock of the venue that lags behind keeps an order unknown for longer', async () => {
  const { bench } = await unanswered(forgetful)
  bench.broker.aheadMs = -300_000
  await tick(bench, 60_000)
  await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
})

test('I09 an execution that shows the order keeps it alive though a look-up does not find it', async () => {
  const { bench, id } = await unanswered(forgetful)
  bench.broker.executed?.push(executed(id, 't1', '50', bench.now))
  await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
})

test('I08 where no lifetime is known and ids may be used again, an unknown order is never given up or sent on a guess', async () => {
  const { bench, asked } = await unanswered((broker) => {
    broker.capabilities = { ...ablest, clientOrderIds: 'live' }
    broker.executed = []
  })
  for (let minute = 0; minute < 20; minute += 1) await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  expect(asked).toHaveLength(1)
})

test('I08 nor is one of a type whose requests have no known lifetime, where those of others have', async () => {
  const { bench, asked } = await unanswered((broker) => {
    broker.capabilities = {
      ...ablest,
      clientOrderIds: 'live',
      requestLifetimeMs: 5_000,
      requestLifetimeOf: ['limit'],
    }
    broker.executed = []
  })
  for (let minute = 0; minute < 20; minute += 1) await tick(bench, 60_000)
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  expect(asked).toHaveLength(1)
})

test('I08 one that surfaces after its cancel was asked for is adopted and cancelled', async () => {
  const { bench, id } = await unanswered(forgetful)
  bench.broker.onCancel = new SwarmError({ code: 'ORDER_NOT_FOUND', message: 'no such order' })
  await bench.kernel.cancel(orders(bench)[0]?.header.orderId ?? '', 'changed my mind')
  expect(orders(bench)[0]?.state.status).toBe('unknown')
  bench.broker.onCancel = 'cancel'
  bench.broker.held.set(id, held(id))
  await tick(bench, 2_000)
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([id, id])
  expect(orders(bench)[0]?.state.status).toBe('canceled')
})

describe('I08 a cancel that is refused by an event, since the venue knows no such order', () => {
  const refuse = (bench: KernelBench, id: string): void =>
    bench.broker.say(id, { type: 'cancel-rejected', code: 'ORDER_NOT_FOUND', message: 'no such order' })

  test('leaves an order of unknown fate unknown, and it is cancelled when it surfaces', async () => {
    const { bench, id } = await unanswered(forgetful)
    bench.broker.onCancel = 'silent'
    await bench.kernel.cancel(orders(bench)[0]?.header.orderId ?? '', 'changed my mind')
    refuse(bench, id)
    await bench.kernel.settled()
    expect(orders(bench)[0]?.state.status).toBe('unknown')
    bench.broker.onCancel = 'cancel'
    bench.broker.held.set(id, held(id))
    await tick(bench, 2_000)
    await bench.kernel.settled()
    expect(bench.broker.cancels).toEqual([id, id])
    expect(orders(bench)[0]?.state.status).toBe('canceled')
  })

  test('does not keep it from being given up when its request can no longer act', async () => {
    const { bench, id } = await unanswered(forgetful)
    bench.broker.onCancel = 'silent'
    await bench.kernel.cancel(orders(bench)[0]?.header.orderId ?? '', 'changed my mind')
    refuse(bench, id)
    await bench.kernel.settled()
    await tick(bench, 11_000)
    await bench.kernel.settled()
    expect(orders(bench)[0]?.state.status).toBe('expired')
    expect(bench.kernel.portfolio().cash.USD).toMatchObject({ locked: '0' })
  })

  test('says of an order that the venue has spoken of that it was not cancelled', async () => {
    const bench = await openKernelBench()
    await atOpen(bench)
    bench.broker.onCancel = 'silent'
    await bench.enter({ timeInForce: 'gtc' })
    await bench.kernel.cancel(orders(bench)[0]?.header.orderId ?? '', 'changed my mind')
    expect(orders(bench)[0]?.state.status).toBe('pending-cancel')
    refuse(bench, bench.broker.sent[0]?.clientOrderId ?? '')
    await bench.kernel.settled()
    expect(orders(bench)[0]?.state.status).toBe('accepted')
  })
})

test('I03 I28 executions that a stream lost are fetched and booked, once, whatever else tells of them', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.executed = []
  })
  await atOpen(bench)
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.executed?.push(executed(id, 't1', '20', bench.now), executed(id, '', '30', bench.now))
  bench.broker.held.set(id, held(id, { filledQuantity: '50' }))
  await bench.kernel.reconcile()
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '50' }])
  expect(alerts(bench)).not.toContain('MISSING_EXECUTIONS')
  const length = bench.journal.length
  bench.broker.fill(id, '20', '100', 't1')
  bench.broker.say(id, { type: 'filled', execution: executed(id, '', '30', bench.now).execution })
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '50' }])
  expect(bench.journal).toHaveLength(length)
  const again = await openKernelBench({ history: bench.journal }, 0, (broker) => {
    broker.executed = bench.broker.executed
    broker.held.set(id, held(id, { filledQuantity: '50', status: 'filled' }))
    broker.balances.set('USD', '94998').set('AAA', '50')
  })
  await again.kernel.reconcile()
  expect(again.kernel.portfolio().positions).toMatchObject([{ quantity: '50' }])
})

test('I03 an execution whose venue has a clock that lags behind ours is fetched all the same', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.executed = []
  })
  await atOpen(bench)
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.executed?.push(executed(id, 't1', '50', bench.now - 300_000))
  bench.broker.held.set(id, held(id, { filledQuantity: '50' }))
  await bench.kernel.reconcile()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '50' }])
})

test('where executions cannot be asked for, missing ones are told, once', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.held.set(id, held(id, { filledQuantity: '20' }))
  await bench.kernel.reconcile()
  await bench.kernel.reconcile()
  expect(alerts(bench).filter((code) => code === 'MISSING_EXECUTIONS')).toHaveLength(1)
})

test('I06 the id under which an order is asked for after a restart is the one it was sent under', async () => {
  const { bench, id } = await unanswered()
  const again = await openKernelBench({ history: bench.journal }, 0, (broker) => void broker.held.set(id, held(id)))
  expect(orders(again)[0]?.state.status).toBe('accepted')
})

test('I03 a correction moves books and round trip, and a bust after it takes back what was corrected', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '50', '100', 't1')
  await bench.kernel.settled()
  const corrected = { ...executed(id, 't1', '40', bench.now).execution, price: '99' }
  for (let telling = 0; telling < 2; telling += 1)
    bench.broker.say(id, { type: 'corrected', execution: corrected }, 'c1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ positions: [{ quantity: '40', openCost: '3960' }], fees: '1' })
  const { roundTrips } = JSON.parse(bench.kernel.snapshot()) as { roundTrips: { AAA: object } }
  expect(roundTrips.AAA).toMatchObject({ entryQuantity: '40', entryNotional: '3960', status: 'open' })
  bench.now += 1
  bench.broker.say(id, { type: 'corrected', execution: { ...corrected, quantity: '45' } }, 'c2')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '45' }])
  bench.broker.say(id, { type: 'busted', tradeId: 't1' })
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ positions: [], cash: { USD: { total: '100000' } } })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 an exit of unknown fate is not sent again while it is more than what is held and not being left already', async () => {
  const bench = await openKernelBench()
  const { broker, kernel } = bench
  await atOpen(bench)
  await bench.enter()
  const entry = broker.sent[0]?.clientOrderId ?? ''
  const stops: string[] = []
  broker.onPlace = ({ type, clientOrderId }) => {
    if (type === 'stop') stops.push(clientOrderId)
    return type === 'stop' ? timeOut : 'accept'
  }
  broker.fill(entry, '50', '100')
  await kernel.settled()
  const target = broker.sent.find(({ type }) => type === 'limit')?.clientOrderId ?? ''
  broker.fill(target, '20', '110')
  await kernel.settled()
  for (let second = 0; second < 10; second += 1) await tick(bench, 1_000)
  expect(stops).toHaveLength(1)
})

test.each(['fill', 'bust'])(
  'I07 I23 a crash between the word of a %s and its booking: it is booked at the restart',
  async (kind) => {
    const bench = await openKernelBench()
    await bench.enter()
    const id = bench.broker.sent[0]?.clientOrderId ?? ''
    bench.broker.fill(id, '50', '100', 't1')
    await bench.kernel.settled()
    if (kind === 'bust') bench.broker.say(id, { type: 'busted', tradeId: 't1' })
    await bench.kernel.settled()
    const history = kind === 'bust' ? untilBust(bench.journal) : withoutBooking(bench.journal)
    const again = await openKernelBench({ history }, 0)
    const { positions, cash } = again.kernel.portfolio()
    expect(positions.map(({ quantity }) => quantity)).toEqual(kind === 'fill' ? ['50'] : [])
    expect(cash.USD?.total).toBe(kind === 'fill' ? '94999' : '100000')
    expect(rebuildKernelState([...history, ...again.journal])).toBe(again.kernel.snapshot())
    const whole = await openKernelBench({ history: bench.journal }, 0)
    expect(whole.journal.filter(({ id: line }) => line.includes(':ledger:'))).toEqual([])
  },
)

type Line = { readonly id: string; readonly payload: unknown }

function untilBust(journal: readonly Line[]): readonly Line[] {
  return journal.slice(
    0,
    journal.findIndex(({ id }) => id.includes('ledger:bust')),
  )
}

/** Up to the first execution, which was noted though it could not be booked: the two are one line otherwise. */
function withoutBooking(journal: readonly Line[]): readonly Line[] {
  const at = journal.findIndex(({ id }) => id.includes(':filled:'))
  const { id, payload } = journal[at] as Line
  const { entry: _, side: __, ...word } = payload as OrderEventRecord
  return [...journal.slice(0, at), { id, payload: word }]
}

test('an order that is sized in the currency misses nothing while the venue counts what the books hold', async () => {
  const bench = await openKernelBench()
  await bench.enter({ sizedIn: 'quote', quantity: '5000' })
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '20', '100')
  bench.broker.held.set(id, held(id, { quantity: '5000', filledQuantity: '2000' }))
  await bench.kernel.settled()
  await bench.kernel.reconcile()
  expect(alerts(bench)).not.toContain('MISSING_EXECUTIONS')
  bench.broker.held.set(id, held(id, { quantity: '5000', filledQuantity: '2100' }))
  await bench.kernel.reconcile()
  expect(alerts(bench)).toContain('MISSING_EXECUTIONS')
})

test('I15 a day that began while a holding had no price takes its baseline though the holding is left before any came', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? ''
  let now = bench.now
  const brokerContext = { ...bench.broker.context(), clock: { now: () => now } }
  const again = await openKernelBench({ history: bench.journal, brokerContext }, 0, (broker) => {
    broker.balances.set('USD', '94999').set('AAA', '50')
  })
  const baseline = () =>
    (JSON.parse(again.kernel.snapshot()) as { risk: { dayStartEquity?: string } }).risk.dayStartEquity
  now += 20 * 3_600_000
  const at = { time: now, sessionDate: '2014-05-07' }
  await again.kernel.onMarket({ type: 'session', phase: 'pre-open', calendar: 'us-equity', ...at })
  expect(baseline()).toBeUndefined()
  again.broker.fill(stop, '50', '95')
  await again.kernel.settled()
  await again.kernel.onMarket({ type: 'trade', symbol: 'BBB', time: now, price: '100', quantity: '1' })
  expect(baseline()).toBe(again.kernel.portfolio().equity)
})
