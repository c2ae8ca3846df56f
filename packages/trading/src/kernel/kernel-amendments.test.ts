import { SwarmError } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import type { RiskContext } from '../risk/risk-context.js'
import { automaticHaltDefaults, recentEntries } from './automatic-halts.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState, replayRecords } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

const limit: Partial<OrderIntent> = { type: 'limit', limitPrice: '99', timeInForce: 'gtc' }
const able = (broker: ScriptedBroker): void => {
  broker.capabilities = ablest
}
const lockedCash = ({ kernel }: KernelBench): number => Number(kernel.portfolio().cash.USD?.locked)
const orderOf = ({ kernel }: KernelBench, orderId: string): OrderRecord =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders.find(
    ({ header }) => header.orderId === orderId,
  ) as OrderRecord

test('I10 I41 an amendment goes out under a permit and an id of its own, and the venue amends', async () => {
  const bench = await openKernelBench({}, 80, able)
  const orderId = await bench.enter(limit)
  const first = orderOf(bench, orderId)
  expect(await bench.kernel.amend(orderId, { quantity: '40', limitPrice: '98' }, 'cheaper')).toMatchObject({
    status: 'submitted',
  })
  await bench.kernel.settled()
  const after = orderOf(bench, orderId)
  const [replacement] = bench.broker.replacements
  expect(replacement).toMatchObject({
    id: first.header.request.clientOrderId,
    request: { quantity: '40', limitPrice: '98' },
  })
  expect(replacement?.request.clientOrderId).not.toBe(replacement?.id)
  expect(after.permit?.permitId).not.toBe(first.permit?.permitId)
  expect(after.permit?.reservationId).toBe(first.permit?.reservationId)
  expect(after.state).toMatchObject({ status: 'accepted', orderedQuantity: '40', leavesQuantity: '40' })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I20 the larger need is reserved before the first byte, and given back at the end', async () => {
  const bench = await openKernelBench({}, 80, able)
  bench.broker.onReplace = 'silent'
  const orderId = await bench.enter(limit)
  const before = lockedCash(bench)
  await bench.kernel.amend(orderId, { quantity: '80', limitPrice: '100' }, 'more')
  expect(lockedCash(bench)).toBeGreaterThan(before * 1.6)
  const [replacement] = bench.broker.replacements
  bench.broker.say(replacement?.id ?? '', {
    type: 'replace-rejected',
    by: replacement?.request.clientOrderId ?? '',
    code: 'TOO_LATE',
    message: 'too late',
  })
  await bench.kernel.settled()
  expect(orderOf(bench, orderId).state).toMatchObject({ status: 'accepted', leavesQuantity: '50' })
  await bench.kernel.cancel(orderId, 'done')
  await bench.kernel.settled()
  expect(lockedCash(bench)).toBe(0)
})

test('what does not pass the authority, or cannot be amended, is refused and changes nothing', async () => {
  const bench = await openKernelBench({}, 80, able)
  const orderId = await bench.enter(limit)
  const snapshot = bench.kernel.snapshot()
  const codes = async (terms: Parameters<typeof bench.kernel.amend>[1]): Promise<unknown> => {
    const result = await bench.kernel.amend(orderId, terms, 'test')
    return result.status === 'refused' ? result.findings.map(({ code }) => code) : result
  }
  expect(await codes({ quantity: '5000' })).toContain('NOTIONAL_EXCEEDS_MAX_PER_ORDER')
  expect(await codes({ limitPrice: '99.001' })).toEqual(['PRICE_PRECISION'])
  expect(await codes({ quantity: '1.5' })).toEqual(['QUANTITY_PRECISION'])
  expect(await codes({ stopPrice: '99' })).toEqual(['UNSUPPORTED_ORDER_TYPE'])
  expect(await codes({ quantity: '0' })).toEqual(['QUANTITY_BELOW_MINIMUM'])
  expect(bench.kernel.snapshot()).toBe(snapshot)
  await expect(bench.kernel.amend('nobody', {}, 'test')).rejects.toMatchObject({ code: 'ORDER_NOT_FOUND' })
  await bench.kernel.halt('reducing', 'test')
  expect(await codes({ quantity: '60' })).toEqual(['TRADING_STATE_REDUCING'])
})

