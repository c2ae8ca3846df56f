import { createTradingSwarm, defineTradingSwarm, type TradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createConcurrentDispatcher, createSilentLogger, type StorageDefinition, SwarmError } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSimulatedClock, type SimulatedClock } from '@tradeswarm/testing'
import type {
  BarEvent,
  Broker,
  BrokerDefinition,
  Instrument,
  MarketEvent,
  MarketListener,
  OrderIntent,
} from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'

const grid = { kind: 'crypto-spot', currency: 'USD', minimumNotional: '1', calendar: 'always-open' } as const
const instrument = (symbol: string): Instrument => ({
  ...grid,
  symbol,
  asset: symbol,
  tickSize: '0.01',
  lotSize: '1',
})
const instruments = [instrument('AAA'), instrument('BBB')]
const start = Date.UTC(2026, 0, 5, 12)

type Venue = {
  readonly definition: BrokerDefinition
  readonly happened: string[]
  /** What becomes of its opening. */
  open: () => Promise<void>
  /** What becomes of each call from now on; undefined: the call goes through. */
  call: (() => Promise<never>) | undefined
}

/** A paper broker that fails when a test says so. */
function venue(account: string, traded: readonly Instrument[], openIt = async (): Promise<void> => undefined): Venue {
  const paper = createPaperBroker({ account, instruments: traded, cash: { USD: '100000' } })
  const self: Venue = {
    happened: [],
    open: openIt,
    call: undefined,
    definition: {
      ...paper,
      async open(context) {
        self.happened.push('opening')
        await self.open()
        const opened: Broker = await paper.open(context)
        return new Proxy(opened, {
          get(target, name) {
            const real = Reflect.get(target, name, target) as unknown
            if (typeof real !== 'function') return real
            return (...given: unknown[]): unknown => {
              if (name === 'close') self.happened.push('closed')
              if (self.call !== undefined && name !== 'instrument') {
                self.happened.push(`${String(name)} failed`)
                return self.call()
              }
              return real.apply(target, given)
            }
          },
        })
      },
    },
  }
  return self
}

const never = (): Promise<never> => new Promise(() => undefined)
const down = async (): Promise<never> => {
  throw new SwarmError({ code: 'VENUE_DOWN', message: 'no route to host', retryability: 'retryable' })
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
      await Promise.allSettled([...listeners].map(async (listener) => listener(event)))
    },
  }
}

let owners = 0

function swarmOver(
  venues: readonly Venue[],
  {
    clock = createSimulatedClock({ start }),
    storage = createMemoryStorage(),
    pastBars = async () => [],
  }: {
    clock?: SimulatedClock
    storage?: StorageDefinition
    pastBars?: (signal: AbortSignal) => Promise<readonly BarEvent[]>
  } = {},
) {
  owners += 1
  const owner = owners
  let ids = 0
  const feed = handFeed()
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: ['AAA', 'BBB'],
      brokers: venues.map(({ definition }) => definition),
      policy: { requireProtectiveStop: false },
      // No days have passed from which an average volume could be known.
      rules: { remove: ['SYMBOL_DENIED'] },
    }),
    {
      storage,
      feed,
      instruments,
      pastBars,
      deposits: Object.fromEntries(venues.map(({ definition }) => [definition.account, '100000'])),
      runtime: {
        dispatcher: createConcurrentDispatcher(clock),
        ids: { next: (prefix) => `${prefix}-${owner}-${++ids}` },
        logger: createSilentLogger(),
      },
    },
  )
  return { swarm, clock, feed, storage }
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (thrown: unknown) => thrown,
  )

/** What work comes to within so much simulated time. */
async function within(clock: SimulatedClock, ms: number, work: Promise<unknown>): Promise<unknown> {
  const outcome = outcomeOf(work)
  await clock.advance(ms)
  return Promise.race([outcome, Promise.resolve().then(() => 'pending')])
}

