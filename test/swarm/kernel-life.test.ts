import { AlertRaised, createTradingSwarm, defineTradingSwarm, OrderFilled, type TradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  Agent,
  createConcurrentDispatcher,
  createSeededRandom,
  createSilentLogger,
  type StorageDefinition,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { BrokerDefinition, MarketEvent, MarketListener, OrderIntent } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../packages/core/src/testing-support/fake-clock.test-support.js'
import { smallSessions, smallTape } from './small-tape.test-support.js'

const instruments = smallTape.instruments.filter(({ symbol }) => symbol === 'AAA')
const sessions = smallSessions()
const [first] = sessions
if (first === undefined) throw new Error('the tape has no sessions')

const anySize = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
  minimumAverageVolume: '0',
  averageVolumeSessions: 1,
  maximumQuoteAgeMs: 86_400_000 * 5,
}

const intent: OrderIntent = {
  intentId: 'intent-1',
  account: 'paper',
  agent: 'trader',
  strategy: 'test',
  symbol: 'AAA',
  side: 'buy',
  type: 'market',
  quantity: '10',
  timeInForce: 'day',
  exits: { stopPrice: '90', targetPrice: '200', maximumSessions: 99 },
  decidedAt: 0,
  causationId: 'cause',
  correlationId: 'chain',
}

/** A feed that a test speaks through. */
function handFeed() {
  const listeners = new Set<MarketListener>()
  return {
    name: 'by hand',
    subscribe(listener: MarketListener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async say(event: MarketEvent): Promise<void> {
      for (const listener of listeners) await listener(event)
    },
  }
}

/** Ids that differ from one instance to the next. */
function idsOf(owner: string) {
  let count = 0
  return { next: (prefix: string) => `${prefix}-${owner}-${++count}` }
}

type Bench = { readonly swarm: TradingSwarm; readonly clock: FakeClock; readonly feed: ReturnType<typeof handFeed> }

function realTimeSwarm({
  clock = createFakeClock(first?.open ?? 0),
  storage = createMemoryStorage(),
  broker = createPaperBroker({ account: 'paper', instruments, cash: { USD: '10000' } }),
  agents = [],
  owner = 'one',
}: {
  clock?: FakeClock
  storage?: StorageDefinition
  broker?: BrokerDefinition
  agents?: NonNullable<Parameters<typeof defineTradingSwarm>[0]['agents']>
  owner?: string
} = {}): Bench {
  const feed = handFeed()
  const swarm = createTradingSwarm(
    defineTradingSwarm({ symbols: ['AAA'], brokers: [broker], policy: anySize, agents }),
    {
      storage,
      feed,
      instruments,
      deposits: { paper: '10000' },
      runtime: {
        dispatcher: createConcurrentDispatcher(clock),
        ids: idsOf(owner),
        random: createSeededRandom(1),
        logger: createSilentLogger(),
      },
    },
  )
  return { swarm, clock, feed }
}

/** Everything of one session, at one price all day but for its low. */
async function session({ clock, feed }: Bench, index: number, price: string, low = price): Promise<void> {
  const { date: sessionDate, open, close } = sessions[index] ?? first ?? { date: '', open: 0, close: 0 }
  const until = async (time: number): Promise<void> => {
    if (time > clock.now()) await clock.advance(time - clock.now())
  }
  const say = async (event: MarketEvent): Promise<void> => {
    const said = feed.say(event)
    await clock.advance(1)
    await said
  }
  await until(open)
  const at = { calendar: 'us-equity', sessionDate } as const
  await say({ type: 'session', phase: 'open', ...at, time: open })
  await say({ type: 'open', symbol: 'AAA', sessionDate, time: open, price })
  await until(close)
  const prices = { open: price, high: price, low, close: price }
  await say({
    type: 'bar',
    symbol: 'AAA',
    timeframe: '1d',
    sessionDate,
    start: open,
    time: close,
    ...prices,
    volume: '1000000',
  })
  await say({ type: 'session', phase: 'close', ...at, time: close })
}

const roles = ['data-scout', 'analyst', 'trader', 'risk-manager', 'learning']

describe('the kernel under the agents, in real time', () => {
  test('starts before the first of them and stops after the last', async () => {
    const happened: string[] = []
    const paper = createPaperBroker({ account: 'paper', instruments, cash: { USD: '10000' } })
    const broker: BrokerDefinition = {
      ...paper,
      async open(context) {
        const opened = await paper.open(context)
        happened.push('the venue is open')
        const close = opened.close.bind(opened)
        return Object.assign(opened, {
          close: async () => {
            happened.push('the venue is closed')
            await close()
          },
        })
      },
    }
    class Last extends Agent<typeof Last> {
      static readonly role = 'last'
      protected override onStart() {
        happened.push(`an agent starts, trading is ${bench.swarm.tradingState().state}`)
      }
      protected override onStop() {
        happened.push(`an agent stops, trading is ${bench.swarm.tradingState().state}`)
      }
    }
    const bench: Bench = realTimeSwarm({ broker, agents: [Last] })
    await bench.swarm.start()
    await bench.swarm.stop()
    expect(happened).toEqual([
      'the venue is open',
      'an agent starts, trading is active',
      'an agent stops, trading is active',
      'the venue is closed',
    ])
  })

  test('keeps and executes exits while every agent is paused, and one that listens hangs for ever', async () => {
    class Hung extends Agent<typeof Hung> {
      static readonly role = 'hung'
      protected override onStart() {
        for (const topic of [OrderFilled, AlertRaised]) this.subscribe(topic, () => new Promise<void>(() => undefined))
      }
    }
    const bench = realTimeSwarm({ agents: [Hung] })
    const { swarm } = bench
    await swarm.start()
    await session(bench, 0, '100')
    const kernel = swarm.kernel()
    const assessed = await kernel.assess(intent)
    if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
    await kernel.submit(intent, assessed.permitId)
    for (const role of roles) await swarm.agent(role).pause()
    await session(bench, 1, '101')
    expect(swarm.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '10' }])
    await session(bench, 2, '100', '80')
    expect(swarm.portfolio().positions).toEqual([])
    await swarm.kill('a kill goes through as well')
    expect(swarm.tradingState().state).toBe('halted')
  })

  test('I39 is had by one swarm: a second on the same storage does not start while the first lives', async () => {
    const clock = createFakeClock(first?.open ?? 0)
    const storage = createMemoryStorage()
    const one = realTimeSwarm({ clock, storage })
    await one.swarm.start()
    const two = realTimeSwarm({ clock, storage, owner: 'two' })
    const starting = two.swarm.start()
    const outcome = starting.then(
      () => 'started',
      (error: unknown) => error,
    )
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ code: 'ACCOUNT_LEASED' })
    expect(one.swarm.tradingState().state).toBe('active')
    await one.swarm.stop()
    const three = realTimeSwarm({ clock, storage, owner: 'three' })
    await three.swarm.start()
    expect(three.swarm.tradingState().state).toBe('active')
    await three.swarm.stop()
  })
})
