import { expect, test } from 'vitest'
import type { DividendEvent } from '../market/market-event.js'
import type { VenueMovement } from '../orders/broker.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const ann = { operator: 'ann', reason: 'the statement of the venue' }

test('money that moves without a trade is booked by a person, once, and rebuilt with the rest', async () => {
  const bench = await openKernelBench()
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500.5' }, ann)
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500.5' }, ann)
  await bench.kernel.book({ type: 'withdrawal', eventId: 'wire-2', amount: '500.25' }, ann)
  await bench.kernel.book({ type: 'interest', eventId: 'interest-may', amount: '-1.25' }, ann)
  await bench.kernel.book({ type: 'borrow', eventId: 'borrow-1', symbol: 'AAA', amount: '0.75' }, ann)
  expect(bench.kernel.portfolio()).toMatchObject({
    netDeposits: '102000.25',
    cash: { USD: { total: '101998.25', free: '101998.25', locked: '0' } },
  })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('a movement told again with other figures is refused, and the first booking stands', async () => {
  const bench = await openKernelBench()
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500' }, ann)
  const entries = bench.journal.length
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500.00', currency: 'USD' }, ann)
  for (const other of [{ amount: '250' }, { type: 'interest' }] as const)
    await expect(
      bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500', ...other }, ann),
    ).rejects.toMatchObject({
      code: 'INVALID_LEDGER_EVENT',
      message: expect.stringMatching(
        /^book: eventId "wire-1" was booked with other figures before, in entry ledger-\d+/,
      ),
    })
  await expect(
    bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500', currency: 'EUR' }, ann),
  ).rejects.toMatchObject({ code: 'INVALID_LEDGER_EVENT', context: { field: 'deposit.currency' } })
  expect(bench.journal).toHaveLength(entries)
  expect(bench.kernel.portfolio().netDeposits).toBe('102500')
})

test.each([
  ['a withdrawal', { type: 'withdrawal', amount: '100000.01' }, 'withdrawal.amount'],
  ['a negative deposit', { type: 'deposit', amount: '-100000.01' }, 'deposit.amount'],
  ['a transfer to elsewhere', { type: 'transfer', amount: '-100000.01' }, 'transfer.amount'],
  ['a withdrawal in what there is none of', { type: 'withdrawal', amount: '1', currency: 'AAA' }, 'withdrawal.amount'],
] as const)('%s of more than the cash is refused, names the field and books nothing', async (_, movement, field) => {
  const bench = await openKernelBench()
  const entries = bench.journal.length
  await expect(bench.kernel.book({ ...movement, eventId: 'out' }, ann)).rejects.toMatchObject({
    code: 'INVALID_LEDGER_EVENT',
    context: { field },
    message: expect.stringContaining('takes out more than'),
  })
  expect(bench.journal).toHaveLength(entries)
})

test('all of the cash can be taken out, and told again when it is gone that changes nothing', async () => {
  const bench = await openKernelBench()
  const all = { type: 'withdrawal', eventId: 'out', amount: '100000' } as const
  for (let told = 0; told < 2; told += 1) await bench.kernel.book(all, ann)
  expect(bench.kernel.portfolio().cash.USD?.total).toBe('0')
  expect(bench.events.filter(({ type }) => type === 'alert')).toEqual([])
})

test.each(['by the venue', 'by a person'] as const)(
  'a charge beyond the cash that is told %s is booked, alerted once, and pays for no entry',
  async (who) => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.moved = []
    })
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter()
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    await bench.kernel.book({ type: 'withdrawal', eventId: 'out', amount: '94998' }, ann)
    const charge = { type: 'fee', amount: '5', eventId: 'fee-1' } as const
    for (const eventId of ['fee-1', 'fee-2']) {
      if (who === 'by a person') await bench.kernel.book({ ...charge, eventId }, ann)
      else bench.broker.move({ ...charge, eventId, time: bench.now, currency: 'USD' })
      await bench.kernel.settled()
    }
    expect(bench.kernel.portfolio().cash.USD?.total).toBe('-9')
    expect(bench.events.filter(({ type }) => type === 'alert')).toMatchObject([{ code: 'CASH_BELOW_ZERO' }])
    expect(await bench.kernel.assess(bench.intent({ symbol: 'BBB', quantity: '1' }))).toMatchObject({
      status: 'denied',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'NOTIONAL_EXCEEDS_FREE_BALANCE' })]),
    })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)

