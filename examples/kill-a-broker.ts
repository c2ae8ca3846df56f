// A kernel over an adapter that dies at each of its steps: before and after the effect of every call. Here the adapter of Alpaca over its
// double; yours over a double of its venue goes in their place.
import { deepStrictEqual, ok } from 'node:assert'
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { beginKernelLife } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import { createUsEquityCalendar, type KernelJournalEntry, type MarketEvent, type Session } from '@tradeswarm/trading'

const symbol = 'AAA'
const calendar = createUsEquityCalendar()
const yesterday = calendar.nextSession(Date.UTC(2024, 0, 10))
const today = calendar.nextSession(yesterday.close)

/** Begins a life that ends at its step `left`, then another one, and looks whether books and venue agree. Answers false where the first has outlived it all. */
async function liveOn(left: number): Promise<boolean> {
  let now = yesterday.open - 1_000_000
  const venue = await createFakeAlpaca({
    assets: [{ symbol, fractionable: false }],
    clock: { now: () => now },
    requestsPerMinute: 1_000_000,
  })
  const { keyId, secret, url: trading } = venue
  const requestsPerMinute = 1_000_000
  const definition = createAlpacaBroker({ keyId, secret, symbols: [symbol], urls: { trading }, requestsPerMinute })
  const books = { symbol, currency: 'USD', deposits: '100000', calendar, now: () => now }
  const begin = (number: number, history: readonly KernelJournalEntry[], fate: { left: number; onDeath: () => void }) =>
    beginKernelLife({ ...books, definition, number, history, fate, hasMore: () => venue.unsent > 0 })

  const fate = { left: -1, onDeath: () => undefined }
  let life = await begin(1, [], fate)
  const tell = async (event: MarketEvent): Promise<void> => {
    now = event.time
    await venue.market.emit(event)
    await life.kernel.onMarket(event)
    await life.quiet()
  }
  for (const event of market(yesterday, today)) await tell(event)
  // From here on its steps are counted: an entry at the market, and the exits of its plan.
  fate.left = left
  await life.enter({ quantity: '50', exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 } })
  const hasDied = life.isDead()
  if (hasDied) {
    const history = life.survived()
    await life.end()
    life = await begin(2, history, { left: -1, onDeath: () => undefined })
  }
  fate.left = -1
  for (const _ of [1, 2, 3]) {
    await tell({ type: 'quote', symbol, time: now + 60_000, bid: '99.99', ask: '100' })
    await life.kernel.reconcile()
    await life.quiet()
  }

  const [held] = life.kernel.portfolio().positions
  const there = await life.broker()?.balances()
  deepStrictEqual(held?.quantity, there?.find(({ asset }) => asset === symbol)?.total)
  // No order twice at the venue, none there that the books do not know, and what is held has its exits.
  ok(venue.orders().filter(({ side }) => side === 'buy').length <= 1)
  deepStrictEqual(life.kernel.externalOrders(), [])
  const exits = (await life.broker()?.openOrders()) ?? []
  deepStrictEqual(
    exits.map(({ quantity }) => quantity),
    held === undefined ? [] : [held.quantity],
  )
  await life.end()
  await venue.close()
  return hasDied
}

/** A whole session, so that a price and a volume are known, and the beginning of the next. */
function market(before: Session, next: Session): readonly MarketEvent[] {
  const at = (phase: 'pre-open' | 'open' | 'close', { date: sessionDate }: Session, time: number): MarketEvent => ({
    type: 'session',
    phase,
    calendar: calendar.name,
    sessionDate,
    time,
  })
  const prices = { open: '100', high: '100', low: '100', close: '100', volume: '1000000' }
  return [
    at('pre-open', before, before.open - 900_000),
    at('open', before, before.open),
    {
      type: 'bar',
      symbol,
      timeframe: '1d',
      sessionDate: before.date,
      start: before.open,
      time: before.close,
      ...prices,
    },
    at('close', before, before.close),
    at('pre-open', next, next.open - 900_000),
    at('open', next, next.open),
    { type: 'open', symbol, sessionDate: next.date, time: next.open, price: '100' },
    { type: 'quote', symbol, time: next.open, bid: '99.99', ask: '100' },
  ]
}

let deaths = 0
while (await liveOn(deaths + 1)) deaths += 1
ok(deaths > 5)
console.log('books and venue agree, wherever it died')
