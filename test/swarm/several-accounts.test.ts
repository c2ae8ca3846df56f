import {
  AssessRisk,
  createTradingSwarm,
  defineTradingSwarm,
  GetPortfolio,
  MarketBar,
  SubmitOrder,
} from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  Agent,
  createSeededRandom,
  createSequentialIds,
  createSilentLogger,
  createVirtualDispatcher,
  type Logger,
  sha256Hex,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { BrokerDefinition, Instrument, MarketEvent, MarketListener, OrderIntent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'

const stock: Instrument = {
  symbol: 'AAPL',
  kind: 'equity',
  asset: 'AAPL',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '1',
  calendar: 'us-equity',
}
const coin: Instrument = {
  symbol: 'BTC-USDT',
  kind: 'crypto-spot',
  asset: 'BTC',
  currency: 'USDT',
  tickSize: '0.1',
  lotSize: '0.0001',
  minimumNotional: '1',
  calendar: 'always-open',
}
const instruments = [stock, coin]
const stocks = createPaperBroker({ account: 'stocks', instruments: [stock], cash: { USD: '100000' } })
const coins: BrokerDefinition = {
  ...createPaperBroker({ account: 'coins', instruments: [coin], cash: { USDT: '50000' } }),
  currency: 'USDT',
}
const quantities: Readonly<Record<string, string>> = { AAPL: '10', 'BTC-USDT': '0.01' }

/** Buys each symbol once, at the account that trades it. */
class Buyer extends Agent<typeof Buyer> {
  static readonly role = 'buyer'
  static readonly requests = [GetPortfolio, AssessRisk, SubmitOrder]

  protected override onStart(): void {
    this.subscribe(MarketBar, async ({ symbol, close }, context) => {
      if (context.state.get(symbol) !== undefined) return
      context.state.set(symbol, true)
      const { account } = await context.request(GetPortfolio, { symbol })
      const price = Number(close)
      const intent = {
        intentId: `buy-${symbol}`,
        account,
        agent: this.id,
        strategy: 'buy-once',
        symbol,
        side: 'buy' as const,
        type: 'market' as const,
        quantity: quantities[symbol] ?? '0',
        timeInForce: 'gtc' as const,
        exits: { stopPrice: String(price * 0.9), targetPrice: String(price * 1.2), maximumSessions: 9 },
        decidedAt: context.clock.now(),
        causationId: 'a-test',
        correlationId: 'a-test',
      }
      const assessment = await context.request(AssessRisk, intent)
      if (assessment.status !== 'permitted') throw new Error(JSON.stringify(assessment))
      await context.request(SubmitOrder, { intent, permitId: assessment.permitId })
    })
  }
}

const hour = 3_600_000

/** Sessions of both calendars: daily bars of the stock, and of the coin from midnight to midnight. */
function* market(): Generator<MarketEvent> {
  for (const date of ['2024-01-02', '2024-01-03']) {
    const day = Date.parse(date)
    const bar = (symbol: string, start: number, time: number, price: string): MarketEvent[] => [
      { type: 'open', symbol, sessionDate: date, time: start, price },
      {
        type: 'bar',
        symbol,
        timeframe: '1d',
        sessionDate: date,
        start,
        time,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: '1000000',
      },
    ]
    const [coinOpen, coinBar] = bar('BTC-USDT', day, day + 24 * hour - 1, '40000')
    const [stockOpen, stockBar] = bar('AAPL', day + 14.5 * hour, day + 21 * hour, '200')
    const session = (calendar: 'us-equity' | 'always-open', phase: 'open' | 'close', time: number): MarketEvent => ({
      type: 'session',
      phase,
      calendar,
      sessionDate: date,
      time,
    })
    yield session('always-open', 'open', day)
    yield coinOpen as MarketEvent
    yield session('us-equity', 'open', day + 14.5 * hour)
    yield stockOpen as MarketEvent
    yield stockBar as MarketEvent
    yield session('us-equity', 'close', day + 21 * hour)
    yield coinBar as MarketEvent
    yield session('always-open', 'close', day + 24 * hour - 1)
  }
}

test('each account trades its own symbols, in its own currency and by its own calendar', async () => {
  const dispatcher = createVirtualDispatcher({ start: Date.UTC(2024, 0, 1, 23) })
  const listeners: MarketListener[] = []
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: ['AAPL', 'BTC-USDT'],
      brokers: [stocks, coins],
      agents: [Buyer],
      policy: { averageVolumeSessions: 1, minimumAverageVolume: '0' },
    }),
    {
      storage: createMemoryStorage(),
      feed: {
        name: 'a test',
        subscribe(listener) {
          listeners.push(listener)
          return () => undefined
        },
      },
      instruments,
      deposits: { stocks: '100000', coins: '50000' },
      runtime: {
        dispatcher,
        ids: createSequentialIds(),
        random: createSeededRandom(1),
        logger: createSilentLogger(),
      },
    },
  )
  await swarm.start()
  for (const event of market()) {
    dispatcher.at(event.time, async () => {
      for (const listener of listeners) await listener(event)
    })
  }
  while (dispatcher.nextTime() !== undefined && dispatcher.now() < Date.UTC(2024, 0, 4)) await dispatcher.step()
  expect(swarm.portfolio('stocks')).toMatchObject({
    currency: 'USD',
    positions: [{ symbol: 'AAPL', quantity: '10' }],
    netDeposits: '100000',
  })
  expect(swarm.portfolio('coins')).toMatchObject({
    currency: 'USDT',
    positions: [{ symbol: 'BTC-USDT', quantity: '0.01' }],
    netDeposits: '50000',
  })
  expect(swarm.kernel('coins').exits('BTC-USDT')?.stopPrice).toBe('36000')
  for (const ask of ['portfolio', 'kernel', 'tradingState'] as const)
    expect(() => swarm[ask]('coin')).toThrow('there is no account "coin"; did you mean coins?')
  expect(() => swarm.portfolio('elsewhere')).toThrow('there is no account "elsewhere"; there are: stocks, coins')
  const ada = { operator: 'Ada', reason: 'as agreed' }
  await expect(swarm.book({ type: 'deposit', eventId: 'd1', amount: '5' }, ada)).rejects.toMatchObject({
    code: 'ACCOUNT_NOT_FOUND',
    message: expect.stringContaining('there are several: stocks, coins'),
  })
  await swarm.book({ type: 'deposit', eventId: 'd1', amount: '5' }, { ...ada, account: 'coins' })
  expect(['stocks', 'coins'].map((account) => swarm.portfolio(account).netDeposits)).toEqual(['100000', '50005'])
  await swarm.changePolicy({ allowShorts: true }, ada)
  const order = { symbol: 'AAPL', side: 'buy', quantity: '1' } as const
  await expect(swarm.scenarios(order)).rejects.toMatchObject({ code: 'ACCOUNT_NOT_FOUND' })
  expect(await swarm.scenarios({ ...order, account: 'stocks' })).toHaveProperty('before')
  await swarm.stop()
})

