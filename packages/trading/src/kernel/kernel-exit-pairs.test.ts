import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { Instrument } from '../instruments/instrument.js'
import type { BrokerCapabilities } from '../orders/broker.js'
import type { ExitPlan, OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest, type ScriptedBroker, singles } from './scripted-broker.test-support.js'

const plan: ExitPlan = { stopPrice: '95', targetPrice: '110', maximumSessions: 50 }
/** A venue that takes a target and a stop in one order, and amends nothing. */
const pairs: BrokerCapabilities = { ...ablest, holdsExitPairs: false, replace: 'none' }

async function holding(
  more: Partial<ExitPlan> = {},
  capabilities: BrokerCapabilities = pairs,
  prepare: (broker: ScriptedBroker) => void = () => undefined,
): Promise<KernelBench> {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = capabilities
    prepare(broker)
  })
  await bench.enter({ exits: { ...plan, ...more } })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}
const exits = ({ broker }: KernelBench): readonly string[] =>
  broker.sent
    .filter(({ reduceOnly }) => reduceOnly)
    .map(({ type, stopPrice, limitPrice, quantity }) =>
      [
        type,
        ...(limitPrice === undefined ? [] : [limitPrice]),
        ...(stopPrice === undefined ? [] : [stopPrice]),
        quantity,
      ].join(' '),
    )
const idOf = ({ broker }: KernelBench, type: string): string =>
  broker.sent.findLast((order) => order.side === 'sell' && order.type === type)?.clientOrderId ?? ''
const opened = (bench: KernelBench, price: number): Promise<void> => bench.session(price, ['open'])
const alerts = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
const reasons = ({ events }: KernelBench): readonly string[] =>
  events.flatMap((event) => (event.type === 'position-closed' ? [event.position.exitReason] : []))

test('I29 where both cannot rest side by side, stop and target are one order, and cover the position', async () => {
  const bench = await holding()
  expect(exits(bench)).toEqual(['oco 110 95 50'])
  bench.now += 600_000
  await opened(bench, 101)
  expect(alerts(bench)).toEqual([])
  expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '95', targetPrice: '110' })
  await bench.enter({ symbol: 'BBB', exits: plan })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('side by side is preferred where a venue has both ways', async () => {
  const bench = await holding({}, ablest)
  expect(exits(bench)).toEqual(['stop 95 50', 'limit 110 50'])
})

test.each([
  ['110', 'target'],
  ['111', 'target'],
  // A venue that watches the target leaves at the market once it is reached.
  ['109.9', 'target'],
  ['95', 'stop'],
  ['80', 'stop'],
])('a pair that was executed at %s has left at the %s', async (price, reason) => {
  const bench = await holding()
  bench.broker.fill(idOf(bench, 'oco'), '50', price)
  await bench.kernel.settled()
  expect(reasons(bench)).toEqual([reason])
  expect(exits(bench)).toHaveLength(1)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 what its target has executed in part is no part of its stop: nothing else is sent, and the rest stays covered', async () => {
  const bench = await holding()
  bench.broker.fill(idOf(bench, 'oco'), '20', '110')
  await bench.kernel.settled()
  bench.now += 600_000
  await opened(bench, 109)
  expect([exits(bench), bench.broker.cancels, alerts(bench)]).toEqual([['oco 110 95 50'], [], []])
  bench.broker.say(idOf(bench, 'oco'), { type: 'triggered' })
  bench.broker.fill(idOf(bench, 'oco'), '30', '95')
  await bench.kernel.settled()
  expect(reasons(bench)).toEqual(['stop'])
})

test('a price at the target is left to the pair that the venue holds', async () => {
  const bench = await holding()
  await opened(bench, 111)
  await opened(bench, 111)
  expect([exits(bench), bench.broker.cancels]).toEqual([['oco 110 95 50'], []])
})

