import { SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { RoundTrip } from '../protection/round-trip.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const operator = { operator: 'Ada', reason: 'test' }
const exits = { stopPrice: '85', targetPrice: '105', maximumSessions: 3 }

function tripOf({ kernel }: KernelBench): RoundTrip | undefined {
  return (JSON.parse(kernel.snapshot()) as { roundTrips: Record<string, RoundTrip> }).roundTrips.AAA
}

async function fill(bench: KernelBench, id: string, quantity: string, tradeId: string): Promise<void> {
  const { broker, kernel, now } = bench
  const market = { referencePrice: '99', referenceTime: now, liquidity: 'taker' as const }
  const execution = { tradeId, price: '99', quantity, fee: '1', feeCurrency: 'USD', ...market }
  broker.say(id, { type: 'filled', execution })
  await kernel.settled()
}

const lastOf = ({ broker }: KernelBench): string => broker.sent.at(-1)?.clientOrderId ?? ''

/** Fifty units were left by a flattening, an entry of as many rests since, and then forty of those that were bought turn out not to have been. */
async function turned(): Promise<KernelBench> {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  const { broker, kernel } = bench
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  const bought = broker.sent[0]?.clientOrderId ?? ''
  await fill(bench, bought, '50', 't1')
  await kernel.flatten(operator)
  await kernel.settled()
  await fill(bench, lastOf(bench), '50', 't2')
  await kernel.resume(operator)
  await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', exits })
  const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' as const }
  const execution = { tradeId: 't1', price: '99', quantity: '10', fee: '1', feeCurrency: 'USD', ...market }
  broker.say(bought, { type: 'corrected', execution }, 'c1')
  await kernel.settled()
  expect(tripOf(bench)).toMatchObject({ side: 'short', status: 'open', leaving: true })
  expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'buy', quantity: '40', reduceOnly: true })
  return bench
}

test.each([
  ['at once', ['50']],
  ['in parts', ['30', '20']],
  ['up to flat, and then', ['40', '10']],
])('I13 I29 an entry that takes what a correction turned through zero %s brings its own exits', async (_, parts) => {
  const bench = await turned()
  const { broker, kernel } = bench
  const [entry, exit] = [broker.sent.at(-2)?.clientOrderId ?? '', lastOf(bench)]
  for (const [index, quantity] of parts.entries()) await fill(bench, entry, quantity, `t${3 + index}`)
  broker.say(exit, { type: 'rejected', code: 'NOT_SHORT', message: 'nothing is held that way' })
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ quantity: '10' }])
  expect(tripOf(bench)).toMatchObject({ side: 'long', status: 'open', entryQuantity: '10' })
  expect(tripOf(bench)?.leaving).toBeUndefined()
  expect(kernel.exits('AAA')).toEqual(exits)
  expect(broker.sent.slice(-2)).toMatchObject([
    { type: 'stop', side: 'sell', stopPrice: '85', quantity: '10' },
    { type: 'limit', side: 'sell', limitPrice: '105', quantity: '10' },
  ])
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})

test('I13 an exit that takes what a correction turned through zero is left, and has no plan', async () => {
  const bench = await turned()
  await fill(bench, lastOf(bench), '45', 't3')
  expect(tripOf(bench)).toMatchObject({ side: 'long', status: 'open', leaving: true, entryQuantity: '5' })
  expect(bench.kernel.exits('AAA')).toBeUndefined()
  expect(bench.broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', quantity: '5', reduceOnly: true })
})

test('I29 an exit of before the position turned is cancelled, and what is held now is covered beside it', async () => {
  const bench = await turned()
  const { broker, kernel } = bench
  const exit = lastOf(bench)
  await fill(bench, broker.sent.at(-2)?.clientOrderId ?? '', '50', 't3')
  expect(broker.cancels).toContain(exit)
  expect(broker.sent.slice(-2)).toMatchObject([
    { type: 'stop', side: 'sell', stopPrice: '85', quantity: '10' },
    { type: 'limit', side: 'sell', limitPrice: '105', quantity: '10' },
  ])
  for (let second = 0; second < 6; second += 1)
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price: '100', quantity: '1' })
  expect(bench.events).not.toContainEqual(expect.objectContaining({ type: 'alert', code: 'UNPROTECTED' }))
  const { exits: _, ...intent } = bench.intent({ side: 'sell', quantity: '10' })
  expect(await kernel.assess(intent)).toMatchObject({ status: 'permitted' })
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})

test('I29 an exit of before the position turned holds no units while its cancel gets no answer', async () => {
  const bench = await turned()
  const { broker, kernel } = bench
  const exit = lastOf(bench)
  broker.onCancel = (id) => (id === exit ? 'silent' : 'cancel')
  await fill(bench, broker.sent.at(-2)?.clientOrderId ?? '', '50', 't3')
  expect(broker.cancels).toContain(exit)
  await kernel.flatten(operator)
  await kernel.settled()
  expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', quantity: '10', reduceOnly: true })
})

test('I13 an exit of unknown fate from before the position turned does not keep it from being left', async () => {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  const { broker, kernel } = bench
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  const bought = broker.sent[0]?.clientOrderId ?? ''
  await fill(bench, bought, '50', 't1')
  await kernel.flatten(operator)
  await kernel.settled()
  await fill(bench, lastOf(bench), '50', 't2')
  await kernel.resume(operator)
  await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', exits })
  const lost = new SwarmError({ code: 'NO_ANSWER', message: '502', retryability: 'unknown-outcome' })
  const unknown: string[] = []
  broker.onPlace = ({ side, type, clientOrderId }) => {
    if (side === 'buy') return 'accept'
    if (type === 'limit') unknown.push(clientOrderId)
    return lost
  }
  await fill(bench, lastOf(bench), '10', 't3')
  const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' as const }
  const execution = { tradeId: 't1', price: '99', quantity: '30', fee: '1', feeCurrency: 'USD', ...market }
  broker.say(bought, { type: 'corrected', execution }, 'c1')
  await kernel.settled()
  expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'buy', quantity: '10', reduceOnly: true })
  expect(unknown).toHaveLength(1)
  expect(broker.cancels).toContain(unknown[0])
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})
