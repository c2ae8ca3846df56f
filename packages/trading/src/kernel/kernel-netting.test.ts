import { describe, expect, test } from 'vitest'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { verifyBooks } from '../ledger/verify-books.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import type { RiskPolicyInput } from '../risk/risk-policy.js'
import type { KernelEvent } from './kernel.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

const plan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }
const bobs = { stopPrice: '93', targetPrice: '112', maximumSessions: 3 }
const wide: RiskPolicyInput = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
  cooldownAfterLossMs: 0,
}
const netting: RiskPolicyInput = { netting: 'internal-cross' }

/** Ann holds units that she bought at 100, covered by stop and target; the session is open. */
async function held(
  policy: RiskPolicyInput = netting,
  prepare: (broker: ScriptedBroker) => void = () => undefined,
  quantity = '50',
): Promise<KernelBench> {
  const bench = await openKernelBench({ policy: { ...wide, ...policy } }, 65, (broker) => {
    broker.capabilities = ablest
    prepare(broker)
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ agent: 'ann', quantity, exits: plan })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', quantity, '100')
  await bench.kernel.settled()
  return bench
}

const rest = (bench: KernelBench, fields: Partial<OrderIntent> = {}): Promise<string> =>
  bench.enter({ agent: 'bob', type: 'limit', limitPrice: '100', timeInForce: 'gtc', exits: bobs, ...fields })

const leave = async (bench: KernelBench, quantity = '50', agent = 'ann'): Promise<string> => {
  const { exits: _, ...intent } = bench.intent({ agent, side: 'sell', quantity })
  const assessed = await bench.kernel.assess(intent)
  if (assessed.status === 'denied') return assessed.findings.map(({ code }) => code).join()
  const result = await bench.kernel.submit(intent, assessed.permitId)
  await bench.kernel.settled()
  return result.status === 'refused' ? result.findings.map(({ code }) => code).join() : result.orderId
}

const fills = ({ events }: KernelBench): readonly (KernelEvent & { type: 'fill' })[] =>
  events.flatMap((event) => (event.type === 'fill' && event.cross !== undefined ? [event] : []))
const orders = (bench: KernelBench): readonly (KernelEvent & { type: 'order' })[] => {
  const last = new Map<string, KernelEvent & { type: 'order' }>()
  for (const event of bench.events) if (event.type === 'order') last.set(event.orderId, event)
  return [...last.values()]
}
/** What rests to leave the position: by kind, quantity and level. */
const legs = (bench: KernelBench): readonly string[] =>
  records(bench).flatMap((order) => {
    const { type, side, quantity, stopPrice, limitPrice, reduceOnly } = requestInForce(order)
    if (!reduceOnly || !isOpen(order.state.status)) return []
    return [`${side} ${type} ${quantity} ${stopPrice ?? limitPrice ?? ''}`.trim()]
  })
const records = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const idInForce = (bench: KernelBench, type: string): string => {
  const order = records(bench).findLast((each) => each.header.request.type === type && isOpen(each.state.status))
  return order === undefined ? '' : requestInForce(order).clientOrderId
}

type Uses = readonly (readonly [agent: string, strategy: string, realised: string, peak: string])[]
const principals = (bench: KernelBench): { readonly uses: Uses; readonly holdings: unknown } =>
  (JSON.parse(bench.kernel.snapshot()) as { activity: { principals: { uses: Uses; holdings: unknown } } }).activity
    .principals

const sound = (bench: KernelBench): void => {
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  const entries = bench.journal
    .filter(({ kind }) => kind === 'ledger')
    .map(({ payload }) => (payload as { entry: LedgerEntry }).entry)
  expect(verifyBooks(entries)).toMatchObject({ ok: true, entries: entries.length })
}

/** The entry was cancelled before the exit was sent, and nothing was crossed. */
const madeWay = (bench: KernelBench, entry: string, exit: string): void => {
  const [bought, sold] = [entry, exit].map((orderId) => records(bench).find(({ header }) => header.orderId === orderId))
  expect(bought?.state.status).toBe('canceled')
  expect(sold?.state.status).toBe('accepted')
  expect(bench.broker.cancels[0]).toBe(bought?.header.request.clientOrderId)
  expect(legs(bench)).toEqual(['sell market 50'])
  expect(fills(bench)).toEqual([])
  sound(bench)
}