test('I29 a price at the target of a pair that the venue has not acknowledged is acted on here', async () => {
  const bench = await holding({}, pairs, (broker) => {
    broker.onPlace = ({ type }) => (type === 'oco' ? 'silent' : 'accept')
  })
  await opened(bench, 111)
  expect(exits(bench)).toEqual(['oco 110 95 50', 'market 50'])
  expect(bench.broker.cancels).toEqual([idOf(bench, 'oco')])
})

test('I29 a refused pair is a stop alone, and its target is watched', async () => {
  const bench = await holding({}, pairs, (broker) => {
    broker.onPlace = ({ type }) => (type === 'oco' ? new SwarmError({ code: 'REFUSED', message: 'no' }) : 'accept')
  })
  expect(exits(bench)).toEqual(['stop 95 50'])
  await opened(bench, 111)
  expect(exits(bench)).toEqual(['stop 95 50', 'market 50'])
  bench.broker.fill(idOf(bench, 'market'), '50', '111')
  await bench.kernel.settled()
  expect(reasons(bench)).toEqual(['target'])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I29 a pair that ends unasked comes back as a stop', async () => {
  const bench = await holding()
  bench.broker.say(idOf(bench, 'oco'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['oco 110 95 50', 'stop 95 50'])
})

test('I29 a pair whose stop is to move is cancelled, and placed anew when that is certain', async () => {
  const bench = await holding({ trailAmount: '4' })
  bench.broker.onCancel = 'silent'
  await opened(bench, 103)
  expect(exits(bench)).toEqual(['oco 110 95 50'])
  bench.broker.say(idOf(bench, 'oco'), { type: 'canceled' })
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['oco 110 95 50', 'oco 110 99 50'])
})

test('I41 a venue that amends pairs moves both levels of one, under a new id', async () => {
  const bench = await holding({ trailAmount: '4' }, { ...pairs, replace: 'same-order' })
  await opened(bench, 103)
  expect(bench.broker.cancels).toEqual([])
  expect(bench.broker.replacements).toMatchObject([
    { request: { type: 'oco', stopPrice: '99', limitPrice: '110', quantity: '50' } },
  ])
  await bench.enter({ exits: { ...plan, stopPrice: '98', targetPrice: '112' }, quantity: '10' })
  bench.broker.fill(bench.broker.sent.findLast(({ side }) => side === 'buy')?.clientOrderId ?? '', '10', '103')
  await bench.kernel.settled()
  expect(bench.broker.replacements.at(-1)).toMatchObject({ request: { stopPrice: '99', limitPrice: '112' } })
  expect(exits(bench).at(-1)).toBe('oco 112 99 10')
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([{ trailAmount: '4' }, { trailFraction: '0.04' }, { breakEvenPrice: '105' }])(
  'I29 a stop that moves stays alone where the venue amends stops and not pairs, so that it is never away: %j',
  async (moves) => {
    const bench = await holding(moves, { ...pairs, replace: 'new-order', replaceOf: singles })
    expect(exits(bench)).toEqual(['stop 95 50'])
    await opened(bench, 106)
    expect([bench.broker.replacements.length, bench.broker.cancels]).toEqual([1, []])
  },
)

test('an instrument of which the venue takes no pairs gets a stop', async () => {
  const bench = await holding({}, pairs, (broker) => {
    const { definition } = broker
    const open = definition.open.bind(definition)
    Object.assign(definition, {
      async open(context: Parameters<typeof open>[0]) {
        const opened = await open(context)
        const find = opened.instrument.bind(opened)
        const instrument = (symbol: string): Instrument | undefined => {
          const known = find(symbol)
          return known === undefined ? undefined : { ...known, orderTypes: singles }
        }
        return Object.assign(opened, { instrument })
      },
    })
  })
  expect(exits(bench)).toEqual(['stop 95 50'])
})

test('I40 a pair whose target could meet an entry of ours is a stop alone, until that has ended', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = pairs
  })
  await bench.enter({ exits: { ...plan, targetPrice: '104' } })
  const entry = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(entry, '20', '100')
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 20'])
  bench.broker.fill(entry, '30', '100')
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['stop 95 20', 'oco 104 95 30'])
  await opened(bench, 104)
  // The pair holds the target of its own units alone.
  expect(bench.broker.cancels).toHaveLength(2)
  expect(exits(bench).at(-1)).toBe('market 50')
  expect(alerts(bench)).toEqual([])
})

