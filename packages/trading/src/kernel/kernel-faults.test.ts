import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { bookingIn } from './booking-in.js'
import { benchSecret, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelJournalEntry, KernelRecord, OrderEventRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const timeOut = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })

type Shown = {
  readonly orders: readonly {
    readonly header: { readonly purpose: string; readonly request: { readonly clientOrderId: string } }
    readonly state: { readonly status: string }
  }[]
}
const shownBy = (snapshot: string): Shown['orders'] => (JSON.parse(snapshot) as Shown).orders
const recordsOf = (journal: readonly KernelJournalEntry[]): readonly KernelRecord[] =>
  journal.map(({ payload }) => payload as KernelRecord)

test.each([
  ['halt', (bench: Bench) => bench.kernel.halt('halted', 'test')],
  ['reduce', (bench: Bench) => bench.kernel.reduce('test')],
  ['resume', (bench: Bench) => bench.kernel.resume({ operator: 'Ada', reason: 'test' })],
  ['changePolicy', (bench: Bench) => bench.kernel.changePolicy({}, { operator: 'Ada', reason: 'test' })],
  ['kill', (bench: Bench) => bench.kernel.kill('test')],
] as const)('I13 I14 %s is answered when it is durable, not before', async (_name, act) => {
  const bench = await openKernelBench({}, 1)
  await bench.kernel.halt('reducing', 'test')
  const written: number[] = []
  bench.onDurable = () => void written.push(bench.journal.length)
  await act(bench)
  expect(written.at(-1)).toBe(bench.journal.length)
})
type Bench = Awaited<ReturnType<typeof openKernelBench>>

test.each(['append', 'durable'] as const)(
  'I13 a freeze of which the journal failed to %s is not answered as done, and holds all the same',
  async (fails) => {
    let isFull = false
    const failing = (call: string): void => {
      if (isFull && call === fails) throw new Error('the disk is full')
    }
    const bench = await openKernelBench({
      journal: { append: () => failing('append'), durable: async () => failing('durable') },
    })
    const authorisation = { operator: 'Ada', reason: 'test' }
    isFull = true
    await expect(bench.kernel.freeze(authorisation)).rejects.toMatchObject({
      code: 'FREEZE_NOT_JOURNALLED',
      retryability: 'retryable',
    })
    expect(bench.kernel.tradingState().state).toBe('halted')
    isFull = false
    await bench.kernel.freeze(authorisation)
  },
)

test('I14 a kill that neither the journal nor its own store took is not answered as done, and holds all the same', async () => {
  const bench = await openKernelBench({}, 1)
  bench.killStore.failing = true
  bench.onDurable = () => {
    throw new Error('the database is locked')
  }
  await expect(bench.kernel.kill('test')).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_STORED' })
  expect(bench.kernel.tradingState().state).toBe('halted')
  bench.killStore.failing = false
  await expect(bench.kernel.kill('test')).resolves.toBeUndefined()
  expect(bench.killStore.saved?.engaged).toBe(true)
})

test('I14 a reset that could not be made durable leaves the kill switch engaged', async () => {
  const bench = await openKernelBench({}, 1)
  await bench.kernel.kill('test')
  bench.onDurable = () => {
    throw new Error('the database is locked')
  }
  const authorisation = { operator: 'Ada', secret: benchSecret }
  await expect(bench.kernel.resetKillSwitch(authorisation)).rejects.toThrow('locked')
  expect(bench.kernel.tradingState().state).toBe('halted')
  expect(bench.killStore.saved?.engaged).toBe(true)
  bench.onDurable = () => undefined
  await bench.kernel.resetKillSwitch(authorisation)
  expect(bench.kernel.tradingState().state).toBe('active')
})