test('agents do not move protective orders', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  const stop = bench.events.findLast((event) => event.type === 'order' && event.purpose === 'exit-stop')
  const orderId = stop?.type === 'order' ? stop.orderId : ''
  await expect(bench.kernel.amend(orderId, { stopPrice: '90' }, 'looser')).rejects.toMatchObject({
    code: 'ORDER_PROTECTIVE',
  })
})

test('I41 where the venue cannot amend, the order is cancelled, its end awaited, and only the rest sent anew', async () => {
  const bench = await openKernelBench()
  bench.broker.onCancel = 'silent'
  const orderId = await bench.enter(limit)
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(id, '10', '99')
  await bench.kernel.settled()
  await bench.kernel.amend(orderId, { quantity: '60', limitPrice: '100' }, 'more')
  expect(bench.broker.cancels).toContain(id)
  expect(orderOf(bench, orderId).state.status).toBe('pending-replace')
  bench.broker.fill(id, '15', '99', 'late')
  await bench.kernel.settled()
  const entries = () => bench.broker.sent.filter(({ side }) => side === 'buy')
  expect(entries()).toHaveLength(1)
  bench.broker.say(id, { type: 'canceled' })
  await bench.kernel.settled()
  expect(entries()[1]).toMatchObject({ quantity: '35', limitPrice: '100' })
  bench.broker.fill(entries()[1]?.clientOrderId ?? '', '35', '100')
  await bench.kernel.settled()
  expect(orderOf(bench, orderId).state).toMatchObject({
    status: 'filled',
    filledQuantity: '60',
    overfilledQuantity: '0',
  })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('a cancel that the venue refuses ends the amendment, and the order rests on', async () => {
  const bench = await openKernelBench()
  const orderId = await bench.enter(limit)
  bench.broker.onCancel = new SwarmError({ code: 'NOT_NOW', message: 'busy' })
  await bench.kernel.amend(orderId, { quantity: '60' }, 'more')
  await bench.kernel.settled()
  expect(orderOf(bench, orderId).state).toMatchObject({ status: 'accepted', leavesQuantity: '50' })
})

test('I07 a crash between the cancel and the new order: nothing is sent blindly, and nothing is held for ever', async () => {
  const first = await openKernelBench()
  first.broker.onCancel = 'silent'
  const orderId = await first.enter(limit)
  const id = first.broker.sent[0]?.clientOrderId ?? ''
  await first.kernel.amend(orderId, { limitPrice: '100' }, 'more')
  const held = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '0' } as const
  const again = await openKernelBench({ history: first.journal }, 0, (broker) => {
    broker.held.set(id, { ...held, status: 'open' })
    broker.onCancel = 'silent'
  })
  expect(again.broker.cancels).toEqual([id])
  expect(orderOf(again, orderId).state.status).toBe('pending-replace')
  again.broker.say(id, { type: 'canceled' })
  await again.kernel.settled()
  expect(orderOf(again, orderId).state).toMatchObject({ status: 'canceled', leavesQuantity: '0' })
  expect(again.broker.sent).toEqual([])
  expect(lockedCash(again)).toBe(0)
})

test('I08 an amendment that got no answer leaves the order unknown with the larger reservation, until a look-up tells', async () => {
  const bench = await openKernelBench({}, 80, able)
  const orderId = await bench.enter(limit)
  const id = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.onReplace = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  await bench.kernel.amend(orderId, { quantity: '80' }, 'more')
  expect(orderOf(bench, orderId).state).toMatchObject({ status: 'pending-replace', leavesQuantity: '80' })
  const by = Object.keys(orderOf(bench, orderId).state.revisions ?? {})[0] ?? ''
  const held = { venueOrderId: 'v', symbol: 'AAA', filledQuantity: '0' } as const
  bench.broker.held.set(id, { ...held, clientOrderId: id, status: 'open', quantity: '50' })
  bench.now += 1
  await bench.session(100, ['pre-open'])
  expect(orderOf(bench, orderId).state.status).toBe('pending-replace')
  bench.broker.held.set(id, { ...held, clientOrderId: id, status: 'replaced', quantity: '50' })
  bench.broker.held.set(by, { ...held, clientOrderId: by, status: 'open', quantity: '80' })
  bench.now += 10_000
  await bench.session(100, ['open'])
  expect(orderOf(bench, orderId).state).toMatchObject({ status: 'accepted', orderedQuantity: '80' })
})

test('I41 whatever comes between, the sum of fills never exceeds the largest quantity that was permitted', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('amend' as const), quantity: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ do: fc.constant('fill' as const), percent: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ do: fc.constant('word' as const), word: fc.constantFrom('canceled', 'expired') }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), fc.boolean(), async (steps, replaces) => {
      const bench = await openKernelBench({}, 65, replaces ? able : undefined)
      bench.broker.onCancel = 'silent'
      const orderId = await bench.enter(limit)
      let permitted = 50
      // What the venue would still execute, by the id that it holds it under.
      const venue = new Map<string, number>([[bench.broker.sent[0]?.clientOrderId ?? '', 50]])
      const live = (): string => [...venue.keys()].at(-1) ?? ''
      for (const each of steps) {
        if (each.do === 'amend') {
          const result = await bench.kernel.amend(orderId, { quantity: String(each.quantity) }, 'test')
          if (result.status === 'submitted') permitted = Math.max(permitted, each.quantity)
          const last = bench.broker.replacements.at(-1)?.request
          const filled = Number(orderOf(bench, orderId).state.filledQuantity)
          if (replaces && last !== undefined && !venue.has(last.clientOrderId)) {
            venue.delete(live())
            venue.set(last.clientOrderId, Number(last.quantity) - filled)
          }
        } else if (each.do === 'fill') {
          const left = venue.get(live()) ?? 0
          const quantity = Math.ceil((left * each.percent) / 100)
          if (quantity === 0) continue
          venue.set(live(), left - quantity)
          bench.broker.fill(live(), String(quantity), '99')
        } else if ((venue.get(live()) ?? 0) > 0) {
          const ended = live()
          venue.set(ended, 0)
          bench.broker.say(ended, { type: each.word === 'canceled' ? 'canceled' : 'expired' })
        }
        await bench.kernel.settled()
        const resent = bench.broker.sent.findLast(({ side }) => side === 'buy')
        if (resent !== undefined && !venue.has(resent.clientOrderId) && !replaces)
          venue.set(resent.clientOrderId, Number(resent.quantity))
        const { state } = orderOf(bench, orderId)
        expect(decimal(state.filledQuantity).lte(decimal(String(permitted)))).toBe(true)
        expect(state.overfilledQuantity).toBe('0')
        expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
      }
    }),
    { numRuns: 40 },
  )
})