test('I40 without netting an entry makes way for an exit that it would meet, and nothing says that it could be crossed', async () => {
  const bench = await held({})
  const entry = await rest(bench)
  madeWay(bench, entry, await leave(bench))
  expect(bench.journal.some(({ payload }) => JSON.stringify(payload).includes('"nets"'))).toBe(false)
})

describe('an exit meets an entry of another principal that rests', () => {
  test('all of both: the entry is cancelled first, then both are filled at one price, and nothing reaches the venue', async () => {
    const bench = await held()
    const entry = await rest(bench)
    const sent = bench.broker.sent.length
    const cash = bench.kernel.portfolio()
    const exit = await leave(bench)
    expect(bench.broker.cancels).toContain(
      bench.broker.sent.find(({ limitPrice, side }) => side === 'buy' && limitPrice === '100')?.clientOrderId,
    )
    expect(fills(bench)).toMatchObject([
      { side: 'buy', quantity: '50', price: '100', fee: '0', cross: { orderId: exit, agent: 'ann' } },
      { side: 'sell', quantity: '50', price: '100', fee: '0', orderId: exit, cross: { orderId: entry, agent: 'bob' } },
    ])
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({ status: 'filled' })
    expect(orders(bench).find(({ orderId }) => orderId === entry)).toMatchObject({ status: 'canceled' })
    const { cash: after, positions, realised } = bench.kernel.portfolio()
    expect(after).toEqual({ USD: { ...cash.cash['USD'], free: cash.cash['USD']?.total, locked: '0' } })
    expect({ positions, realised }).toEqual({ positions: cash.positions, realised: cash.realised })
    expect(bench.broker.sent.slice(sent).every(({ reduceOnly, type }) => reduceOnly && type !== 'market')).toBe(true)
    expect(principals(bench).holdings).toEqual([['AAA', [[1, true, '50', '5000']]]])
    sound(bench)
  })

  test('whoever holds all of it owns the plan of exits: legs move to it, and its sessions count from now', async () => {
    const bench = await held()
    await rest(bench)
    await leave(bench)
    expect(bench.kernel.exits('AAA')).toEqual(bobs)
    expect(legs(bench)).toEqual(['sell stop 50 93', 'sell limit 50 112'])
    bench.broker.fill(idInForce(bench, 'stop'), '50', '93')
    await bench.kernel.settled()
    const closed = bench.events.find(({ type }) => type === 'position-closed')
    const crossId = fills(bench)[0]?.tradeId
    expect(closed).toMatchObject({ position: { realised: '-350', exitReason: 'stop', crossIds: [crossId] } })
    expect(principals(bench).uses.map(([agent, , realised]) => [agent, realised])).toEqual([
      ['ann', '-1'],
      ['bob', '-351'],
    ])
    sound(bench)
  })

  test('a larger entry is amended down by what is crossed, and the rest of it still rests', async () => {
    const bench = await held()
    const entry = await rest(bench, { quantity: '80' })
    const exit = await leave(bench)
    expect(bench.broker.replacements[0]?.request).toMatchObject({ side: 'buy', quantity: '30', limitPrice: '100' })
    expect(legs(bench)).toEqual(['sell stop 50 93', 'sell limit 50 112'])
    expect(fills(bench).map(({ orderId, quantity }) => [orderId === exit, quantity])).toEqual([
      [false, '50'],
      [true, '50'],
    ])
    expect(orders(bench).find(({ orderId }) => orderId === entry)).toMatchObject({
      status: 'accepted',
      filledQuantity: '0',
    })
    expect(principals(bench).holdings).toEqual([['AAA', [[1, true, '50', '5000']]]])
    sound(bench)
  })

  test('a larger exit: the rest of it goes to the venue, and what stays is covered', async () => {
    const bench = await held(netting, () => undefined, '80')
    await rest(bench, { quantity: '30' })
    const exit = await leave(bench, '70')
    expect(fills(bench).map(({ quantity }) => quantity)).toEqual(['30', '30'])
    expect(bench.broker.sent.findLast(({ type }) => type === 'market')).toMatchObject({ quantity: '40', side: 'sell' })
    const market = bench.broker.sent.findLast(({ type }) => type === 'market')
    bench.broker.fill(market?.clientOrderId ?? '', '40', '101')
    await bench.kernel.settled()
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({
      status: 'filled',
      filledQuantity: '40',
    })
    expect(principals(bench).holdings).toEqual([
      [
        'AAA',
        [
          [0, true, '10', '1000'],
          [1, true, '30', '3000'],
        ],
      ],
    ])
    // Ann holds some yet: her stop is not loosened by Bob's plan.
    expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '95', targetPrice: '112', maximumSessions: 3 })
    sound(bench)
  })
})

