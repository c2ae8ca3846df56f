import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import type { RiskContext } from '../risk/risk-context.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const group: Partial<OrderIntent> = { contingency: { type: 'one-cancels-other', group: 'breakout' } }
const dip: Partial<OrderIntent> = { ...group, type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20' }
const rise: Partial<OrderIntent> = { ...group, type: 'stop', stopPrice: '102', timeInForce: 'gtc', quantity: '20' }
const entries = ({ broker }: KernelBench) => broker.sent.filter(({ side }) => side === 'buy')
const statuses = ({ kernel }: KernelBench): readonly string[] =>
  (JSON.parse(kernel.snapshot()) as { orders: { state: { status: string }; header: { purpose: string } }[] }).orders
    .filter(({ header }) => header.purpose === 'entry')
    .map(({ state }) => state.status)

test('of a group, any fill of one cancels the others, and the group takes no more', async () => {
  const bench = await openKernelBench()
  await bench.enter(dip)
  await bench.enter(rise)
  bench.broker.fill(entries(bench)[0]?.clientOrderId ?? '', '5', '99')
  await bench.kernel.settled()
  expect(statuses(bench)).toEqual(['partially-filled', 'canceled'])
  expect(await bench.kernel.assess(bench.intent({ ...rise, symbol: 'BBB' }))).toMatchObject({
    status: 'denied',
    findings: [{ code: 'INVALID_INTENT', message: expect.stringContaining('contingency.group') }],
  })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('groups of two agents do not meet', async () => {
  const bench = await openKernelBench()
  await bench.enter(dip)
  await bench.enter({ ...rise, agent: 'other' })
  bench.broker.fill(entries(bench)[0]?.clientOrderId ?? '', '20', '99')
  await bench.kernel.settled()
  expect(statuses(bench)).toEqual(['filled', 'accepted'])
})

test('I07 a crash between the fill and the cancel loses nothing: after the restart the rest is cancelled', async () => {
  const first = await openKernelBench()
  await first.enter(dip)
  await first.enter(rise)
  const [one, two] = entries(first)
  first.broker.fill(one?.clientOrderId ?? '', '20', '99')
  await first.kernel.settled()
  const cut = first.journal.findIndex(({ id }) => id.includes('cancel-requested'))
  const again = await openKernelBench({ history: first.journal.slice(0, cut) }, 0)
  await again.kernel.settled()
  expect(again.broker.cancels).toEqual([two?.clientOrderId])
  expect(statuses(again)).toEqual(['filled', 'canceled'])
})

/** An order in BBB that waits for one in AAA. */
async function triggered() {
  const bench = await openKernelBench()
  const parent = bench.intent({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20' })
  const assessed = await bench.kernel.assess(parent)
  if (assessed.status === 'denied') throw new Error('denied')
  await bench.kernel.submit(parent, assessed.permitId)
  await bench.kernel.settled()
  const childId = await bench.enter({
    symbol: 'BBB',
    quantity: '20',
    contingency: { type: 'one-triggers-other', intentId: parent.intentId },
  })
  return { bench, childId, parentOrder: entries(bench)[0]?.clientOrderId ?? '' }
}

test('an order that waits for another is reserved at once, keeps its place, and is sent when that has filled', async () => {
  const { bench, parentOrder } = await triggered()
  const locked = Number(bench.kernel.portfolio().cash.USD?.locked)
  expect(locked).toBeGreaterThan(4_000)
  bench.now += 60_000
  await bench.session(100, ['pre-open'])
  expect(Number(bench.kernel.portfolio().cash.USD?.locked)).toBe(locked)
  bench.broker.fill(parentOrder, '5', '99')
  await bench.kernel.settled()
  expect(entries(bench)).toHaveLength(1)
  bench.broker.fill(parentOrder, '15', '99')
  await bench.kernel.settled()
  expect(entries(bench)[1]).toMatchObject({ symbol: 'BBB', quantity: '20' })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('it is withdrawn when the other ends without being filled, and gives back what it had reserved', async () => {
  const { bench, parentOrder } = await triggered()
  bench.broker.fill(parentOrder, '5', '99')
  bench.broker.say(parentOrder, { type: 'canceled' })
  await bench.kernel.settled()
  expect(statuses(bench)).toEqual(['canceled', 'denied'])
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I07 a crash before it was sent: after the restart it is not sent on prices that nobody knows', async () => {
  const { bench, parentOrder, childId } = await triggered()
  const length = bench.journal.length
  bench.broker.fill(parentOrder, '20', '99')
  await bench.kernel.settled()
  const cut = bench.journal.findIndex(({ id }, index) => index >= length && id.includes(childId))
  const again = await openKernelBench({ history: bench.journal.slice(0, cut) }, 0, (broker) => {
    broker.balances.set('USD', '98019').set('AAA', '20')
  })
  await again.session(100, ['pre-open'])
  expect(entries(again)).toEqual([])
  expect(statuses(again)).toEqual(['filled', 'denied'])
})

test('what is to trigger an order must have been asked for first, by the same agent', async () => {
  const bench = await openKernelBench()
  for (const fields of [{ intentId: 'nobody' }, { intentId: 'intent-2' }]) {
    await bench.kernel.assess(bench.intent({ agent: 'other', quantity: '5' }))
    const child = bench.intent({ symbol: 'BBB', contingency: { type: 'one-triggers-other', ...fields } })
    expect(await bench.kernel.assess(child)).toMatchObject({ findings: [{ code: 'INVALID_INTENT' }] })
  }
})

test('it can be cancelled while it waits, and a halt withdraws it', async () => {
  const { bench, childId } = await triggered()
  await bench.kernel.cancel(childId, 'changed my mind')
  expect(statuses(bench)).toEqual(['accepted', 'denied'])
  const other = await triggered()
  await other.bench.kernel.halt('halted', 'test')
  expect(statuses(other.bench)[1]).toBe('denied')
})

test('I40 an order that could meet a live one of ours on the other side is denied', async () => {
  const bench = await openKernelBench({ policy: { allowShorts: true } })
  await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20' })
  const short = { stopPrice: '105', targetPrice: '90', maximumSessions: 5 }
  const sell = bench.intent({
    agent: 'other',
    side: 'sell',
    type: 'limit',
    limitPrice: '98',
    exits: short,
    quantity: '20',
  })
  expect(await bench.kernel.assess(sell)).toMatchObject({ findings: [{ code: 'SELF_TRADE_PREVENTION' }] })
})

test('I11 an order that is triggered has what it may cost by then set aside', async () => {
  const { bench, parentOrder } = await triggered()
  await bench.market({ type: 'trade', symbol: 'BBB', time: bench.now, price: '105', quantity: '1' })
  bench.broker.fill(parentOrder, '20', '99')
  await bench.kernel.settled()
  expect(entries(bench)[1]).toMatchObject({ symbol: 'BBB', quantity: '20' })
  // 20 × 105 with a buffer of 5 %, the highest fee and the least.
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('2210.41')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I10 an order that a person approved is sent when its time has come, and one that nobody approved is not', async () => {
  const needsApproval = ({ request }: RiskContext) =>
    request.symbol === 'BBB' ? { code: 'APPROVAL_REQUIRED', message: 'BBB is odd' } : undefined
  for (const options of [{ needsApproval }, { policy: { approvalAboveNotional: '2500' } }]) {
    const bench = await openKernelBench(options)
    const parent = bench.intent({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20' })
    const assessed = await bench.kernel.assess(parent)
    await bench.kernel.submit(parent, assessed.status === 'permitted' ? assessed.permitId : '')
    const contingency = { type: 'one-triggers-other', intentId: parent.intentId } as const
    const child = await bench.kernel.assess(bench.intent({ symbol: 'BBB', quantity: '30', contingency }))
    const token = child.status === 'denied' ? (child.approval?.token ?? '') : ''
    expect(await bench.kernel.approve(token, { operator: 'Ada' })).toMatchObject({ status: 'submitted' })
    await bench.kernel.settled()
    expect(entries(bench)).toHaveLength(1)
    bench.broker.fill(entries(bench)[0]?.clientOrderId ?? '', '20', '99')
    await bench.kernel.settled()
    expect(entries(bench)[1]).toMatchObject({ symbol: 'BBB', quantity: '30' })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  }
})

test.each([
  ['what is left pays for no further lot', '40', 'canceled', true],
  ['what is left pays for no further lot', '40', 'expired', true],
  ['more is left', '39', 'canceled', false],
  ['nothing was bought', undefined, 'canceled', false],
] as const)(
  'a parent that is sized in the currency triggers its child where %s: %s units, %s',
  async (_, units, end, triggers) => {
    const bench = await openKernelBench()
    bench.broker.onPlace = () => 'silent'
    const parent = bench.intent({ sizedIn: 'quote', quantity: '4050' })
    const assessed = await bench.kernel.assess(parent)
    if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
    await bench.kernel.submit(parent, assessed.permitId)
    const contingency = { type: 'one-triggers-other', intentId: parent.intentId } as const
    await bench.enter({
      symbol: 'BBB',
      type: 'limit',
      limitPrice: '99',
      timeInForce: 'gtc',
      quantity: '20',
      contingency,
    })
    const [first] = entries(bench)
    if (units !== undefined) bench.broker.fill(first?.clientOrderId ?? '', units, '100')
    bench.broker.say(first?.clientOrderId ?? '', { type: end })
    await bench.kernel.settled()
    expect(entries(bench).map(({ symbol }) => symbol)).toEqual(triggers ? ['AAA', 'BBB'] : ['AAA'])
    expect(statuses(bench)).toEqual([end, triggers ? 'submitted' : 'denied'])
  },
)

test('a parent that is sized in the currency and whose end comes before its last execution triggers its child', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.executed = []
  })
  bench.broker.onPlace = () => 'silent'
  const parent = bench.intent({ sizedIn: 'quote', quantity: '4050' })
  const assessed = await bench.kernel.assess(parent)
  if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
  await bench.kernel.submit(parent, assessed.permitId)
  const contingency = { type: 'one-triggers-other', intentId: parent.intentId } as const
  await bench.enter({ symbol: 'BBB', type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '20', contingency })
  const id = entries(bench)[0]?.clientOrderId ?? ''
  const seen = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '4050', filledQuantity: '4000' }
  bench.broker.held.set(id, { ...seen, status: 'canceled' })
  const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' } as const
  const execution = { tradeId: 't1', price: '100', quantity: '40', fee: '1', feeCurrency: 'USD', ...market }
  bench.broker.executed?.push({ clientOrderId: id, venueOrderId: 'v1', time: bench.now, execution })
  bench.broker.say(id, { type: 'canceled' })
  await bench.kernel.settled()
  expect(statuses(bench)).toEqual(['canceled', 'submitted'])
})

test('a venue that goes on refusing to cancel an order of a group is asked ever later, up to once a minute', async () => {
  const bench = await openKernelBench()
  await bench.enter(dip)
  await bench.enter(rise)
  bench.broker.onCancel = (clientOrderId) => {
    bench.broker.say(clientOrderId, { type: 'cancel-rejected', code: 'NO', message: 'not now' })
    return 'silent'
  }
  const [one, two] = entries(bench)
  bench.broker.fill(one?.clientOrderId ?? '', '5', '99')
  await bench.kernel.settled()
  const begun = bench.now
  const asked: number[] = [0]
  for (let second = 0.25; second <= 300; second += 0.25) {
    bench.broker.cancels.length = 0
    await bench.market({ type: 'quote', symbol: 'CCC', time: begun + second * 1_000, bid: '99', ask: '101' })
    // A word about something else is no reason to ask either.
    if (second === 20.5) bench.broker.fill(one?.clientOrderId ?? '', '1', '99')
    await bench.kernel.settled()
    if (bench.broker.cancels.includes(two?.clientOrderId ?? '')) asked.push(second)
  }
  expect(asked).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
  bench.broker.onCancel = 'cancel'
  await bench.market({ type: 'quote', symbol: 'CCC', time: begun + 303_000, bid: '99', ask: '101' })
  expect(statuses(bench)).toEqual(['partially-filled', 'canceled'])
})

test.each([
  ['another of its group was executed', 'is looked up'],
  ['another of its group was executed', 'is accepted'],
  ['trading is halted', 'is looked up'],
])(
  'I08 an order of which nobody knows whether it exists is asked to go once as %s, and again when it %s',
  async (why, surfaces) => {
    const bench = await openKernelBench({}, 80, (broker) => {
      broker.capabilities = { ...ablest, clientOrderIds: 'live' }
    })
    await bench.enter(dip)
    const lost = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
    let id = ''
    bench.broker.onPlace = (request) => {
      if (request.stopPrice !== '102') return 'accept'
      id = request.clientOrderId
      return lost
    }
    bench.broker.onCancel = 'silent'
    await bench.enter(rise)
    if (why === 'trading is halted') await bench.kernel.halt('halted', 'news')
    else bench.broker.fill(entries(bench)[0]?.clientOrderId ?? '', '5', '99')
    await bench.kernel.settled()
    const begun = bench.now
    const asked = (): number => bench.broker.cancels.filter((each) => each === id).length
    for (let second = 1; second <= 100; second += 1)
      await bench.market({ type: 'quote', symbol: 'CCC', time: begun + second * 1_000, bid: '99', ask: '101' })
    expect(asked()).toBe(1)
    const seen = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '20', filledQuantity: '0' }
    bench.broker.held.set(id, { ...seen, status: 'open' })
    bench.broker.onCancel = 'cancel'
    if (surfaces === 'is accepted') bench.broker.say(id, { type: 'accepted' })
    await bench.market({ type: 'quote', symbol: 'CCC', time: begun + 200_000, bid: '99', ask: '101' })
    expect(asked()).toBe(2)
    expect(statuses(bench)[1]).toBe('canceled')
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  },
)
