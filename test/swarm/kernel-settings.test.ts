import { createTradingSwarm, defineTradingSwarm, type TradingSwarm, type TradingSwarmRuntime } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSeededRandom, createSequentialIds, createVirtualDispatcher, sha256Hex } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { BrokerDefinition, MarketEvent, MarketListener, OrderIntent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { smallSessions, smallSymbols, smallTape } from './small-tape.test-support.js'

const { instruments } = smallTape
const [symbol = ''] = smallSymbols
const paper = createPaperBroker({ account: 'paper', instruments, cash: { USD: '100000' } })
const start = smallSessions()[0]?.open ?? 0

function swarmOf(
  more: Partial<TradingSwarmRuntime> = {},
  brokers: readonly BrokerDefinition[] = [paper],
  policy: object = {},
) {
  const listeners: MarketListener[] = []
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: smallSymbols,
      brokers,
      policy: { averageVolumeSessions: 1, minimumAverageVolume: '0', maximumQuoteAgeMs: 600_000, ...policy },
    }),
    {
      storage: createMemoryStorage(),
      feed: {
        name: 'by hand',
        subscribe(listener) {
          listeners.push(listener)
          return () => undefined
        },
      },
      instruments,
      deposits: Object.fromEntries(brokers.map(({ account }) => [account, '100000'])),
      runtime: {
        dispatcher: createVirtualDispatcher({ start }),
        ids: createSequentialIds(),
        random: createSeededRandom(1),
      },
      ...more,
    },
  )
  const tell = async (event: MarketEvent): Promise<void> => {
    for (const listener of listeners) await listener(event)
  }
  /** A bar at 100, which is the last price from then on. */
  const price = (): Promise<void> => {
    const sessionDate = smallSessions()[0]?.date ?? ''
    const figures = { open: '100', high: '100', low: '100', close: '100', volume: '1000000' }
    return tell({ type: 'bar', symbol, timeframe: '1d', sessionDate, start, time: start, ...figures })
  }
  return { swarm, price, tell }
}

let asked = 0
function intentOf(fields: Partial<OrderIntent> = {}): OrderIntent {
  asked += 1
  return {
    intentId: `asked-${asked}`,
    account: 'paper',
    agent: 'trader',
    strategy: 'own',
    symbol,
    side: 'buy',
    type: 'limit',
    quantity: '10',
    limitPrice: '100',
    timeInForce: 'gtc',
    exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 3 },
    decidedAt: 0,
    causationId: 'test',
    correlationId: 'test',
    ...fields,
  }
}

const codesOf = async (swarm: TradingSwarm, intent: OrderIntent): Promise<readonly string[]> => {
  const answer = await swarm.kernel().assess(intent)
  return answer.status === 'denied' ? answer.findings.map(({ code }) => code) : []
}

test('I10 what a swarm is told of approvals, halts and model spend, its kernels keep', async () => {
  const { swarm, price } = swarmOf(
    {
      needsApproval: ({ request }) =>
        Number(request.quantity) > 20 ? { code: 'APPROVAL_REQUIRED', message: 'more than 20' } : undefined,
      approvalLifetimeMs: 1_000,
      automaticHalts: { entriesPerMinute: 1 },
      riskInputs: { modelSpend: () => '4.99' },
      lots: 'average',
      reconcileEveryMs: 1_000_000,
    },
    [paper],
    { principals: [{ modelBudget: '5' }] },
  )
  await swarm.start()
  await price()
  expect(await codesOf(swarm, intentOf({ quantity: '30' }))).toEqual(['APPROVAL_REQUIRED'])
  expect(swarm.approvals()).toMatchObject([{ expiresAt: start + 1_000 }])
  const kernel = swarm.kernel()
  expect(JSON.parse(kernel.snapshot())).toMatchObject({ ledger: { lots: 'average' } })
  for (const quantity of ['1', '2']) {
    const intent = intentOf({ quantity })
    const assessed = await kernel.assess(intent)
    await kernel.submit(intent, assessed.status === 'permitted' ? assessed.permitId : JSON.stringify(assessed))
  }
  expect(kernel.halts()).toMatchObject([{ cause: 'order-rate' }])
  await swarm.stop()
})

test('I11 an agent whose models have cost what they may enters nothing', async () => {
  const spent = swarmOf({ riskInputs: { modelSpend: () => '5.01' } }, [paper], { principals: [{ modelBudget: '5' }] })
  await spent.swarm.start()
  await spent.price()
  expect(await codesOf(spent.swarm, intentOf())).toEqual(['AGENT_BUDGET_EXCEEDED'])
  await spent.swarm.stop()
})