describe('both wait: nothing was sent yet', () => {
  test('an entry that is handed in while an exit waits for room is crossed at once, and the rest of it is sent', async () => {
    const bench = await held(netting, (broker) => {
      broker.onCancel = 'silent'
    })
    const entry = bench.intent({ agent: 'bob', quantity: '80', exits: bobs })
    const permitted = await bench.kernel.assess(entry)
    const exit = await leave(bench)
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({ status: 'permitted' })
    const result = await bench.kernel.submit(entry, permitted.status === 'permitted' ? permitted.permitId : '')
    await bench.kernel.settled()
    expect(result.status).toBe('submitted')
    expect(fills(bench).map(({ side, quantity }) => [side, quantity])).toEqual([
      ['buy', '50'],
      ['sell', '50'],
    ])
    expect(bench.broker.sent.at(-1)).toMatchObject({ side: 'buy', quantity: '30', reduceOnly: false })
    expect(await bench.kernel.submit(entry, permitted.status === 'permitted' ? permitted.permitId : '')).toEqual(result)
    sound(bench)
  })

  test('an entry that is crossed whole is filled and never sent; asked again it answers the same', async () => {
    const bench = await held(netting, (broker) => {
      broker.onCancel = 'silent'
    })
    const entry = bench.intent({ agent: 'bob', quantity: '20', exits: bobs })
    const permitted = await bench.kernel.assess(entry)
    const permitId = permitted.status === 'permitted' ? permitted.permitId : ''
    const exit = await leave(bench)
    const sent = bench.broker.sent.length
    const result = await bench.kernel.submit(entry, permitId)
    expect(await bench.kernel.submit(entry, permitId)).toEqual(result)
    await bench.kernel.settled()
    expect(bench.broker.sent).toHaveLength(sent)
    expect(fills(bench)).toHaveLength(2)
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({
      status: 'permitted',
      filledQuantity: '0',
    })
    expect(records(bench).find(({ header }) => header.orderId === exit)?.state).toMatchObject({ leavesQuantity: '30' })
    sound(bench)
  })
})

describe('what is not crossed', () => {
  test.each<[string, Partial<OrderIntent>, RiskPolicyInput]>([
    ['orders of the same principal', { agent: 'ann' }, netting],
    ['with an entry that only ever rests', { postOnly: true }, netting],
    ['above the limit of the entry, where the exit would do better at the market', { limitPrice: '98' }, netting],
    ['beyond the stop of the entry', { limitPrice: '101', exits: { ...bobs, stopPrice: '100.5' } }, netting],
    ['off', {}, { netting: 'off' }],
  ])('%s: the entry makes way, as without netting', async (_, fields, policy) => {
    const bench = await held(policy)
    const entry = await rest(bench, fields)
    madeWay(bench, entry, await leave(bench))
  })

  test('units of another principal: an agent crosses what it holds itself', async () => {
    const bench = await held()
    const entry = await rest(bench)
    madeWay(bench, entry, await leave(bench, '50', 'cid'))
  })

  test('two entries of opposite sides: the account would hold nothing, and each principal a position that no venue order can protect', async () => {
    const bench = await openKernelBench({ policy: { ...wide, ...netting, allowShorts: true } }, 65)
    await bench.session(100, ['pre-open', 'open'])
    await rest(bench)
    const short = bench.intent({ agent: 'ann', side: 'sell', exits: { ...plan, stopPrice: '105', targetPrice: '90' } })
    expect(await bench.kernel.assess(short)).toMatchObject({ findings: [{ code: 'SELF_TRADE_PREVENTION' }] })
  })

  test.each(['while trading is reduced', 'after the session'])('%s', async (when) => {
    const bench = await held()
    const entry = await rest(bench)
    if (when === 'while trading is reduced') await bench.kernel.halt('reducing', 'test')
    else {
      await bench.session(100, ['bars', 'close'])
      bench.now += 3_600_000
    }
    madeWay(bench, entry, await leave(bench))
  })
})