test('I03 an execution that was written down and not booked before a crash is booked at the start', async () => {
  const first = await openKernelBench()
  await first.enter()
  first.broker.fill(first.broker.sent[0]?.clientOrderId ?? '', '50', '100', 't1')
  await first.kernel.settled()
  const word = recordsOf(first.journal).findIndex(
    (record) => record.type === 'order-event' && record.event.type === 'filled',
  )
  const { entry: _, side: __, ...unbooked } = recordsOf(first.journal)[word] as OrderEventRecord
  const history = [...first.journal.slice(0, word), { payload: unbooked }]
  const again = await openKernelBench({ history }, 0, (broker) => {
    broker.balances.set('USD', '94999')
    broker.balances.set('AAA', '50')
  })
  expect(again.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '50' }])
})

test('I23 a booking that the journal refused is written before anything else is', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '50', '100', 't1')
  await bench.kernel.settled()
  bench.refuse = ({ kind }) => kind === 'ledger'
  bench.broker.say(id, { type: 'busted', tradeId: 't1' })
  await bench.kernel.settled()
  bench.refuse = () => false
  bench.broker.fill(id, '50', '101', 't2')
  await bench.kernel.settled()
  const booked = recordsOf(bench.journal).flatMap((record) => bookingIn(record)?.event.type ?? [])
  expect(booked).toEqual(['deposit', 'fill', 'bust', 'fill'])
  expect(bench.kernel.tradingState().state).toBe('halted')
})

test('I03 I23 an execution that the journal refused has changed nothing, and is booked when it is told again', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '20', '100', 't1')
  await bench.kernel.settled()
  const before = bench.kernel.snapshot()
  bench.refuse = ({ kind }) => kind === 'ledger'
  bench.broker.fill(id, '30', '101', 't2')
  await bench.kernel.settled()
  expect(bench.kernel.snapshot()).toBe(before)
  expect(rebuildKernelState(bench.journal)).toBe(before)
  bench.refuse = () => false
  bench.broker.fill(id, '30', '101', 't2')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '50' }])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I13 a cancel that got no answer is asked for again where the venue still holds the order open', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  await bench.enter({ type: 'limit', limitPrice: '99' })
  const id = broker.sent[0]?.clientOrderId ?? ''
  broker.held.set(id, {
    clientOrderId: id,
    venueOrderId: 'v1',
    symbol: 'AAA',
    status: 'open',
    quantity: '50',
    filledQuantity: '0',
  })
  broker.onCancel = timeOut
  await kernel.halt('halted', 'test')
  expect(broker.cancels).toEqual([id])
  broker.onCancel = 'cancel'
  await bench.session(100, ['pre-open'])
  expect(broker.cancels).toEqual([id, id])
  expect(shownBy(kernel.snapshot())[0]?.state.status).toBe('canceled')
})

test('I13 while trading is halted an entry whose cancel was refused is asked to be cancelled with every event of a session', async () => {
  const bench = await openKernelBench()
  await bench.enter({ type: 'limit', limitPrice: '99' })
  bench.broker.onCancel = new SwarmError({ code: 'RATE_LIMITED', message: '429', retryability: 'retryable' })
  await bench.kernel.halt('halted', 'test')
  bench.broker.onCancel = 'cancel'
  await bench.session(100, ['pre-open'])
  expect(shownBy(bench.kernel.snapshot())[0]?.state.status).toBe('canceled')
})

test('a rejection is told with its code and its message', async () => {
  const bench = await openKernelBench()
  bench.broker.onPlace = () => 'silent'
  await bench.enter()
  const rejection = { code: 'POST_ONLY_WOULD_TRADE', message: 'limitPrice: it would trade at once' }
  bench.broker.say(bench.broker.sent[0]?.clientOrderId ?? '', { type: 'rejected', ...rejection })
  await bench.kernel.settled()
  const told = bench.events.filter((event) => event.type === 'order')
  expect(told.at(-1)).toMatchObject({ status: 'rejected', rejection })
  expect(told.slice(0, -1).filter((event) => 'rejection' in event)).toEqual([])
})