describe('a swarm of which not every account can be opened', () => {
  const reasons = {
    throws: [down, 'VENUE_DOWN: no route to host'],
    hangs: [never, 'VENUE_NOT_OPENED: account two was not opened: its venue "paper" took longer than 10000 ms'],
  } as const
  test.each([
    ['throws', 'first'],
    ['throws', 'last'],
    ['hangs', 'first'],
    ['hangs', 'last'],
  ] as const)('fails as a whole when a venue %s and comes %s, and can be started anew', async (how, place) => {
    const [open, reason] = reasons[how]
    const one = venue('one', instruments)
    const two = venue('two', instruments, open)
    const venues = place === 'first' ? [two, one] : [one, two]
    const { swarm, clock, storage } = swarmOver(venues)
    expect(await within(clock, 10_000, swarm.start())).toMatchObject({
      code: 'ACCOUNTS_NOT_OPENED',
      retryability: 'retryable',
      message: expect.stringContaining(`these could not be opened: "two" at paper (${reason}`),
      context: { accounts: ['two'] },
    })
    expect(one.happened).toEqual(['opening', 'closed'])
    expect(await within(clock, 1, swarm.stop())).toBe('resolved')

    two.open = async () => undefined
    const again = swarmOver(venues, { clock, storage })
    expect(await within(clock, 1, again.swarm.start())).toBe('resolved')
    for (const account of ['one', 'two'])
      expect(again.swarm.portfolio(account)).toMatchObject({ equity: '100000', netDeposits: '100000' })
    await again.swarm.stop()
  })

  test('opens them side by side, and names all that failed in one time-out', async () => {
    const venues = [venue('one', instruments, never), venue('two', instruments, never), venue('three', instruments)]
    const { swarm, clock } = swarmOver(venues)
    const starting = swarm.start()
    await clock.advance(1)
    expect(venues.map(({ happened }) => happened[0])).toEqual(['opening', 'opening', 'opening'])
    expect(await within(clock, 10_000, starting)).toMatchObject({
      code: 'ACCOUNTS_NOT_OPENED',
      message: expect.stringMatching(/"one" at paper \(VENUE_NOT_OPENED.*"two" at paper \(VENUE_NOT_OPENED/),
      context: { accounts: ['one', 'two'] },
    })
    expect(venues[2]?.happened).toEqual(['opening', 'closed'])
  })

  test('is stopped while a venue hangs as it opens', async () => {
    const { swarm, clock } = swarmOver([venue('one', instruments), venue('two', instruments, never)])
    const starting = outcomeOf(swarm.start())
    await clock.advance(1_000)
    expect(await within(clock, 9_000, swarm.stop())).toBe('resolved')
    expect(await starting).toMatchObject({ code: 'ACCOUNTS_NOT_OPENED' })
  })

  test('with a single account throws what its venue throws', async () => {
    const { swarm, clock } = swarmOver([venue('one', instruments, down)])
    expect(await within(clock, 1, swarm.start())).toMatchObject({ code: 'VENUE_DOWN' })
  })
})

test('accounts are looked through in the order in which they are given, whichever is ready first', async () => {
  const door = Promise.withResolvers<void>()
  const waits = [door.promise]
  const pastBars = async (): Promise<readonly BarEvent[]> => {
    await waits.pop()
    return []
  }
  const { swarm, clock } = swarmOver([venue('slow', instruments), venue('quick', instruments)], { pastBars })
  const starting = swarm.start()
  await clock.advance(1_000)
  door.resolve()
  expect(await within(clock, 1, starting)).toBe('resolved')
  expect(() => swarm.portfolio('elsewhere')).toThrow('there are: slow, quick')
  await swarm.stop()
})

/** One buy of ten units at the market, at the account and in the symbol. */
async function buy(swarm: TradingSwarm, account: string, symbol: string, decidedAt: number): Promise<unknown> {
  const kernel = swarm.kernel(account)
  const intent: OrderIntent = {
    intentId: `${account}-${decidedAt}`,
    account,
    agent: 'trader',
    strategy: 'test',
    symbol,
    side: 'buy',
    type: 'market',
    quantity: '10',
    timeInForce: 'gtc',
    decidedAt,
    causationId: 'cause',
    correlationId: 'chain',
  }
  const assessed = await kernel.assess(intent)
  if (assessed.status === 'denied') return assessed
  return kernel.submit(intent, assessed.permitId)
}

test.each([
  ['throws', down],
  ['hangs', never],
] as const)(
  'a venue that %s on every call after the start leaves the other account trading, and goes on when it is back',
  async (_, fails) => {
    const healthy = venue('healthy', [instrument('AAA')])
    const failing = venue('failing', [instrument('BBB')])
    // The account that fails is told first.
    const { swarm, clock, feed } = swarmOver([failing, healthy])
    expect(await within(clock, 1, swarm.start())).toBe('resolved')
    const say = async (event: MarketEvent): Promise<void> => {
      const said = feed.say(event)
      await clock.advance(1_000)
      await said
    }
    const price = async (symbol: string, at: string): Promise<void> => {
      const time = clock.now()
      await say({ type: 'quote', symbol, time, bid: at, ask: at })
      await say({ type: 'trade', symbol, time, price: at, quantity: '1000000' })
    }
    await say({ type: 'session', phase: 'open', calendar: 'always-open', sessionDate: '2026-01-05', time: start })
    for (const symbol of ['AAA', 'BBB']) await price(symbol, '100')
    failing.call = fails
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.advance(60_000)
      for (const symbol of ['AAA', 'BBB']) await price(symbol, '101')
    }
    const ordered = async (account: string, symbol: string, ms: number): Promise<unknown> => {
      const answer = buy(swarm, account, symbol, clock.now())
      await clock.advance(ms)
      return answer
    }
    expect(await ordered('healthy', 'AAA', 1_000)).toMatchObject({ status: 'submitted' })
    for (const symbol of ['AAA', 'BBB']) await price(symbol, '102')
    expect(swarm.portfolio('healthy').positions).toMatchObject([{ symbol: 'AAA', quantity: '10', marketValue: '1020' }])
    expect(swarm.tradingState('healthy').state).toBe('active')
    // The other one knows that it cannot know how it stands.
    expect(failing.happened).toContain('openOrders failed')
    // It answers when the call that its venue hangs in has ended.
    expect(await ordered('failing', 'BBB', 20_000)).toMatchObject({
      status: 'denied',
      findings: [{ code: 'RECONCILING' }],
    })
    // Once its venue is back it goes on by itself, without a word of anybody.
    failing.call = undefined
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(60_000)
      await price('BBB', '102')
    }
    expect(await ordered('failing', 'BBB', 1_000)).toMatchObject({ status: 'submitted' })
    failing.call = fails
    const stopped = outcomeOf(swarm.stop())
    await clock.advance(60_000)
    expect(await stopped).toBe('resolved')
    expect(healthy.happened).toContain('closed')
  },
)

test('past bars that do not come keep no account from its start', async () => {
  let isAborted = false
  const pastBars = (signal: AbortSignal): Promise<readonly BarEvent[]> => {
    signal.addEventListener('abort', () => {
      isAborted = true
    })
    return never()
  }
  const { swarm, clock } = swarmOver([venue('one', instruments)], { pastBars })
  const starting = swarm.start()
  expect(await within(clock, 59_000, starting)).not.toBe('resolved')
  expect(isAborted).toBe(false)
  expect(await within(clock, 2_000, starting)).toBe('resolved')
  expect(isAborted).toBe(true)
  await swarm.stop()
})