describe('the price', () => {
  const quoted = async (bid: string, ask: string, limitPrice: string): Promise<string | undefined> => {
    const bench = await held()
    await bench.market({ type: 'quote', symbol: 'AAA', time: bench.now + 1_000, bid, ask })
    await rest(bench, { limitPrice })
    await leave(bench)
    sound(bench)
    return fills(bench)[0]?.price
  }
  test.each([
    ['99.99', '100.02', '100.02', '100.005'],
    ['99.99', '100.02', '100.00', '100'],
    ['99.99', '100.02', '99.99', '99.99'],
    ['99.99', '100.02', '99.98', undefined],
  ])('bid %s, ask %s, limit %s: %s', async (bid, ask, limit, price) => {
    expect(await quoted(bid, ask, limit)).toBe(price)
  })
})

describe('while the venue makes room', () => {
  const waiting = async (
    prepare: (broker: ScriptedBroker) => void = (broker) => {
      broker.onReplace = 'silent'
    },
    quantity = '80',
    aheadMs = 0,
  ): Promise<{ readonly bench: KernelBench; readonly entry: string; readonly exit: string }> => {
    const bench = await held(netting, prepare)
    bench.now += aheadMs
    const entry = await rest(bench, { quantity })
    const exit = await leave(bench)
    return { bench, entry, exit }
  }
  const confirm = async (bench: KernelBench): Promise<void> => {
    const { id, request } = bench.broker.replacements[0] ?? {}
    bench.broker.say(id ?? '', { type: 'replaced', by: request?.clientOrderId ?? '' })
    await bench.kernel.settled()
  }

  test('the exit waits, its units stay covered, and nothing is crossed', async () => {
    const { bench, exit } = await waiting()
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({ status: 'permitted' })
    expect(fills(bench)).toEqual([])
    expect(legs(bench)).toEqual(['sell stop 50 95', 'sell limit 50 110', 'sell market 50'])
    await confirm(bench)
    expect(fills(bench)).toHaveLength(2)
    sound(bench)
  })

  test('a stop that fills meanwhile leaves nothing to cross: the entry gets back what it gave up', async () => {
    const { bench, exit, entry } = await waiting()
    bench.broker.onReplace = 'replace'
    bench.broker.fill(idInForce(bench, 'stop'), '50', '95')
    await bench.kernel.settled()
    await confirm(bench)
    expect(fills(bench)).toEqual([])
    expect(orders(bench).find(({ orderId }) => orderId === exit)).toMatchObject({ status: 'denied' })
    expect(records(bench).find(({ header }) => header.orderId === entry)?.state).toMatchObject({
      orderedQuantity: '80',
    })
    sound(bench)
  })

  test('a venue that refuses to make the entry smaller: it is cancelled, and the exit leaves', async () => {
    const { bench, exit, entry } = await waiting()
    const { id, request } = bench.broker.replacements[0] ?? {}
    const refusal = { type: 'replace-rejected', by: request?.clientOrderId ?? '', code: 'NO', message: 'no' } as const
    bench.broker.say(id ?? '', refusal)
    await bench.kernel.settled()
    madeWay(bench, entry, exit)
  })

  test.each([
    ['no longer than a permit lives', 0, 5_001],
    ['not until a clock that was put back has caught up', 60_000, -59_000],
  ])('no answer: the exit waits %s', async (_, aheadMs, laterMs) => {
    const { bench, exit, entry } = await waiting(undefined, '80', aheadMs)
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + laterMs, price: '100', quantity: '1' })
    madeWay(bench, entry, exit)
    await confirm(bench)
    expect(fills(bench)).toEqual([])
    sound(bench)
  })

  test('an execution of the entry on the way: only what it really gave up is crossed', async () => {
    const { bench } = await waiting((broker) => {
      broker.onCancel = 'silent'
    }, '50')
    const id =
      bench.broker.sent.find(({ limitPrice, side }) => side === 'buy' && limitPrice === '100')?.clientOrderId ?? ''
    bench.broker.fill(id, '20', '100')
    bench.broker.say(id, { type: 'canceled' })
    await bench.kernel.settled()
    expect(fills(bench).map(({ quantity }) => quantity)).toEqual(['30', '30'])
    sound(bench)
  })

  test('an execution that nobody told of before the entry was cancelled is fetched first', async () => {
    const { bench, entry } = await waiting((broker) => {
      broker.onCancel = 'silent'
      broker.executed = []
    }, '50')
    const { broker } = bench
    const clientOrderId =
      records(bench).find(({ header }) => header.orderId === entry)?.header.request.clientOrderId ?? ''
    const venueOrderId = `venue-${clientOrderId}`
    const held = { clientOrderId, venueOrderId, symbol: 'AAA', quantity: '50', filledQuantity: '20' }
    broker.held.set(clientOrderId, { ...held, status: 'canceled' })
    const sale = { price: '100', referencePrice: '100', referenceTime: bench.now, liquidity: 'maker' } as const
    const execution = { ...sale, tradeId: 'untold', quantity: '20', fee: '1', feeCurrency: 'USD' }
    broker.executed?.push({ clientOrderId, venueOrderId, time: bench.now, execution })
    broker.say(clientOrderId, { type: 'canceled' })
    await bench.kernel.settled()
    expect(fills(bench).map(({ quantity }) => quantity)).toEqual(['30', '30'])
    sound(bench)
  })

  test('a halt meanwhile: nothing is crossed', async () => {
    const { bench } = await waiting()
    await bench.kernel.halt('halted', 'test')
    await confirm(bench)
    expect(fills(bench)).toEqual([])
    sound(bench)
  })
})

