import { expect, test } from 'vitest'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const plan = { stopPrice: '95', targetPrice: '110', maximumSessions: 3 }

function fill(
  { broker, now }: KernelBench,
  id: string,
  quantity: string,
  price: string,
  fee: string,
  feeCurrency: string,
) {
  const market = { referencePrice: price, referenceTime: now, liquidity: 'taker' as const }
  const execution = { tradeId: `t${now}-${quantity}`, price, quantity, fee, feeCurrency, ...market }
  broker.say(id, { type: 'filled', execution })
}

/** Fifty units of which the fee has taken a tenth of one, stopped out but for what is no whole lot. */
async function leftInDust(): Promise<KernelBench> {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ exits: plan })
  fill(bench, bench.broker.sent[0]?.clientOrderId ?? '', '50', '100', '0.1', 'AAA')
  await bench.kernel.settled()
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')
  expect(stop?.quantity).toBe('49')
  fill(bench, stop?.clientOrderId ?? '', '49', '95', '1', 'USD')
  await bench.kernel.settled()
  expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '0.9' }])
  return bench
}

test('a position that was left but for less than a lot has ended, and is told so once', async () => {
  const bench = await leftInDust()
  const closed = bench.events.filter(({ type }) => type === 'position-closed')
  expect(closed).toMatchObject([{ position: { symbol: 'AAA', quantity: '49', exitReason: 'stop' } }])
  expect(bench.kernel.exits('AAA')).toBeUndefined()
  await bench.session(94, ['bars', 'close'])
  expect(bench.events.filter(({ type }) => type === 'position-closed')).toHaveLength(1)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('the next entry has its own stop and its own sessions, and its exits offer the units that were left too', async () => {
  const bench = await leftInDust()
  await bench.session(91, ['bars', 'close'])
  await bench.session(91, ['pre-open', 'open'])
  const exits = { stopPrice: '85', targetPrice: '105', maximumSessions: 3 }
  await bench.enter({ exits })
  fill(bench, bench.broker.sent.at(-1)?.clientOrderId ?? '', '50', '91', '0.1', 'AAA')
  await bench.kernel.settled()
  expect(bench.kernel.exits('AAA')).toEqual(exits)
  expect(bench.broker.sent.slice(-2)).toMatchObject([
    { type: 'stop', stopPrice: '85', quantity: '50' },
    { type: 'limit', limitPrice: '105', quantity: '50' },
  ])
  for (let day = 0; day < 2; day += 1) await bench.session(91)
  expect(bench.broker.sent.at(-1)?.type).toBe('limit')
})

test('I29 units that a split makes a lot of are left at once, and then the symbol takes entries again', async () => {
  const bench = await leftInDust()
  const { broker, kernel } = bench
  const sent = broker.sent.length
  const [time, sessionDate] = [bench.now + 1, '2014-05-20']
  await bench.market({ type: 'split', symbol: 'AAA', sessionDate, time, numerator: 2, denominator: 1 })
  expect(broker.sent.slice(sent)).toMatchObject([{ type: 'market', side: 'sell', quantity: '1', reduceOnly: true }])
  fill(bench, broker.sent.at(-1)?.clientOrderId ?? '', '1', '47', '0', 'USD')
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '0.8' }])
  const closed = bench.events.filter(({ type }) => type === 'position-closed')
  expect(closed).toMatchObject([{ position: { quantity: '49' } }, { position: { quantity: '1', entryPrice: '50' } }])
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  await bench.session(47, ['bars', 'close'])
  await bench.session(47, ['pre-open', 'open'])
  await bench.enter({ exits: { stopPrice: '44', targetPrice: '53', maximumSessions: 3 } })
  expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'buy' })
})

/** Fifty units, left whole, and then a correction takes a tenth off what was bought: less than a lot is short. */
async function shortOfDust(): Promise<KernelBench> {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  const { broker, kernel } = bench
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ exits: plan })
  const bought = broker.sent[0]?.clientOrderId ?? ''
  const tradeId = `t${bench.now}-50`
  fill(bench, bought, '50', '100', '1', 'USD')
  await kernel.settled()
  bench.now += 1
  fill(bench, broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? '', '50', '95', '1', 'USD')
  await kernel.settled()
  const market = { referencePrice: '100', referenceTime: bench.now, liquidity: 'taker' as const }
  const execution = { tradeId, price: '100', quantity: '49.9', fee: '1', feeCurrency: 'USD', ...market }
  broker.say(bought, { type: 'corrected', execution }, 'c1')
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '-0.1' }])
  return bench
}

test('less than a lot that is short keeps its symbol from no entry, which has its own exits', async () => {
  const bench = await shortOfDust()
  const { broker, kernel } = bench
  const exits = { stopPrice: '85', targetPrice: '105', maximumSessions: 3 }
  await bench.session(95, ['bars', 'close'])
  await bench.session(95, ['pre-open', 'open'])
  await bench.enter({ exits })
  expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'buy', reduceOnly: false })
  fill(bench, broker.sent.at(-1)?.clientOrderId ?? '', '50', '95', '1', 'USD')
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '49.9' }])
  expect(kernel.exits('AAA')).toEqual(exits)
  expect(broker.sent.slice(-2)).toMatchObject([
    { type: 'stop', side: 'sell', stopPrice: '85', quantity: '49' },
    { type: 'limit', side: 'sell', limitPrice: '105', quantity: '49' },
  ])
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})

test('less than a lot that was bought keeps its symbol from no short sale', async () => {
  const bench = await leftInDust()
  await bench.session(91, ['bars', 'close'])
  await bench.session(91, ['pre-open', 'open'])
  await bench.kernel.changePolicy({ allowShorts: true, cooldownAfterLossMs: 0 }, { operator: 'Ada', reason: 'test' })
  await bench.enter({ side: 'sell', exits: { stopPrice: '99', targetPrice: '75', maximumSessions: 3 } })
  expect(bench.broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', reduceOnly: false })
})

test('an entry of which less than a lot has come ends with its order, and the next one begins anew', async () => {
  const bench = await openKernelBench({ policy: { cooldownAfterLossMs: 0 } })
  const { broker, kernel } = bench
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ exits: plan })
  const first = broker.sent[0]?.clientOrderId ?? ''
  fill(bench, first, '1', '100', '0.1', 'AAA')
  broker.say(first, { type: 'canceled' })
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '0.9' }])
  expect(kernel.exits('AAA')).toBeUndefined()
  expect(bench.events.filter(({ type }) => type === 'position-closed')).toEqual([])
  const exits = { stopPrice: '90', targetPrice: '120', maximumSessions: 5 }
  await bench.enter({ exits })
  fill(bench, broker.sent.at(-1)?.clientOrderId ?? '', '50', '100', '0.1', 'AAA')
  await kernel.settled()
  expect(kernel.exits('AAA')).toEqual(exits)
  expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
})
