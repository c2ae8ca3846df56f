import { expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { defineRiskRule } from '../risk/risk-rule.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const codesOf = async (bench: KernelBench, fields: Partial<OrderIntent>): Promise<readonly string[]> => {
  const answer = await bench.kernel.assess(bench.intent(fields))
  return answer.status === 'denied' ? answer.findings.map(({ code }) => code) : []
}
const ada = { operator: 'Ada', reason: 'as agreed' }
const set = (target: object, field: string, value: unknown): boolean => Reflect.set(target, field, value)

test('I10 a rule of one’s own, or who is asked about approval, cannot change the order or the policy that it is shown', async () => {
  const changed: boolean[] = []
  const meddle = ({ request, exits, policy, limits }: Parameters<Parameters<typeof defineRiskRule>[0]['check']>[0]) => {
    changed.push(
      set(request, 'quantity', '900'),
      set(exits ?? {}, 'stopPrice', '1'),
      set(policy, 'maxOrderFraction', 1),
      set(policy.stressShocks, 'length', 0),
      set(policy.principals?.[0] ?? {}, 'capital', '1e9'),
      set(limits, 'shocks', []),
    )
    return undefined
  }
  const policy = { principals: [{ agent: 'trader', capital: '50000' }] }
  const rule = defineRiskRule({ code: 'MEDDLER', binds: 'entry', check: meddle })
  for (const options of [{ rules: { add: [rule] } }, { needsApproval: meddle }]) {
    const bench = await openKernelBench({ ...options, policy })
    await bench.enter({ quantity: '10' })
    expect(bench.broker.sent).toMatchObject([{ quantity: '10' }])
    const again = await openKernelBench({ ...options, history: bench.journal })
    await again.enter({ quantity: '10' })
    expect(again.broker.sent).toMatchObject([{ quantity: '10' }])
  }
  expect(changed.length).toBeGreaterThan(12)
  expect(changed).not.toContain(true)
})

test('a built-in rule that is removed, or replaced, is so when the permit is used as well', async () => {
  const policy = { maximumQuoteAgeMs: 1_000 }
  const removed = await openKernelBench({ policy, rules: { remove: ['STALE_MARKET_DATA'] } })
  removed.now += 5_000
  await removed.enter({ quantity: '10' })
  let isOld = false
  const own = defineRiskRule({
    code: 'STALE_MARKET_DATA',
    binds: 'entry',
    check: () => (isOld ? 'too old for me' : undefined),
  })
  const replaced = await openKernelBench({ policy, rules: { replace: [own] } })
  const intent = replaced.intent({ quantity: '10' })
  const assessed = await replaced.kernel.assess(intent)
  isOld = true
  const permitId = assessed.status === 'permitted' ? assessed.permitId : ''
  expect(await replaced.kernel.submit(intent, permitId)).toMatchObject({
    findings: [{ code: 'STALE_MARKET_DATA', message: 'too old for me' }],
  })
})

test('I12 a rule that answers with a promise denies, and one that fails later brings nothing down', async () => {
  const check = (() => Promise.reject(new Error('later'))) as never
  const bench = await openKernelBench({ rules: { add: [defineRiskRule({ code: 'LATE', binds: 'entry', check })] } })
  expect(await codesOf(bench, {})).toEqual(['LATE'])
})

test('I12 a price from the future is no price: nobody knows how old it is', async () => {
  const bench = await openKernelBench({ policy: { maximumQuoteAgeMs: 5_000 } })
  const now = bench.now
  const trade = { type: 'trade', symbol: 'AAA', price: '100', quantity: '1' } as const
  await bench.market({ ...trade, time: now + 86_400_000 })
  bench.now = now + 60_000
  expect(await codesOf(bench, {})).toEqual(['STALE_MARKET_DATA'])
  await bench.kernel.onMarket({ ...trade, time: now + 61_000 })
  expect(await codesOf(bench, {})).toEqual([])
})

test('I11 an order at the market counts and sets aside what the quote asks, where that is more than the last trade', async () => {
  const bench = await openKernelBench()
  const exits = { stopPrice: '95', targetPrice: '140', maximumSessions: 5 }
  const quote = { type: 'quote', time: bench.now, bid: '119', ask: '120' } as const
  await bench.market({ ...quote, symbol: 'AAA' })
  await bench.enter({ quantity: '50', exits })
  // 50 × 120 with the buffer of 5 %, the highest fee and the least.
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('6313.6')
  expect(await codesOf(bench, { symbol: 'BBB', quantity: '90' })).toEqual([])
  await bench.market({ ...quote, symbol: 'CCC' })
  expect(await codesOf(bench, { symbol: 'CCC', quantity: '90', exits })).toContain('NOTIONAL_EXCEEDS_MAX_PER_ORDER')
})