test('I11 I40 while an amendment is on the way either terms count: for the limits, and for what an order could meet', async () => {
  const bench = await openKernelBench({}, 80, able)
  bench.broker.onReplace = 'silent'
  const orderId = await bench.enter({ ...limit, limitPrice: '96' })
  const sale = { side: 'sell', type: 'limit', limitPrice: '97', quantity: '10' } as const
  const codes = async (fields: Partial<OrderIntent>): Promise<readonly string[]> => {
    const assessed = await bench.kernel.assess(bench.intent(fields))
    return assessed.status === 'denied' ? assessed.findings.map(({ code }) => code) : []
  }
  expect(await codes(sale)).not.toContain('SELF_TRADE_PREVENTION')
  await bench.kernel.amend(orderId, { limitPrice: '99.5' }, 'dearer')
  expect(await codes(sale)).toContain('SELF_TRADE_PREVENTION')
  // A position may be a tenth of 100,000: 4,800 are on the way, and 4,975 by the amendment.
  expect(await codes({ quantity: '51' })).toContain('MAX_POSITION')
})

test('I29 an amendment of unknown fate is asked about at once when its order is cancelled, however rarely it was before', async () => {
  const bench = await openKernelBench({}, 80, able)
  const { broker } = bench
  broker.onReplace = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  const orderId = await bench.enter(limit)
  const id = broker.sent[0]?.clientOrderId ?? ''
  const shown = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50', filledQuantity: '0' }
  broker.held.set(id, { ...shown, status: 'open' })
  await bench.kernel.amend(orderId, { limitPrice: '98' }, 'cheaper')
  const tick = async (): Promise<void> => {
    bench.now += 1_000
    await bench.market({ type: 'open', symbol: 'FFF', sessionDate: '2014-05-07', time: bench.now, price: '100' })
  }
  for (let second = 0; second < 100; second += 1) await tick()
  broker.held.set(id, { ...shown, status: 'canceled' })
  broker.say(id, { type: 'canceled' })
  await tick()
  expect(orderOf(bench, orderId).state.status).toBe('canceled')
})

