import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'

test('a time-out leaves an order unknown with its reservation until the venue is asked', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  broker.onPlace = () => new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  await bench.enter()
  const { locked } = kernel.portfolio().cash.USD ?? { locked: '' }
  expect(locked).not.toBe('0')
  const snapshot = JSON.parse(kernel.snapshot()) as {
    orders: { header: { request: { clientOrderId: string } }; state: { status: string } }[]
  }
  expect(snapshot.orders[0]?.state.status).toBe('unknown')
  const clientOrderId = snapshot.orders[0]?.header.request.clientOrderId ?? ''
  broker.onLookup = new Error('still down')
  await bench.session(100, ['pre-open'])
  expect(kernel.portfolio().cash.USD?.locked).toBe(locked)
  broker.onLookup = undefined
  broker.held.set(clientOrderId, {
    clientOrderId,
    venueOrderId: 'v1',
    symbol: 'AAA',
    status: 'open',
    quantity: '50',
    filledQuantity: '0',
  })
  bench.now += 1_000
  await bench.session(100, ['open'])
  expect(kernel.snapshot()).toContain('"status":"accepted"')
})

test('an unknown order for the day is given up once its session has closed, not before', async () => {
  const bench = await openKernelBench()
  bench.broker.onPlace = () => new Error('socket hang up')
  await bench.enter()
  await bench.session(100)
  expect(bench.kernel.snapshot()).toContain('"status":"unknown"')
  bench.now += 1
  await bench.session(100, ['pre-open'])
  expect(bench.kernel.snapshot()).not.toContain('"status":"unknown"')
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I03 an event that comes again changes nothing, not even the journal', async () => {
  const bench = await openKernelBench()
  const { kernel, broker, journal, events } = bench
  await bench.enter()
  const id = broker.sent[0]?.clientOrderId ?? ''
  const execution = {
    tradeId: 't1',
    price: '100',
    quantity: '50',
    fee: '1',
    feeCurrency: 'USD',
    referencePrice: '100',
    referenceTime: 0,
    liquidity: 'taker',
  } as const
  const tellAll = async (): Promise<void> => {
    broker.say(id, { type: 'accepted' }, 'e1')
    broker.say(id, { type: 'filled', execution }, 'e2')
    broker.say(id, { type: 'cancel-rejected', code: 'LATE', message: 'too late' }, 'e3')
    broker.say(id, { type: 'busted', tradeId: 't1' }, 'e4')
    broker.say('nobody', { type: 'accepted' }, 'e5')
    await kernel.settled()
  }
  await tellAll()
  const [snapshot, length, told] = [kernel.snapshot(), journal.length, events.length]
  await tellAll()
  expect([kernel.snapshot(), journal.length, events.length]).toEqual([snapshot, length, told])
})

test('a second telling of an execution with other figures is told and not booked', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '20', '100', 't1')
  bench.broker.fill(id, '30', '100', 't1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toEqual([expect.objectContaining({ quantity: '20' })])
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'CONFLICTING_EXECUTION' }))
})

test('an order of somebody else is told once and touches no books', async () => {
  const bench = await openKernelBench()
  const before = bench.kernel.portfolio()
  bench.broker.fill('not-ours', '10', '100', 't1')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio()).toEqual(before)
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'EXTERNAL_ORDER' }))
})

test('what is sent was journalled and durable before', async () => {
  const bench = await openKernelBench()
  let durable = 0
  bench.onDurable = () => {
    durable = bench.journal.length
  }
  const unsafe: string[] = []
  bench.broker.onPlace = (request) => {
    const submitted = bench.journal.findLastIndex(({ id }) => id.endsWith(':submitted:submitted'))
    if (submitted < 0 || submitted >= durable) unsafe.push(request.clientOrderId)
    return 'accept'
  }
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  expect(bench.broker.sent).toHaveLength(3)
  expect(unsafe).toEqual([])
})

test('a journal that refuses stops entries before they are sent', async () => {
  const bench = await openKernelBench()
  const wanted = bench.intent()
  const assessed = await bench.kernel.assess(wanted)
  if (assessed.status === 'denied') throw new Error('denied')
  bench.journal.push = () => {
    throw new Error('disk full')
  }
  await expect(bench.kernel.submit(wanted, assessed.permitId)).rejects.toMatchObject({ code: 'KERNEL_JOURNAL_FAILED' })
  expect(bench.broker.sent).toEqual([])
  expect(bench.kernel.tradingState()).toMatchObject({ state: 'halted', reasons: ['the journal failed'] })
})

test('after a restart the exits of a held position are still there, and orders without an answer are asked for', async () => {
  const first = await openKernelBench()
  await first.enter()
  first.broker.fill(first.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await first.kernel.settled()
  first.broker.onPlace = () => 'silent'
  await first.enter({ symbol: 'BBB' })
  const again = await openKernelBench({ history: first.journal }, 0)
  expect(again.kernel.exits('AAA')).toEqual({ stopPrice: '95', targetPrice: '110', maximumSessions: 5 })
  expect(again.broker.sent).toEqual([])
  expect(again.kernel.snapshot()).toContain('"status":"unknown"')
  expect(again.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'BALANCE_MISMATCH' }))
})

test('entries wait until books and venue agree', async () => {
  const bench = await openKernelBench({ deposits: '90000' })
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({
    status: 'denied',
    findings: [{ code: 'RECONCILING' }],
  })
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'BALANCE_MISMATCH' }))
})

test('a venue that could not be asked at the start is asked again with the next session, and entries go on', async () => {
  const bench = await openKernelBench({}, 0, (broker) => {
    broker.onLookup = new Error('still down')
  })
  const told = (): readonly string[] => bench.events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
  for (let day = 0; day < 65; day += 1) await bench.session(100 + (day % 2) / 10)
  expect(told()).toEqual(['RECONCILIATION_FAILED'])
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ findings: [{ code: 'RECONCILING' }] })
  bench.broker.onLookup = undefined
  await bench.session(100, ['pre-open'])
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'permitted' })
})

test('I24 a difference with the venue is told once, told anew when it changes, and ends when books and venue agree', async () => {
  const bench = await openKernelBench({}, 0, (broker) => void broker.balances.set('USD', '90000'))
  const told = (): number =>
    bench.events.filter((event) => event.type === 'alert' && event.code === 'BALANCE_MISMATCH').length
  await bench.session()
  expect(told()).toBe(1)
  bench.broker.balances.set('USD', '95000')
  await bench.session()
  expect(told()).toBe(2)
  bench.broker.balances.set('USD', '100000')
  for (let day = 0; day < 65; day += 1) await bench.session(100 + (day % 2) / 10)
  expect(told()).toBe(2)
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({ status: 'permitted' })
})