test.each([
  ['nobody', { type: 'deposit', eventId: 'x', amount: '1' }, { operator: '', reason: '' }, 'NOT_AUTHORIZED'],
  ['no number', { type: 'deposit', eventId: 'x', amount: '1e309' }, ann, 'INVALID_DECIMAL'],
  [
    'a trade',
    { type: 'bust', eventId: 'x', account: 'test', symbol: 'AAA', tradeId: 't' },
    ann,
    'INVALID_LEDGER_EVENT',
  ],
  [
    'units',
    { type: 'transfer', eventId: 'x', symbol: 'AAA', asset: 'AAA', quantity: '1', cost: '1' },
    ann,
    'INVALID_LEDGER_EVENT',
  ],
])('%s: refused, and nothing is booked', async (_, movement, who, code) => {
  const bench = await openKernelBench()
  const entries = bench.journal.length
  await expect(bench.kernel.book(movement as never, who)).rejects.toMatchObject({ code })
  expect(bench.journal).toHaveLength(entries)
})

const dividend = (bench: KernelBench, amountPerUnit: string, dividendId?: string): DividendEvent => ({
  type: 'dividend',
  symbol: 'AAA',
  sessionDate: '2014-05-20',
  time: bench.now,
  amountPerUnit,
  currency: 'USD',
  ...(dividendId === undefined ? {} : { dividendId }),
})

async function holding(): Promise<KernelBench> {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

test('I19 two dividends of one symbol on one date are both booked, each once, in whatever order they come again', async () => {
  const bench = await holding()
  const told = [dividend(bench, '0.50'), dividend(bench, '0.1')]
  for (const event of [...told, ...told, ...told.toReversed()]) await bench.market(event)
  expect(bench.kernel.portfolio().income).toBe('30')
  const booked = bench.journal.flatMap(({ payload }) => {
    const { type, event } = payload as { type: string; event?: { type: string; eventId: string } }
    return type === 'booked' && event?.type === 'dividend' ? [event.eventId] : []
  })
  expect(booked).toEqual(['dividend-AAA-2014-05-20', 'dividend-AAA-2014-05-20-0.1-USD'])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([0, 1, 2])('I19 after a crash behind %i of two dividends both are booked once', async (durable) => {
  const bench = await holding()
  const told = [dividend(bench, '0.5'), dividend(bench, '0.1')]
  const before = bench.journal.length
  for (const event of told) await bench.market(event)
  const history = bench.journal.slice(0, before + durable)
  const overrides = durable === 1 ? { history: [], snapshot: rebuildKernelState(history) } : { history }
  const again = await openKernelBench(overrides, 0, (broker) => {
    broker.balances.set('USD', '95029').set('AAA', '50')
  })
  again.now = bench.now
  for (const event of told.toReversed().concat(told)) await again.market(event)
  expect(again.kernel.portfolio().income).toBe('30')
})

test('I19 dividends that pay the same are told apart by the ids of their source', async () => {
  const bench = await holding()
  for (const id of ['regular', 'special', 'regular']) await bench.market(dividend(bench, '0.5', id))
  expect(bench.kernel.portfolio().income).toBe('50')
})

const borrowed = (bench: KernelBench, day: number): VenueMovement => ({
  type: 'borrow',
  eventId: `borrow-AAA-${day}`,
  time: bench.now,
  symbol: 'AAA',
  currency: 'USD',
  amount: '0.75',
})

test('I19 what the venue tells of the cost of borrowing is booked, once however often it is told', async () => {
  const bench = await openKernelBench()
  for (const day of [1, 2, 1]) bench.broker.move(borrowed(bench, day))
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ income: '-1.5', cash: { USD: { total: '99998.5' } } })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([0, 1, 2])(
  'I19 I24 after a crash behind %i of two bookings the rest is fetched when books and venue are compared',
  async (durable) => {
    const first = await openKernelBench()
    const before = first.journal.length
    const told = [borrowed(first, 1), borrowed(first, 2)]
    for (const movement of told) first.broker.move(movement)
    await first.kernel.settled()
    const again = await openKernelBench({ history: first.journal.slice(0, before + durable) }, 0, (broker) => {
      broker.balances.set('USD', '99998.5')
      broker.moved = told
    })
    expect(again.kernel.portfolio().income).toBe('-1.5')
    expect(again.events).toMatchObject(durable === 2 ? [] : [{ type: 'portfolio' }, ...(durable === 0 ? [{}] : [])])
    const { length } = again.journal
    await again.kernel.reconcile()
    expect(again.journal).toHaveLength(length)
  },
)

test('I19 a movement that cannot be booked is told of, and keeps none of the others out; what the books were opened with is not booked again', async () => {
  const bench = await openKernelBench({}, 0, (broker) => {
    broker.balances.set('USD', '99998.5')
    broker.moved = []
  })
  const told = [borrowed(bench, 1), { ...borrowed(bench, 2), amount: '1e309' }, borrowed(bench, 3)]
  bench.broker.moved = [{ ...borrowed(bench, 0), time: bench.now - 60_000 }, ...told]
  await bench.kernel.reconcile()
  for (const movement of told) bench.broker.move(movement)
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ income: '-1.5', cash: { USD: { total: '99998.5' } } })
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'BOOKING_FAILED' }))
})