test('I41 an entry of which a part was crossed is amended by its whole: what was crossed counts', async () => {
  const bench = await held()
  const entry = await rest(bench, { quantity: '80' })
  await leave(bench)
  const amended = await bench.kernel.amend(entry, { quantity: '80', limitPrice: '99' }, 'nearer')
  await bench.kernel.settled()
  expect(amended).toEqual({ status: 'submitted', orderId: entry })
  expect(bench.broker.replacements.at(-1)?.request).toMatchObject({ quantity: '30', limitPrice: '99' })
  expect(await bench.kernel.amend(entry, { quantity: '50' }, 'smaller')).toMatchObject({
    status: 'refused',
    findings: [
      { code: 'QUANTITY_BELOW_MINIMUM', message: expect.stringContaining('no more than the 50 that were crossed') },
    ],
  })
  sound(bench)
})

test('a venue that cannot amend: the entry is cancelled, the cross is booked, and the rest is sent anew', async () => {
  const bench = await held(netting, (broker) => {
    broker.capabilities = undefined
  })
  await rest(bench, { quantity: '80' })
  await leave(bench)
  expect(fills(bench).map(({ quantity }) => quantity)).toEqual(['50', '50'])
  expect(bench.broker.sent.findLast(({ side }) => side === 'buy')).toMatchObject({ quantity: '30', limitPrice: '100' })
  sound(bench)
})

test('I29 an entry is not given back what it gave up for a cross while what it has just executed has no exit', async () => {
  const bench = await held(netting, (broker) => {
    broker.capabilities = undefined
    broker.onCancel = 'silent'
  })
  const entry = await rest(bench, { quantity: '80' })
  await bench.kernel.cancel(await leave(bench), 'second thoughts')
  bench.broker.onPlace = ({ side }) => (side === 'buy' ? 'silent' : 'accept')
  bench.broker.say(bench.broker.sent.findLast(({ side }) => side === 'buy')?.clientOrderId ?? '', { type: 'canceled' })
  await bench.kernel.settled()
  const again = bench.broker.sent.findLast(({ side }) => side === 'buy')
  expect(again).toMatchObject({ quantity: '30' })
  bench.broker.fill(again?.clientOrderId ?? '', '10', '100')
  await bench.kernel.settled()
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'CROSS_DROPPED' }))
  expect(records(bench).find(({ header }) => header.orderId === entry)?.state).toMatchObject({ orderedQuantity: '30' })
  sound(bench)
})