test('I41 an order that was sent anew can be amended again though what it had filled before was taken back', async () => {
  const bench = await openKernelBench()
  const { broker, kernel } = bench
  const orderId = await bench.enter(limit)
  const show = (id: string, filledQuantity: string): void => {
    const shown = { clientOrderId: id, venueOrderId: 'v1', symbol: 'AAA', quantity: '50' }
    broker.held.set(id, { ...shown, status: 'canceled', filledQuantity })
  }
  const sent = (): readonly string[] =>
    broker.sent.filter(({ reduceOnly }) => !reduceOnly).map(({ clientOrderId }) => clientOrderId)
  broker.fill(sent()[0] ?? '', '30', '99', 't1')
  await kernel.settled()
  show(sent()[0] ?? '', '30')
  await kernel.amend(orderId, { limitPrice: '98' }, 'cheaper')
  await kernel.settled()
  broker.fill(sent()[1] ?? '', '5', '98', 't2')
  broker.say(sent()[0] ?? '', { type: 'busted', tradeId: 't1' })
  await kernel.settled()
  show(sent()[1] ?? '', '5')
  await kernel.amend(orderId, { limitPrice: '97' }, 'cheaper still')
  await kernel.settled()
  expect(sent()).toHaveLength(3)
  expect(broker.sent.at(-1)).toMatchObject({ quantity: '45', limitPrice: '97' })
})

test('I29 an exit is not amended to more than it was: with the stop beside it, it would be more than is held', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = ablest
  })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  const exits = undefined as never
  const orderId = await bench.enter({ side: 'sell', quantity: '20', exits })
  expect(await bench.kernel.amend(orderId, { quantity: '50' }, 'more')).toMatchObject({
    status: 'refused',
    findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION', message: expect.stringContaining('quantity') }],
  })
  expect(await bench.kernel.amend(orderId, { quantity: '10' }, 'less')).toMatchObject({ status: 'submitted' })
})

const wide = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
}
const silent = (broker: ScriptedBroker): void => {
  able(broker)
  broker.onReplace = 'silent'
}
const codesOf = async (bench: KernelBench, fields: Partial<OrderIntent>): Promise<readonly string[]> => {
  const answer = await bench.kernel.assess(bench.intent(fields))
  return answer.status === 'denied' ? answer.findings.map(({ code }) => code) : []
}
const low = { ...limit, limitPrice: '96', exits: { stopPrice: '90', targetPrice: '110', maximumSessions: 5 } }