test.each<[object, RegExp]>([
  [{ operator: ['Ada'] }, /createTradingSwarm: operator: there is no such option; did you mean operators\?/],
  [{ emergencySecret: 'x' }, /createTradingSwarm: emergencySecret: there is no such option/],
  [{ killSwitchSecretHash: 'open sesame' }, /createTradingSwarm: killSwitchSecretHash is not a SHA-256/],
  [{ operators: [' '] }, /createTradingSwarm: operators holds an empty name/],
  [{ automaticHalts: { rejectionStreak: 0 } }, /createTradingSwarm: automaticHalts\.rejectionStreak is 0/],
  [{ automaticHalts: { rejections: 5 } }, /automaticHalts\.rejections: there is no such halt/],
  [{ approvalLifetimeMs: 1 }, /createTradingSwarm: approvalLifetimeMs is 1/],
  [{ needsApproval: true }, /createTradingSwarm: needsApproval must be a function/],
  [{ riskInputs: { modelSpend: '5' } }, /createTradingSwarm: riskInputs\.modelSpend must be a function/],
  [{ lots: 'hifo' }, /createTradingSwarm: lots is "hifo"; there are fifo, lifo, average/],
])('settings that would guard nothing are refused before anything opens: %j', (options, message) => {
  expect(() => swarmOf(options)).toThrow(message)
  expect(() => swarmOf(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test('I14 a kill, a halt or a freeze while the accounts are still opening leaves none of them out', async () => {
  const acts: readonly ((swarm: TradingSwarm) => Promise<void>)[] = [
    (swarm) => swarm.kill('smoke'),
    (swarm) => swarm.halt('halted', 'smoke'),
    (swarm) => swarm.freeze({ operator: 'Ada', reason: 'smoke' }),
  ]
  for (const act of acts) {
    let stopped: Promise<void> | undefined
    const second = createPaperBroker({ account: 'second', instruments, cash: { USD: '100000' } })
    const { swarm } = swarmOf({}, [
      {
        ...paper,
        open(context) {
          stopped = act(swarm)
          return paper.open(context)
        },
      },
      second,
    ])
    await swarm.start()
    await stopped
    expect(['paper', 'second'].map((account) => swarm.tradingState(account))).toEqual([
      { state: 'halted', reasons: ['smoke'] },
      { state: 'halted', reasons: ['smoke'] },
    ])
    await swarm.stop()
  }
})

test('a secret that comes with an act of an operator is in no line of the journal', async () => {
  const secret = 'open sesame'
  const hash = sha256Hex(secret)
  const storage = createMemoryStorage()
  const { swarm, price } = swarmOf({ storage, killSwitchSecretHash: hash, emergencySecretHash: hash })
  await swarm.start()
  await price()
  const ada = { operator: 'Ada', reason: 'drill', secret }
  await swarm.halt('halted', 'drill', ada)
  await swarm.resume(ada)
  await swarm.freeze(ada)
  await swarm.unfreeze(ada)
  await swarm.flatten(ada)
  await swarm.resume(ada)
  await swarm.kill('drill', ada)
  await swarm.resetKillSwitch({ operator: 'Ada', secret })
  for (const act of ['approve', 'deny'] as const)
    await expect(swarm[act]('none', ada)).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' })
  await expect(swarm.flatten({ ...ada, secret: 'open barley' })).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  await swarm.checkpoint()
  const lines: string[] = []
  for await (const { text } of swarm.storage.journal.read({})) lines.push(text)
  expect(lines.filter((line) => line.includes('operator'))).not.toEqual([])
  expect(lines.filter((line) => /sesame|barley/.test(line))).toEqual([])
  await swarm.stop()
})

test('an account whose venue is slow keeps no other from what the market says', async () => {
  const opened = Promise.withResolvers<void>()
  let isSlow = false
  const slow: BrokerDefinition = {
    ...paper,
    account: 'slow',
    async open(context) {
      const broker = await createPaperBroker({ account: 'slow', instruments, cash: { USD: '1' } }).open(context)
      return new Proxy(broker, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target)
          if (key === 'balances' && isSlow) return () => opened.promise.then(() => broker.balances())
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
  // Its books and its venue do not agree, so that it asks again with each session.
  const { swarm, tell } = swarmOf({ deposits: { slow: '2', paper: '100000' } }, [slow, paper])
  await swarm.start()
  isSlow = true
  const next = smallSessions()[1]
  const sessionDate = next?.date ?? ''
  const told = tell({ type: 'session', phase: 'open', calendar: 'us-equity', sessionDate, time: next?.open ?? 0 })
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  const dateOf = (account: string) =>
    (JSON.parse(swarm.kernel(account).snapshot()) as { risk: { sessionDate: string } }).risk.sessionDate
  expect(dateOf('paper')).toBe(sessionDate)
  opened.resolve()
  await told
  expect(dateOf('slow')).toBe(sessionDate)
  await swarm.stop()
})

test('past bars are asked for once the account is held, and its kernel begins with them', async () => {
  let questions = 0
  const { swarm } = swarmOf({
    pastBars: async () => {
      questions += 1
      const [session] = smallSessions()
      const [open, close] = [(session?.open ?? 0) - 86_400_000, (session?.close ?? 0) - 86_400_000]
      const prices = { open: '10', high: '12', low: '9', close: '11', volume: '1000' }
      const times = { sessionDate: '2013-12-31', start: open, time: close }
      return [{ type: 'bar', symbol, timeframe: '1d', ...times, ...prices }]
    },
  })
  expect(questions).toBe(0)
  await swarm.start()
  expect(questions).toBe(1)
  await swarm.stop()
  expect(() => swarmOf({ pastBars: [] as never })).toThrow(/pastBars: give a function that resolves to daily bars/)
})