test('I11 a position that was taken over before any price of it came counts from the first one on', async () => {
  const policy = {
    minimumAverageVolume: '0',
    averageVolumeSessions: 1,
    maxGrossExposureFraction: 0.25,
    stressShocks: [],
  }
  const bench = await openKernelBench({ policy }, 0)
  const day = { sessionDate: '2014-01-09', start: bench.now - 1, time: bench.now, open: '100', high: '100', low: '100' }
  await bench.market({ type: 'bar', symbol: 'AAA', timeframe: '1d', ...day, close: '100', volume: '9' })
  expect(await codesOf(bench, {})).toEqual([])
  bench.broker.balances.set('FFF', '400')
  await bench.kernel.adopt({ symbol: 'FFF', price: '100' }, ada)
  await bench.market({ type: 'trade', symbol: 'FFF', time: bench.now, price: '100', quantity: '1' })
  expect(await codesOf(bench, {})).toEqual(['MAX_GROSS_EXPOSURE'])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I11 what a principal holds again after a bust has cost what it cost, however many executions its order had', async () => {
  const policy = { cooldownAfterLossMs: 0, principals: [{ agent: 'trader', capital: '5500' }] }
  const bench = await openKernelBench({ policy })
  const { broker, kernel } = bench
  await bench.enter()
  broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await kernel.settled()
  await bench.enter({ side: 'sell', quantity: '50' })
  await kernel.settled()
  const exit = broker.sent.find(({ side, type }) => side === 'sell' && type === 'market')?.clientOrderId ?? ''
  for (let count = 1; count <= 40; count += 1) broker.fill(exit, '1', '100', `part-${count}`)
  broker.fill(exit, '10', '100', 'rest')
  await kernel.settled()
  expect(kernel.portfolio().positions).toEqual([])
  expect(await codesOf(bench, { symbol: 'BBB', quantity: '1' })).toEqual([])
  broker.say(exit, { type: 'busted', tradeId: 'rest' })
  await kernel.settled()
  expect(kernel.portfolio().positions).toMatchObject([{ quantity: '10' }])
  // 10 × 100 are in use, and 45 × 105 with the fee would be set aside.
  expect(await codesOf(bench, { symbol: 'BBB', quantity: '45' })).toEqual(['AGENT_BUDGET_EXCEEDED'])
})

test('I11 names that an agent takes up do not push out what it has lost under others', async () => {
  const policy = { cooldownAfterLossMs: 0, principals: [{ agent: 'trader', maxDrawdown: '100' }] }
  const bench = await openKernelBench({ policy })
  const { broker, kernel } = bench
  await bench.enter()
  broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await kernel.settled()
  await bench.enter({ side: 'sell' })
  broker.fill(
    broker.sent.find(({ side, type }) => side === 'sell' && type === 'market')?.clientOrderId ?? '',
    '50',
    '97',
  )
  await kernel.settled()
  expect(await codesOf(bench, {})).toEqual(['AGENT_BUDGET_EXCEEDED'])
  // Its permits lapse unused.
  await kernel.changePolicy({ cooldownAfterLossMs: 0 }, ada)
  for (let name = 0; name < 1_100; name += 1) {
    await kernel.assess(bench.intent({ symbol: 'BBB', quantity: '1', strategy: `name-${name}` }))
    bench.now += 6_000
  }
  await kernel.changePolicy(policy, ada)
  expect(await codesOf(bench, { symbol: 'CCC' })).toContain('AGENT_BUDGET_EXCEEDED')
})

test('an entry counts as the day trade that its stop may make of it, from when it is asked for until the session ends', async () => {
  const patternDayTrading = { minimumEquity: '200000', maxDayTrades: 2, sessions: 5 }
  const bench = await openKernelBench({ policy: { patternDayTrading } })
  const rests = { type: 'limit', limitPrice: '99', timeInForce: 'gtc', quantity: '5' } as const
  const denied = async (symbol: string): Promise<boolean> =>
    (await codesOf(bench, { symbol })).includes('PDT_RESTRICTED')
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ ...rests, symbol: 'AAA' })
  const second = await bench.enter({ ...rests, symbol: 'BBB' })
  expect(await denied('CCC')).toBe(true)
  // What is added to a position makes no day trade more.
  await bench.enter({ ...rests, symbol: 'AAA' })
  await bench.kernel.cancel(second, 'test')
  await bench.kernel.settled()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '5', '99')
  await bench.kernel.settled()
  await bench.enter({ ...rests, symbol: 'CCC' })
  expect(await denied('DDD')).toBe(true)
  const stop = bench.broker.sent.find(({ type }) => type === 'stop')
  bench.broker.fill(stop?.clientOrderId ?? '', '5', '95')
  await bench.kernel.settled()
  // One was made, one more may be.
  expect(await denied('DDD')).toBe(true)
  const kept = bench.kernel.snapshot()
  expect(rebuildKernelState(bench.journal)).toBe(kept)
})

test('the cooldown after a loss names the symbol that was left at it', async () => {
  const bench = await openKernelBench()
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ symbol: 'BBB', quantity: '5' })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '5', '100')
  await bench.kernel.settled()
  bench.broker.fill(bench.broker.sent.find(({ type }) => type === 'stop')?.clientOrderId ?? '', '5', '95')
  await bench.kernel.settled()
  const answer = await bench.kernel.assess(bench.intent({ symbol: 'AAA', quantity: '5' }))
  expect(answer).toMatchObject({
    status: 'denied',
    findings: [
      {
        code: 'COOLDOWN_ACTIVE',
        message: 'the position in BBB was closed at a loss; entries are possible again in 1800000 ms',
      },
    ],
  })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})