test('I10 an amendment to what needs approval is refused, whoever is asked whether it does', async () => {
  const needsApproval = ({ request }: RiskContext) =>
    Number(request.quantity) > 20 ? { code: 'APPROVAL_REQUIRED', message: 'more than 20' } : undefined
  for (const options of [{ needsApproval }, { policy: { approvalAboveNotional: '2000' } }]) {
    const bench = await openKernelBench(options, 80, able)
    const orderId = await bench.enter({ ...limit, quantity: '10' })
    const snapshot = bench.kernel.snapshot()
    expect(await bench.kernel.amend(orderId, { quantity: '50' }, 'more')).toMatchObject({
      status: 'refused',
      findings: [{ code: 'APPROVAL_REQUIRED' }],
    })
    expect(bench.kernel.snapshot()).toBe(snapshot)
    expect(await bench.kernel.amend(orderId, { quantity: '20' }, 'less')).toMatchObject({ status: 'submitted' })
  }
})

test('I11 amendments take tokens of the order rate as orders do, of the account and of their agent', async () => {
  const maxOrderRate = { burst: 3, intervalMs: 60_000 }
  for (const policy of [{ maxOrderRate }, { principals: [{ agent: 'trader', maxOrderRate }] }]) {
    const bench = await openKernelBench({ policy }, 80, able)
    const orderId = await bench.enter({ ...limit, quantity: '10' })
    const outcomes: unknown[] = []
    for (const quantity of ['11', '12', '13']) {
      const outcome = await bench.kernel.amend(orderId, { quantity }, 'more')
      outcomes.push(outcome.status === 'refused' ? outcome.findings[0]?.code : outcome.status)
      await bench.kernel.settled()
    }
    expect(outcomes).toEqual(['submitted', 'submitted', 'RATE_LIMIT_EXCEEDED'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  }
})

test.each<[string, (broker: ScriptedBroker) => void]>([
  ['amends', able],
  ['has it cancelled and sent anew', () => undefined],
])('I13 amendments count as entries where the venue %s: a runaway is stopped', async (_, prepare) => {
  const bench = await openKernelBench({ automaticHalts: { entriesPerMinute: 3 } }, 80, prepare)
  const orderId = await bench.enter({ ...limit, quantity: '10' })
  for (const quantity of ['11', '12', '13', '14']) {
    await bench.kernel.amend(orderId, { quantity }, 'more')
    await bench.kernel.settled()
  }
  expect(bench.kernel.halts()).toMatchObject([{ cause: 'order-rate', state: 'reducing' }])
  const sent = bench.broker.sent.length + bench.broker.replacements.length
  expect(sent).toBe(3)
})

test('I13 a restart is no way round the limit of entries in a minute, for amendments neither', async () => {
  const bench = await openKernelBench({}, 80, able)
  const orderId = await bench.enter({ ...limit, quantity: '10' })
  const made = bench.now
  bench.now += 50_000
  await bench.kernel.amend(orderId, { quantity: '11' }, 'more')
  await bench.kernel.settled()
  const state = replayRecords(bench.journal)
  const countedAt = (now: number) =>
    recentEntries({ state, clock: { now: () => now }, limits: automaticHaltDefaults }).times.length
  expect([countedAt(bench.now), countedAt(made + 65_000), countedAt(made + 111_000)]).toEqual([2, 2, 0])
})

test('I11 what an amendment on its way may execute counts at once: its quantity, its price, its capital', async () => {
  const bench = await openKernelBench({ policy: { ...wide, maxPositionFraction: 0.1 } }, 80, silent)
  const orderId = await bench.enter({ ...low, quantity: '96' })
  expect(await bench.kernel.amend(orderId, { limitPrice: '103' }, 'dearer')).toMatchObject({ status: 'submitted' })
  // 96 at 103 leave 112 of the 10,000.
  expect(await codesOf(bench, { quantity: '2' })).toEqual(['MAX_POSITION'])
  const other = await openKernelBench({ policy: { ...wide, maxPositionFraction: 0.1 } }, 80, silent)
  const small = await other.enter({ ...low, quantity: '10' })
  await other.kernel.amend(small, { quantity: '98' }, 'more')
  expect(await codesOf(other, { quantity: '10' })).toEqual(['MAX_POSITION'])
  const principals = [{ agent: 'trader', capital: '10000' }]
  const third = await openKernelBench({ policy: { ...wide, principals } }, 80, silent)
  const mine = await third.enter({ ...low, quantity: '10' })
  await third.kernel.amend(mine, { quantity: '98' }, 'more')
  expect(await codesOf(third, { symbol: 'BBB', quantity: '10' })).toEqual(['AGENT_BUDGET_EXCEEDED'])
})

test('I40 an order that an amendment on its way could meet is denied, and one whose cancel is on its way', async () => {
  const short = { stopPrice: '105', targetPrice: '90', maximumSessions: 5 }
  const sell = { side: 'sell', type: 'limit', limitPrice: '98', exits: short } as const
  const bench = await openKernelBench({ policy: { ...wide, allowShorts: true } }, 80, silent)
  bench.broker.onCancel = 'silent'
  const orderId = await bench.enter(low)
  await bench.kernel.amend(orderId, { limitPrice: '99.5' }, 'nearer')
  expect(await codesOf(bench, sell)).toEqual(['SELF_TRADE_PREVENTION'])
  const other = await openKernelBench({ policy: { ...wide, allowShorts: true } }, 80, silent)
  other.broker.onCancel = 'silent'
  await other.kernel.cancel(await other.enter(limit), 'changed my mind')
  expect(await codesOf(other, sell)).toEqual(['SELF_TRADE_PREVENTION'])
})

test('I11 what is sent anew by an amendment has what it may cost by now set aside', async () => {
  const bench = await openKernelBench({ policy: wide })
  bench.broker.onCancel = 'silent'
  const orderId = await bench.enter({
    quantity: '50',
    exits: { stopPrice: '80', targetPrice: '200', maximumSessions: 5 },
  })
  const [first] = bench.broker.sent
  await bench.kernel.amend(orderId, { quantity: '60' }, 'more')
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now, price: '150', quantity: '1' })
  bench.broker.say(first?.clientOrderId ?? '', { type: 'canceled' })
  await bench.kernel.settled()
  expect(bench.broker.sent[1]).toMatchObject({ quantity: '60' })
  // 60 × 150 with a buffer of 5 % and the highest fee.
  expect(lockedCash(bench)).toBe(9469.9)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I11 an order that the venue has amended counts at the price that it was amended to', async () => {
  const bench = await openKernelBench({ policy: { ...wide, maxPositionFraction: 0.1 } }, 80, able)
  const orderId = await bench.enter({ ...low, quantity: '98' })
  await bench.kernel.amend(orderId, { limitPrice: '101' }, 'dearer')
  await bench.kernel.settled()
  expect(orderOf(bench, orderId).state.status).toBe('accepted')
  // 98 at 101 leave 102 of the 10,000; at 96 they would leave 592.
  expect(await codesOf(bench, { quantity: '2' })).toEqual(['MAX_POSITION'])
})

test('an amendment that changes nothing, or what nobody can amend, is refused', async () => {
  const bench = await openKernelBench({}, 80, able)
  const orderId = await bench.enter(limit)
  for (const [terms, message] of [
    [{ quantty: '9' }, /amend: there is no option quantty; did you mean quantity\?/],
    [{ quantity: '40', limitprice: '98' }, /did you mean limitPrice\?/],
    [{}, /it changes nothing; give at least one of quantity, limitPrice, stopPrice/],
    [{ quantity: undefined }, /it changes nothing/],
    [null, /its options are null/],
  ] as const)
    await expect(bench.kernel.amend(orderId, terms as never, 'test')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(message),
    })
  expect(bench.broker.replacements).toEqual([])
})