test('an exit that an agent asks for takes the place of the pair, and what it leaves is covered again', async () => {
  const bench = await holding()
  const { exits: _, ...leave } = bench.intent({ side: 'sell', quantity: '20' })
  const answer = await bench.kernel.assess(leave as OrderIntent)
  await bench.kernel.submit(leave as OrderIntent, answer.status === 'permitted' ? answer.permitId : '')
  await bench.kernel.settled()
  expect(exits(bench)).toEqual(['oco 110 95 50', 'oco 110 95 30', 'market 20'])
})

test('I29 a worked exit cuts a pair down where the venue amends it', async () => {
  const bench = await holding({}, { ...pairs, replace: 'same-order' })
  await bench.session(100, ['pre-open', 'open'])
  const execution = { style: 'twap', slices: 2 } as const
  const { exits: _, ...leave } = bench.intent({
    side: 'sell',
    timeInForce: 'gtd',
    expiresAt: bench.now + 60_000,
    execution,
  })
  const answer = await bench.kernel.assess(leave as OrderIntent)
  await bench.kernel.submit(leave as OrderIntent, answer.status === 'permitted' ? answer.permitId : '')
  await bench.kernel.settled()
  expect(bench.broker.replacements).toMatchObject([{ request: { type: 'oco', quantity: '25' } }])
  expect(exits(bench)).toEqual(['oco 110 95 50', 'market 25'])
  expect(bench.broker.cancels).toEqual([])
})

test('I42 a split has the pair come back in new units at new levels', async () => {
  const bench = await holding()
  await bench.session(100, ['pre-open', 'open'])
  const split = { type: 'split', symbol: 'AAA', sessionDate: '2014-05-20', numerator: 2, denominator: 1 } as const
  await bench.market({ ...split, time: bench.now + 1 })
  await bench.kernel.settled()
  const units = exits(bench)
    .slice(1)
    .map((exit) => exit.split(' '))
  expect(units.every(([type, target, stop]) => type === 'oco' && target === '55' && stop === '47.5')).toBe(true)
  expect(units.reduce((sum, [, , , quantity]) => sum + Number(quantity), 0)).toBe(100)
})

test('after a restart the pair that the venue holds is the exit of the position, and nothing else is sent', async () => {
  const first = await holding()
  const id = idOf(first, 'oco')
  const again = await openKernelBench({ history: first.journal }, 0, (broker) => {
    broker.capabilities = pairs
    broker.balances.set('USD', '94999').set('AAA', '50')
    const held = { clientOrderId: id, venueOrderId: `venue-${id}`, symbol: 'AAA', status: 'open' } as const
    broker.held.set(id, { ...held, quantity: '50', filledQuantity: '0' })
  })
  again.now = first.now
  await again.session(101, ['pre-open', 'open'])
  expect([again.broker.sent, again.kernel.externalOrders()]).toEqual([[], []])
})

test.each([{ side: 'buy' }, { side: 'sell' }] as const)('an agent asks for no pair: %j is denied', async ({ side }) => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = pairs
  })
  const intent = { ...bench.intent({ side }), type: 'oco', limitPrice: '110', stopPrice: '95', timeInForce: 'gtc' }
  const answer = await bench.kernel.assess(intent as unknown as OrderIntent)
  expect(answer).toMatchObject({ status: 'denied', findings: [{ code: 'UNSUPPORTED_ORDER_TYPE' }] })
})