test('I06 an order that could not be made durable is not sent, and is no longer under way', async () => {
  const bench = await openKernelBench()
  bench.onDurable = () => {
    throw new Error('the database is locked')
  }
  await expect(bench.enter()).rejects.toThrow('JOURNAL_NOT_DURABLE')
  bench.onDurable = () => undefined
  expect(bench.broker.sent).toEqual([])
  expect(shownBy(bench.kernel.snapshot())[0]?.state.status).toBe('rejected')
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I29 a target that the venue refuses again and again keeps no stop from being sent', async () => {
  const bench = await openKernelBench()
  const { broker, kernel } = bench
  await bench.enter()
  const entry = broker.sent[0]?.clientOrderId ?? ''
  broker.onPlace = ({ type }) => (type === 'limit' ? new SwarmError({ code: 'NO', message: 'held' }) : 'accept')
  for (let fill = 1; fill <= 10; fill += 1) {
    broker.fill(entry, '5', '100', `t${fill}`)
    await kernel.settled()
  }
  const stops = broker.sent.filter(({ type }) => type === 'stop').map(({ quantity }) => Number(quantity))
  expect(stops.reduce((sum, quantity) => sum + quantity, 0)).toBe(50)
})

test('I08 an unknown order for the day is not given up while its request may still be under way', async () => {
  const bench = await openKernelBench()
  bench.broker.onPlace = () => timeOut
  await bench.enter()
  await bench.session(100)
  bench.now += 59_000
  await bench.kernel.onMarket({
    type: 'session',
    phase: 'close',
    calendar: 'us-equity',
    sessionDate: '2014-01-01',
    time: bench.now,
  })
  expect(shownBy(bench.kernel.snapshot())[0]?.state.status).toBe('unknown')
})

test('I08 an order of unknown fate stays so when a cancel of it could not be written, and is cancelled when it surfaces', async () => {
  const bench = await openKernelBench()
  let id = ''
  bench.broker.onPlace = (request) => {
    id = request.clientOrderId
    return timeOut
  }
  const orderId = await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
  bench.onDurable = () => {
    throw new Error('the disk is full')
  }
  await bench.kernel.cancel(orderId, 'test')
  bench.onDurable = () => undefined
  expect(bench.broker.cancels).toEqual([])
  expect(shownBy(bench.kernel.snapshot())[0]?.state.status).toBe('unknown')
  const seen = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '0' }
  bench.broker.held.set(id, { ...seen, status: 'open' })
  await bench.market({ type: 'quote', symbol: 'CCC', time: bench.now + 5_000, bid: '99', ask: '101' })
  await bench.kernel.settled()
  expect(bench.broker.cancels).toEqual([id])
  expect(shownBy(bench.kernel.snapshot())[0]?.state.status).toBe('canceled')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([
  ['a cancel', 'canceled'],
  ['an order', 'accepted'],
] as const)('I13 I08 %s that was under way at a crash is asked for until the venue answers', async (what, end) => {
  const first = await openKernelBench()
  first.broker.onPlace = () => (what === 'a cancel' ? 'accept' : 'silent')
  const orderId = await first.enter({ type: 'limit', limitPrice: '99' })
  first.broker.onCancel = 'silent'
  if (what === 'a cancel') await first.kernel.cancel(orderId, 'test')
  const id = first.broker.sent[0]?.clientOrderId ?? ''
  const again = await openKernelBench({ history: first.journal }, 0, (broker) => {
    // The first question alone goes wrong, so that the start reconciles all the same.
    const refusals = [new SwarmError({ code: 'RATE_LIMITED', message: '429', retryability: 'retryable' })]
    Object.defineProperty(broker, 'onLookup', { get: () => refusals.shift() })
    const place = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', status: 'open', quantity: '50' } as const
    broker.held.set(id, { ...place, filledQuantity: '0' })
  })
  again.now += 1_000
  await again.session(100, ['pre-open'])
  expect(shownBy(again.kernel.snapshot())[0]?.state.status).toBe(end)
})

test('I18 a journal that was cut off after its first record gets its opening balance at the start', async () => {
  const first = await openKernelBench({}, 1)
  const again = await openKernelBench({ history: first.journal.slice(0, 1) }, 1)
  expect(recordsOf(again.journal)[0]).toMatchObject({ type: 'booked', event: { type: 'deposit', amount: '100000' } })
  expect(again.kernel.portfolio().netDeposits).toBe('100000')
})
