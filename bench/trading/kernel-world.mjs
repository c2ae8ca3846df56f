// A trading kernel as a trading swarm runs it: a service of a swarm, on its journal writer and its storage, over the paper broker;
// without agents above it. `virtual`: in virtual time, as a backtest, where each instant is one commit; otherwise each durable word
// waits for the commit of its own. The kernel's days are the benchmark's, one for each round.

import { kernelFromBooks } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSilentLogger, createSwarm, createVirtualDispatcher } from '@tradeswarm/core'
import { createTradingKernel, tradingCalendar } from '@tradeswarm/trading'

export const dayMs = 86_400_000
export const account = 'paper'
const cash = '100000000'
const firstDay = Date.UTC(2014, 0, 1)
/** So many bars of every symbol go before: as many as the rules on volume and correlation look back on. */
const warmUp = 65

/** Wide enough that the cash that is there never is the reason why an order is denied; all rules are asked all the same. */
export const widePolicy = { maxOpenPositions: 10_000, maxCorrelatedExposureFraction: 1, maxStressLossFraction: 1 }

export function symbolsOf(count) {
  return Array.from({ length: count }, (_, index) => `S${String(index).padStart(3, '0')}-USD`)
}

export function instrumentOf(symbol) {
  return {
    symbol,
    kind: 'crypto-spot',
    asset: symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'always-open',
  }
}

/** Prices by day, or by round of quotes, and symbol: whole cents between 50 and 150, never the same for long; so many cents more. */
export function priceText(day, index, moreCents = 0) {
  return ((5000 + moreCents + ((day * 37 + index * 101) % 10_000)) / 100).toFixed(2)
}

/**
 * Opens such a kernel and lets it see the warm-up.
 * @param {{
 *   storage: import('@tradeswarm/core').StorageDefinition, symbols: string[], policy?: object, virtual?: boolean,
 *   venue?: import('@tradeswarm/trading').BrokerDefinition, logger?: import('@tradeswarm/core').Logger, afterDay?: number, keepsSnapshot?: boolean,
 *   warmUpDays?: number, riskInputs?: import('@tradeswarm/trading').RiskInputs,
 * }} options `venue` instead of the paper broker; `afterDay`: go on after that day of an earlier world, without a warm-up;
 *   `keepsSnapshot`: at its stop the books are kept for the next start, as a trading swarm in real time keeps them
 */
export async function openKernelWorld(options) {
  const {
    storage,
    symbols,
    policy = widePolicy,
    virtual = false,
    logger = createSilentLogger(),
    afterDay,
    keepsSnapshot = false,
    warmUpDays = warmUp,
    riskInputs,
  } = options
  const definition =
    options.venue ?? createPaperBroker({ account, instruments: symbols.map(instrumentOf), cash: { USD: cash } })
  const feed = drivenFeed()
  const dispatcher = virtual ? createVirtualDispatcher({ start: firstDay }) : undefined
  let day = afterDay ?? 0
  let quoted = 0
  let now = firstDay + day * dayMs
  let kernel
  let books
  const service = {
    name: 'kernel',
    async start(host) {
      const opened = await kernelFromBooks(host, account, (stored) =>
        createTradingKernel({
          account,
          currency: 'USD',
          definition,
          brokerContext: {
            clock: virtual ? host.clock : { now: () => now },
            ids: host.ids,
            random: host.random,
            logger: host.logger,
            feed,
          },
          calendar: tradingCalendar('always-open'),
          policy,
          ...(riskInputs === undefined ? {} : { riskInputs }),
          ...stored,
          killSwitchStore: {
            load: async () => undefined,
            save: (record) => host.saveNow('latch', JSON.stringify(record)),
          },
          deposits: cash,
          automaticHalts: { entriesPerMinute: false },
          logger: host.logger,
        }),
      )
      kernel = opened.kernel
      books = opened.books
      await kernel.start()
    },
    async stop() {
      await kernel.stop()
      if (keepsSnapshot) await books.save(kernel)
    },
  }
  const swarm = createSwarm({
    agents: [],
    services: [service],
    storage,
    runtime: { logger, ...(dispatcher === undefined ? {} : { dispatcher }) },
  })
  await swarm.start()
  const world = {
    kernel,
    swarm,
    symbols,
    get day() {
      return day
    },
    /** Runs `work` at a time of the kernel's clock; in virtual time what it journals is one commit. */
    async at(time, work) {
      if (dispatcher === undefined) {
        now = time
        return work()
      }
      let result
      dispatcher.at(time, async () => {
        result = await work()
      })
      while (dispatcher.now() < time || dispatcher.nextTime() === time) if (!(await dispatcher.step())) break
      return result
    },
    /** A market event goes to the broker, whose fills are in the books before the kernel marks it. */
    async market(event) {
      await feed.emit(event)
      await kernel.settled()
      await kernel.onMarket(event)
    },
    /** The next day begins: the session opens, and with it every symbol. */
    async nextOpen() {
      day += 1
      const time = firstDay + day * dayMs
      const at = { calendar: 'always-open', sessionDate: dateOf(day) }
      await world.at(time, async () => {
        await world.market({ type: 'session', phase: 'open', ...at, time })
        for (const [index, symbol] of symbols.entries())
          await world.market({ type: 'open', symbol, sessionDate: at.sessionDate, time, price: priceText(day, index) })
      })
    },
    /** Every symbol is quoted anew, so long after the open of the day: every second time above the one before, for nothing is entered for long after a loss. */
    async quotes(sinceOpenMs) {
      const time = firstDay + day * dayMs + sinceOpenMs
      const [round, moreCents] = [quoted >> 1, (quoted % 2) * 100]
      quoted += 1
      await world.at(time, async () => {
        for (const [index, symbol] of symbols.entries()) {
          const [bid, ask] = [priceText(round, index, moreCents), priceText(round, index, moreCents + 1)]
          await world.market({ type: 'quote', symbol, time, bid, ask })
        }
      })
    },
    /** The day of `nextOpen` ends with a bar of every symbol. */
    async close() {
      const start = firstDay + day * dayMs
      const time = start + dayMs - 1
      const sessionDate = dateOf(day)
      await world.at(time, async () => {
        for (const [index, symbol] of symbols.entries()) {
          const open = priceText(day, index)
          const [high, low] = [Number(open) * 1.01, Number(open) * 0.99].map((price) => price.toFixed(2))
          const volume = String(1_000_000 + index)
          const bar = { symbol, timeframe: '1d', sessionDate, start, time, open, high, low, close: open, volume }
          await world.market({ type: 'bar', ...bar })
        }
        await world.market({ type: 'session', phase: 'close', calendar: 'always-open', sessionDate, time })
      })
    },
    /** The clock so long after the open of the day. */
    during: (work, sinceOpenMs = 3_600_000) => world.at(firstDay + day * dayMs + sinceOpenMs, work),
    /** Keeps the books as they stand, as a trading swarm in real time does at its stop and after so many records. */
    saveBooks: () => books.save(kernel),
    /** Records since they were kept. */
    get tail() {
      return books.tail
    },
    stop: () => swarm.stop(),
  }
  if (afterDay === undefined) {
    for (let count = 0; count < warmUpDays; count += 1) {
      await world.nextOpen()
      await world.close()
    }
    await world.nextOpen()
  }
  return world
}

function dateOf(day) {
  return new Date(firstDay + day * dayMs).toISOString().slice(0, 10)
}

function drivenFeed() {
  const listeners = new Set()
  return {
    name: 'driven',
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async emit(event) {
      for (const listener of listeners) await listener(event)
    },
  }
}
