import { createSeededRandom, createSequentialIds, createSilentLogger, type Ids, sha256Hex } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import { createUsEquityCalendar } from '../instruments/us-equity-calendar.js'
import type { MarketEvent } from '../market/market-event.js'
import type { OrderIntent } from '../orders/order-request.js'
import type { KillSwitchRecord } from '../risk/kill-switch.js'
import { createTradingKernel } from './create-kernel.js'
import type { KernelEvent, TradingKernel } from './kernel.js'
import type { TradingKernelOptions } from './kernel-options.js'
import type { KernelJournalEntry } from './kernel-record.js'
import { createScriptedBroker, type ScriptedBroker } from './scripted-broker.test-support.js'

const calendar = createUsEquityCalendar()
const symbols = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']
const instruments = symbols.map(
  (symbol): Instrument => ({
    symbol,
    kind: 'equity',
    asset: symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'us-equity',
  }),
)

export const benchSecret = 'open sesame'

export type KernelBench = {
  readonly kernel: TradingKernel
  readonly broker: ScriptedBroker
  readonly journal: KernelJournalEntry[]
  readonly events: KernelEvent[]
  readonly killStore: { saved: KillSwitchRecord | undefined; failing: boolean }
  /** Virtual time; tests move it. */
  now: number
  /** Runs before each `durable` resolves. */
  onDurable: () => void
  /** Whether the journal refuses an entry. */
  refuse: (entry: KernelJournalEntry) => boolean
  intent(fields?: Partial<OrderIntent>): OrderIntent
  /** Assesses and submits, and waits until the venue's answer is in the books. */
  enter(fields?: Partial<OrderIntent>): Promise<string>
  /** A day of the market, as far as the close unless told otherwise. */
  session(price?: number, parts?: readonly ('pre-open' | 'open' | 'bars' | 'close')[]): Promise<void>
  market(event: MarketEvent): Promise<void>
}

/** After a restart the ids are others, as at a venue. */
function idsFor({ history }: Partial<TradingKernelOptions>): Ids {
  const sequence = createSequentialIds()
  return history === undefined ? sequence : { next: (prefix) => sequence.next(`later-${prefix}`) }
}

/** A started kernel over a scripted venue, with 80 sessions of prices seen and 100,000 USD in the account; `prepare` sets the venue up before the start. */
export async function openKernelBench(
  overrides: Partial<TradingKernelOptions> = {},
  warmUp = 80,
  prepare: (broker: ScriptedBroker) => void = () => undefined,
): Promise<KernelBench> {
  const broker = createScriptedBroker('test', instruments)
  broker.balances.set('USD', '100000')
  prepare(broker)
  const journal: KernelJournalEntry[] = []
  const events: KernelEvent[] = []
  const killStore: KernelBench['killStore'] = { saved: undefined, failing: false }
  const logger = createSilentLogger()
  const ids = idsFor(overrides)
  let now = calendar.previousSession(Date.UTC(2014, 0, 10)).close
  let refuse: KernelBench['refuse'] = () => false
  const kernel = createTradingKernel({
    account: 'test',
    currency: 'USD',
    definition: broker.definition,
    brokerContext: {
      clock: { now: () => now },
      ids: idsFor(overrides),
      random: createSeededRandom(1),
      logger,
      feed: { name: 'none', subscribe: () => () => undefined },
    },
    calendar,
    journal: {
      append: (entry) => {
        if (refuse(entry)) throw new Error('the disk is full')
        journal.push(structuredClone(entry))
      },
      durable: async () => bench.onDurable(),
    },
    killSwitchStore: {
      load: async () => {
        if (killStore.failing) throw new Error('disk on fire')
        return killStore.saved
      },
      save: async (record) => {
        if (killStore.failing) throw new Error('disk on fire')
        killStore.saved = record
      },
    },
    killSwitchSecretHash: sha256Hex(benchSecret),
    deposits: '100000',
    logger,
    // The scripted venue keeps no books of its own.
    reconcileEveryMs: Number.MAX_SAFE_INTEGER,
    ...overrides,
  })
  const market = async (event: MarketEvent): Promise<void> => {
    now = event.time
    await kernel.onMarket(event)
    await kernel.settled()
  }
  const bench: KernelBench = {
    kernel,
    broker,
    journal,
    events,
    killStore,
    get now() {
      return now
    },
    set now(time) {
      now = time
    },
    onDurable: () => undefined,
    get refuse() {
      return refuse
    },
    set refuse(rule) {
      refuse = rule
    },
    market,
    intent: (fields = {}) => ({
      intentId: ids.next('intent'),
      account: 'test',
      agent: 'trader',
      strategy: 'test',
      symbol: 'AAA',
      side: 'buy',
      type: 'market',
      quantity: '50',
      timeInForce: 'day',
      exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 },
      decidedAt: 0,
      causationId: 'cause',
      correlationId: 'chain',
      ...fields,
    }),
    async enter(fields) {
      const intent = bench.intent(fields)
      const assessed = await kernel.assess(intent)
      if (assessed.status === 'denied') throw new Error(`denied: ${JSON.stringify(assessed.findings)}`)
      const result = await kernel.submit(intent, assessed.permitId)
      await kernel.settled()
      if (result.status === 'refused') throw new Error(`refused: ${JSON.stringify(result.findings)}`)
      return result.orderId
    },
    async session(price = 100, parts = ['pre-open', 'open', 'bars', 'close']) {
      const { date: sessionDate, open, close } = calendar.openSession(bench.now) ?? calendar.nextSession(bench.now)
      const at = { calendar: 'us-equity', sessionDate }
      const text = String(price)
      if (parts.includes('pre-open')) await market({ type: 'session', phase: 'pre-open', ...at, time: open - 900_000 })
      if (parts.includes('open')) {
        await market({ type: 'session', phase: 'open', ...at, time: open })
        for (const symbol of symbols) await market({ type: 'open', symbol, sessionDate, time: open, price: text })
      }
      if (parts.includes('bars')) {
        for (const [index, symbol] of symbols.entries()) {
          const volume = String(1_000_000 + index)
          await market({
            type: 'bar',
            symbol,
            timeframe: '1d',
            sessionDate,
            start: open,
            time: close,
            open: text,
            high: text,
            low: text,
            close: text,
            volume,
          })
        }
      }
      if (parts.includes('close')) await market({ type: 'session', phase: 'close', ...at, time: close })
    },
  }
  kernel.subscribe((event) => void events.push(event))
  await kernel.start()
  for (let day = 0; day < warmUp; day += 1) await bench.session(100 + (day % 2) / 10)
  return bench
}