test('a short position changes hands likewise', async () => {
  const policy = { ...netting, allowShorts: true }
  const short = { stopPrice: '105', targetPrice: '90', maximumSessions: 5 }
  const bench = await openKernelBench({ policy: { ...wide, ...policy } }, 65)
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ agent: 'ann', side: 'sell', quantity: '50', exits: short })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  await rest(bench, { side: 'sell', exits: { ...short, stopPrice: '106' } })
  const { exits: _, ...intent } = bench.intent({ agent: 'ann', side: 'buy', quantity: '50' })
  const assessed = await bench.kernel.assess(intent)
  await bench.kernel.submit(intent, assessed.status === 'permitted' ? assessed.permitId : '')
  await bench.kernel.settled()
  expect(fills(bench).map(({ side, cross }) => [side, cross?.agent])).toEqual([
    ['buy', 'bob'],
    ['sell', 'ann'],
  ])
  expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '-50' }])
  expect(principals(bench).holdings).toEqual([['AAA', [[1, false, '50', '5000']]]])
  expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '106' })
  sound(bench)
})

test('I40 an entry that is not acknowledged yet makes way for an exit as well', async () => {
  const bench = await held()
  const terms = { type: 'limit', limitPrice: '100', timeInForce: 'gtc' } as const
  const entry = bench.intent({ agent: 'bob', quantity: '50', exits: bobs, ...terms })
  const { exits: _, ...exit } = bench.intent({ agent: 'ann', side: 'sell', quantity: '50' })
  const permits = [await bench.kernel.assess(entry), await bench.kernel.assess(exit)].map((assessed) => {
    if (assessed.status !== 'permitted') throw new Error(JSON.stringify(assessed))
    return assessed.permitId
  })
  bench.broker.onPlace = ({ side }) => (side === 'buy' ? 'silent' : 'accept')
  const results = await Promise.all([
    bench.kernel.submit(entry, permits[0] ?? ''),
    bench.kernel.submit(exit, permits[1] ?? ''),
  ])
  await bench.kernel.settled()
  const [bought, sold] = results.map((result) => (result.status === 'submitted' ? result.orderId : ''))
  madeWay(bench, bought ?? '', sold ?? '')
})

test('I40 an exit keeps its stop while an entry makes way, and waits for that no longer than a permit lives', async () => {
  const bench = await held({}, (broker) => {
    broker.onCancel = (id) =>
      id === broker.sent.find(({ limitPrice }) => limitPrice === '100')?.clientOrderId ? 'silent' : 'cancel'
  })
  await rest(bench)
  await leave(bench)
  expect(legs(bench)).toEqual(['sell stop 50 95', 'sell limit 50 110', 'sell market 50'])
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 4_000, price: '100', quantity: '1' })
  expect(bench.broker.sent.some(({ type, side }) => type === 'market' && side === 'sell')).toBe(false)
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 2_000, price: '100', quantity: '1' })
  expect(bench.broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', quantity: '50' })
  sound(bench)
})

test('I40 an entry that was permitted before an exit went to the venue is refused when it would meet that', async () => {
  const bench = await held({})
  const entry = bench.intent({ agent: 'bob', quantity: '50', exits: bobs, type: 'limit', limitPrice: '100' })
  const assessed = await bench.kernel.assess(entry)
  await leave(bench)
  const result = await bench.kernel.submit(entry, assessed.status === 'permitted' ? assessed.permitId : '')
  expect(result).toMatchObject({ status: 'refused', findings: [{ code: 'SELF_TRADE_PREVENTION' }] })
  sound(bench)
})

test('I40 a level that is watched here leaves at the market, and an entry makes way for that', async () => {
  const bench = await held({}, (broker) => {
    broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'] }
  })
  await rest(bench, { limitPrice: '95.5', exits: { ...bobs, stopPrice: '90' } })
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price: '94', quantity: '1' })
  expect(bench.broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', quantity: '50' })
  expect(bench.events).not.toContainEqual(expect.objectContaining({ code: 'PROTECTION_REFUSED' }))
  sound(bench)
})