const create = (brokers: readonly BrokerDefinition[], options: object = {}, routes?: Record<string, string>) =>
  createTradingSwarm(defineTradingSwarm({ symbols: ['AAPL'], brokers, ...(routes === undefined ? {} : { routes }) }), {
    storage: createMemoryStorage(),
    feed: { name: 'quiet', subscribe: () => () => undefined },
    instruments,
    ...options,
  })

test('accounts that could be taken for one another are refused', () => {
  const live: BrokerDefinition = { ...stocks, account: 'real', mode: 'live' }
  expect(() => create([stocks, stocks])).toThrow(/two of them have the account "stocks"/)
  expect(() => create([live])).toThrow(expect.objectContaining({ code: 'LIVE_NOT_ALLOWED' }))
  expect(() => create([live, coins], { allowLive: true })).toThrow(
    expect.objectContaining({
      code: 'MIXED_MODES',
      message: expect.stringContaining("name them all, accounts: ['real', 'coins']"),
    }),
  )
  expect(() => create([live, coins], { allowLive: true, accounts: ['real'] })).toThrow(/accounts: it names "real"/)
  expect(() => create([live, coins], { allowLive: true, accounts: ['coins', 'real'] })).not.toThrow()
  expect(() => create([stocks, coins], {}, { APPL: 'stocks' })).toThrow(
    /routes\.APPL: nothing of that symbol is traded; did you mean AAPL\?/,
  )
  expect(() => create([stocks], {}, { AAPL: 'stoks' })).toThrow(/there is no account "stoks"; did you mean stocks\?/)
  expect(() => create([{ ...stocks, calendar: 'moon' as 'us-equity' }])).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/account "stocks": calendar is "moon", .*; there are: us-equity, always-open/),
    }),
  )
  expect(() => create([{ ...stocks, calendar: 'us-equty' as 'us-equity' }])).toThrow('did you mean us-equity?')
  expect(() => create([stocks], {}, { AAPL: 'elsewhere' })).toThrow(
    /routes\.AAPL: there is no account "elsewhere"; there are: stocks/,
  )
})