/** Fifty units of a contract are held since an instant, at a venue that tells nothing of what it moves. */
async function heldContract(): Promise<{ readonly bench: KernelBench; readonly since: number }> {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.terms = { kind: 'perpetual', multiplier: '0.01' }
    broker.tellsMovements = false
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return { bench, since: bench.now }
}

const fundingAt = (time: number) => ({ type: 'funding', symbol: 'AAA', time, rate: '0.001', price: '100' }) as const

test('funding of which the venue tells nothing is durable before anything else happens', async () => {
  const { bench, since } = await heldContract()
  let durable = 0
  bench.onDurable = () => {
    durable = bench.journal.length
  }
  await bench.market(fundingAt(since + 1))
  expect(bench.journal.at(-1)?.payload).toMatchObject({ event: { type: 'funding', amount: '-0.05' } })
  expect(durable).toBe(bench.journal.length)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('funding that is heard after an execution counts what was held at its instant', async () => {
  const { bench, since } = await heldContract()
  const funding = fundingAt(since + 1)
  bench.now = since + 2
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')
  bench.broker.fill(stop?.clientOrderId ?? '', '50', '95')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toEqual([])
  await bench.kernel.onMarket(funding)
  await bench.market(fundingAt(since + 3))
  const booked = bench.journal.flatMap(({ payload }) => {
    const record = payload as KernelRecord
    return record.type === 'booked' && record.event.type === 'funding' ? [record.event.amount] : []
  })
  expect(booked).toEqual(['-0.05'])
})

test('I19 a dividend that the venue tells of is booked as it was paid, once, and what a feed announces of it is not', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.moved = []
    broker.capabilities = { ...ablest, tellsDividends: true }
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  const { income } = bench.kernel.portfolio()
  await bench.kernel.onMarket(dividend(bench, '0.333'))
  expect(bench.kernel.portfolio().income).toBe(income)
  const said = { time: bench.now, currency: 'USD', symbol: 'AAA', type: 'dividend' } as const
  for (let told = 0; told < 2; told += 1) {
    bench.broker.move({ ...said, eventId: 'div', amount: '16.65' })
    bench.broker.move({ ...said, eventId: 'tax', amount: '-2.5' })
  }
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toMatchObject({ income: '14.15', cash: { USD: { total: '95013.15' } } })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})