test('a symbol that several accounts trade goes where it is routed', async () => {
  const second = createPaperBroker({ account: 'second', instruments: [stock], cash: { USD: '1000' } })
  const accountOf = async (routes?: Record<string, string>): Promise<string> => {
    let account = ''
    class Asker extends Agent<typeof Asker> {
      static readonly role = 'asker'
      static readonly requests = [GetPortfolio]
      protected override onStart(): void {
        this.every('1s', async (context) => {
          account = (await context.request(GetPortfolio, { symbol: 'AAPL' })).account
        })
      }
    }
    const dispatcher = createVirtualDispatcher({ start: Date.UTC(2024, 0, 1) })
    const swarm = createTradingSwarm(
      defineTradingSwarm({
        symbols: ['AAPL'],
        brokers: [stocks, second],
        agents: [Asker],
        ...(routes === undefined ? {} : { routes }),
      }),
      {
        storage: createMemoryStorage(),
        feed: { name: 'quiet', subscribe: () => () => undefined },
        instruments,
        runtime: {
          dispatcher,
          ids: createSequentialIds(),
          random: createSeededRandom(1),
          logger: createSilentLogger(),
        },
      },
    )
    await swarm.start()
    await dispatcher.step()
    await swarm.stop()
    return account
  }
  expect(await accountOf()).toBe('stocks')
  expect(await accountOf({ AAPL: 'second' })).toBe('second')
})

test('before the start it is said that the swarm has not started, whatever the account', () => {
  expect(() => create([stocks]).portfolio('stocks')).toThrow('the swarm has not started')
})

test.each<[object, RegExp]>([
  [{ feed: undefined }, /createTradingSwarm: feed: give a feed of market data/],
  [{ instruments: undefined }, /createTradingSwarm: instruments: give the list of what is traded/],
  [{ currency: { stocks: 'USD', coins: 'USDT' } }, /currency: it is the one currency of all accounts that name none/],
  [{ accounts: { stocks: true, coins: true } }, /accounts: it must be a list .*: \['stocks', 'coins'\]/],
  [{ deposits: '5' }, /deposits: give the cash of each account, by its name/],
  [{ deposits: { stocks: '5', coinz: '5' } }, /deposits: there is no account "coinz"; did you mean coins\?/],
  [
    { deposits: { stocks: 100000, coins: '0' } },
    /createTradingSwarm: deposits\.stocks is 100000; it must be a decimal text/,
  ],
  [
    { deposits: { stocks: null, coins: '0' } },
    /deposits\.stocks is null; it must be a decimal text such as '100000', or/,
  ],
  [{ deposits: { stocks: ['5'], coins: '0' } }, /deposits\.stocks is a list/],
  [{ deposits: { stocks: '5', coins: { USDT: 5 } } }, /deposits\.coins\.USDT is 5; it must be a decimal text/],
  [{ deposits: { stocks: '5' } }, /deposits: it leaves out the account "coins"/],
])('what does not fit the accounts is refused, and said: %o', (options, message) => {
  expect(() => create([stocks, coins], options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
  )
})

test('an act that is done to all accounts is refused for one, with how that is done', async () => {
  const swarm = create([stocks, coins], { deposits: { stocks: '5', coins: '0' } })
  const ada = { operator: 'Ada', reason: 'as agreed', account: 'coins' }
  await expect(swarm.halt('halted', 'odd', { account: 'coins' } as object)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: "halt: it is done to all accounts; for one of them use swarm.kernel('coins').halt(…)",
  })
  for (const act of ['resume', 'flatten', 'freeze', 'unfreeze'] as const)
    await expect(swarm[act](ada)).rejects.toThrow(`swarm.kernel('coins').${act}(…)`)
  await expect(swarm.halt('halted', 'odd', { scop: { agent: 'a' } } as object)).rejects.toThrow('did you mean scope?')
})

test('at the start it is told what no account trades, or not the one that it is routed to', async () => {
  const alertsOf = async (symbols: readonly string[], routes: Record<string, string>): Promise<readonly string[]> => {
    const swarm = createTradingSwarm(defineTradingSwarm({ symbols, brokers: [stocks, coins], routes }), {
      storage: createMemoryStorage(),
      feed: { name: 'quiet', subscribe: () => () => undefined },
      instruments,
      runtime: {
        dispatcher: createVirtualDispatcher({ start: Date.UTC(2024, 0, 1) }),
        ids: createSequentialIds(),
        random: createSeededRandom(1),
        logger: createSilentLogger(),
      },
    })
    await swarm.start()
    await swarm.checkpoint()
    const told: string[] = []
    for await (const { text } of swarm.storage.journal.read()) {
      const { code, message } = (JSON.parse(text) as { payload?: { code?: string; message: string } }).payload ?? {}
      if (code === 'SYMBOL_NOT_TRADED' && message !== undefined) told.push(message)
    }
    await swarm.stop()
    return [...new Set(told)]
  }
  expect(await alertsOf(['AAPL', 'BTC-USDT'], { AAPL: 'stocks' })).toEqual([])
  expect(await alertsOf(['AAPL', 'BTC-USTD', 'SPX'], { AAPL: 'coins' })).toEqual([
    'symbols: no account trades "BTC-USTD", "SPX"',
    'routes.AAPL: account "coins" does not trade it, so no order for it is sent',
  ])
  expect(await alertsOf(['AAPL', 'APPL'], {})).toEqual(['symbols: no account trades "APPL" (did you mean AAPL?)'])
})

test('a halt for a venue that is unknown names each of the venues once', async () => {
  const warned: unknown[] = []
  const logger: Logger = {
    ...createSilentLogger(),
    warn: (_, fields) => void warned.push(fields),
    child: () => logger,
    isEnabled: () => true,
  }
  const swarm = create([stocks, coins], { runtime: { logger } })
  await swarm.start()
  await swarm.halt('reducing', 'odd', { scope: { venue: 'elsewhere' } })
  expect(warned).toContainEqual({
    code: 'HALT_SCOPE_UNKNOWN',
    message: 'halt: it holds for the venue "elsewhere", which nobody here is known by; known are: paper',
  })
  await swarm.stop()
})

test('after the stop each act says that the swarm was stopped, and one that is none is refused as ever', async () => {
  const swarm = create([stocks, coins], { runtime: { logger: createSilentLogger() } })
  await swarm.start()
  await swarm.stop()
  const ada = { operator: 'Ada', reason: 'too late' }
  for (const [act, late] of Object.entries({
    halt: () => swarm.halt('halted', 'too late'),
    kill: () => swarm.kill('too late'),
    resume: () => swarm.resume(ada),
    freeze: () => swarm.freeze({ ...ada, secret: '' }),
    book: () => swarm.book({ type: 'deposit', eventId: 'd', amount: '5' }, { ...ada, account: 'coins' }),
  }))
    await expect(late(), act).rejects.toMatchObject({
      code: 'SWARM_NOT_RUNNING',
      message: `${act}: the swarm was stopped, and nothing is written any more; create a new one on the same storage, and do it there`,
    })
  await expect(swarm.halt('halted', '')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('after the stop each act of a kernel says the same, whenever the kernel was asked for, and what it holds can be read', async () => {
  const swarm = create([stocks, coins], {
    runtime: { logger: createSilentLogger() },
    killSwitchSecretHash: sha256Hex('x'),
  })
  await swarm.start()
  const before = swarm.kernel('coins')
  await swarm.stop()
  const ada = { operator: 'Ada', reason: 'too late' }
  const signed = { ...ada, secret: 'x' }
  const intent: OrderIntent = {
    intentId: 'late',
    account: 'coins',
    agent: 'buyer',
    strategy: 'late',
    symbol: 'BTC-USDT',
    side: 'buy',
    type: 'market',
    quantity: '0.01',
    timeInForce: 'gtc',
    decidedAt: 0,
    causationId: 'a-test',
    correlationId: 'a-test',
  }
  for (const kernel of [swarm.kernel('coins'), before]) {
    const acts: Readonly<Record<string, () => Promise<unknown>>> = {
      start: () => kernel.start(),
      assess: () => kernel.assess(intent),
      submit: () => kernel.submit(intent, 'permit-1'),
      cancel: () => kernel.cancel('order-1', 'too late'),
      amend: () => kernel.amend('order-1', { quantity: '1' }, 'too late'),
      reconcile: () => kernel.reconcile(),
      onMarket: () => kernel.onMarket({ type: 'trade', symbol: 'BTC-USDT', time: 0, price: '1', quantity: '1' }),
      book: () => kernel.book({ type: 'deposit', eventId: 'd', amount: '5' }, ada),
      adopt: () => kernel.adopt({ symbol: 'BTC-USDT', price: '1' }, ada),
      approve: () => kernel.approve('token', ada),
      deny: () => kernel.deny('token', ada),
      halt: () => kernel.halt('halted', 'too late'),
      reduce: () => kernel.reduce('too late'),
      resume: () => kernel.resume(ada),
      flatten: () => kernel.flatten(signed),
      freeze: () => kernel.freeze(signed),
      unfreeze: () => kernel.unfreeze(signed),
      changePolicy: () => kernel.changePolicy({}, ada),
      kill: () => kernel.kill('too late'),
      resetKillSwitch: () => kernel.resetKillSwitch(signed),
    }
    for (const [act, late] of Object.entries(acts))
      await expect(late(), act).rejects.toMatchObject({
        code: 'SWARM_NOT_RUNNING',
        message: `${act}: the swarm was stopped, and nothing is written any more; create a new one on the same storage, and do it there`,
      })
    await expect(kernel.halt('halted', '')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(kernel.account).toBe('coins')
    expect(kernel.portfolio().cash).toHaveProperty('USDT')
    await kernel.settled()
    await kernel.stop()
  }
})
