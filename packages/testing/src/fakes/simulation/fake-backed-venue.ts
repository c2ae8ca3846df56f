import { type Random, SwarmError } from '@tradeswarm/core'
import type { Instrument, MarketEvent } from '@tradeswarm/trading'
import { contractsOf } from '../../simulator/contract-terms.js'
import { type Exact, exact, floorTo, magnitude, times, unit } from '../../simulator/exact.js'
import { createSessionCalendar } from '../../simulator/session-calendar.js'
import type { VenueBooks } from '../../simulator/venue-books.js'
import type { SimulatedVenue } from '../../simulator/venue-port.js'
import type { FakeTruth } from './fake-truth.js'

export type FakeBackedOptions = {
  readonly instruments: readonly Instrument[]
  readonly currency: string
  readonly truth: FakeTruth
  /** How likely only a part of an order is to be had at a price. */
  readonly partialFills: number
  readonly random: Random
  readonly now: () => number
  /** Says what the market does; resolves when orders have been matched with it. */
  readonly emit: (event: MarketEvent) => Promise<void>
  /** Whether a price is a trade as well: what is set off by trades waits for those. */
  readonly trades: boolean
}

/** What is offered is worth so much at most, where not everything is to be had: about what the larger orders are. */
const mostOffered = 15_000

/** A venue whose market the simulator makes, and whose orders and books are a fake's. */
export function createFakeBackedVenue(options: FakeBackedOptions): SimulatedVenue {
  const { instruments, currency, truth, random, now, partialFills } = options
  const prices = new Map<string, string>()
  const calendar = createSessionCalendar(instruments[0]?.calendar)
  let isOpen = false
  let isDeep = false
  let telling: Promise<void> = Promise.resolve()
  // One after the other, as they happen.
  const emit = (event: MarketEvent): void => {
    telling = telling.then(() => options.emit(event))
  }
  /** Symbols of which little was offered last: there is enough the next time, or what is to be left would be sold in crumbs for minutes. */
  const thin = new Set<string>()
  const offered = ({ symbol, lotSize, multiplier = '1' }: Instrument, price: string): string | undefined => {
    if (isDeep || thin.delete(symbol) || random.next() >= partialFills) return undefined
    thin.add(symbol)
    const places = lotSize.split('.')[1]?.length ?? 0
    const lots = Math.floor((random.next() * mostOffered) / Number(price) / Number(multiplier) / Number(lotSize))
    return (Math.max(1, lots) * Number(lotSize)).toFixed(places)
  }
  const quote = (instrument: Instrument): void => {
    const { symbol } = instrument
    const price = prices.get(symbol)
    if (!isOpen || price === undefined) return
    const size = offered(instrument, price)
    const sizes = size === undefined ? {} : { bidSize: size, askSize: size }
    emit({ type: 'quote', symbol, time: now(), bid: price, ask: price, ...sizes })
    if (options.trades) emit({ type: 'trade', symbol, time: now(), price, quantity: size ?? '1000000' })
  }
  const session = (phase: 'open' | 'close', sessionDate: string): void =>
    emit({ type: 'session', phase, calendar: calendar.name, sessionDate, time: now() })
  return {
    orders: truth.orders,
    books: booksOf(instruments, currency, truth),
    history: [],
    get isOpen() {
      return isOpen
    },
    cash: () => truth.cash(currency),
    position: (symbol) => truth.held(symbol),
    price: (symbol) => prices.get(symbol) ?? '0',
    setPrice(symbol, price) {
      prices.set(symbol, price)
      const instrument = instruments.find((one) => one.symbol === symbol)
      if (instrument !== undefined) quote(instrument)
    },
    tick: () => instruments.forEach(quote),
    openSession() {
      isOpen = true
      session('open', calendar.dateOf(now()))
      for (const { symbol } of instruments) {
        const price = prices.get(symbol)
        if (price !== undefined) emit({ type: 'open', symbol, sessionDate: calendar.dateOf(now()), time: now(), price })
      }
      instruments.forEach(quote)
    },
    closeSession() {
      const date = calendar.dateOf(now() - 1)
      const start = calendar.session(date)?.open ?? now()
      for (const { symbol } of instruments) {
        const close = prices.get(symbol) ?? '0'
        const bar = { open: close, high: close, low: close, close, volume: '1000000' }
        emit({ type: 'bar', symbol, timeframe: '1d', sessionDate: date, start, time: now(), ...bar })
      }
      session('close', date)
      isOpen = false
    },
    deepen() {
      isDeep = true
    },
    place: () => notHere('place'),
    cancel: () => notHere('cancel'),
    replace: () => notHere('replace'),
    order: () => notHere('order'),
    openOrders: () => notHere('openOrders'),
    executions: () => notHere('executions'),
    balances: () => notHere('balances'),
    split: () => notHere('split'),
    payFunding(symbol, rate) {
      const event = { type: 'funding', symbol, time: now(), rate, price: prices.get(symbol) ?? '0' } as const
      telling = telling.then(async () => {
        truth.fund?.(symbol, rate, event.price)
        await options.emit(event)
        truth.look()
      })
      return truth.held(symbol) !== 0n
    },
    movements: () => notHere('movements'),
    placeExternal: () => notHere('placeExternal'),
    cancelExternal: () => notHere('cancelExternal'),
    fillAfterCancel: () => notHere('fillAfterCancel'),
    bust: () => notHere('bust'),
    correct: () => notHere('correct'),
  }
}

function booksOf(instruments: readonly Instrument[], currency: string, truth: FakeTruth): VenueBooks {
  const lots = new Map(instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const lot = (symbol: string): Exact => lots.get(symbol) ?? unit
  const contracts = contractsOf(instruments)
  return {
    cash: (name = currency) => truth.cash(name),
    held: truth.held,
    lot,
    currencyOf: (symbol) => instruments.find((one) => one.symbol === symbol)?.currency ?? currency,
    isContract: (symbol) => contracts.has(symbol),
    unitPrice: (symbol, price) => times(price, contracts.get(symbol)?.multiplier ?? unit),
    costWithout: () => notHere('costWithout'),
    isFlat: (symbol) => floorTo(magnitude(truth.held(symbol)), lot(symbol)) === 0n,
    splits: () => 0,
    unitsToday: (_, units) => units,
    currencies: truth.currencies,
    ...(truth.contract === undefined ? {} : { contract: truth.contract }),
    ...(truth.contradiction === undefined ? {} : { contradiction: truth.contradiction }),
    move: () => notHere('move'),
    addCash: () => notHere('addCash'),
    addUnits: () => notHere('addUnits'),
    split: () => notHere('split'),
    balances: () => notHere('balances'),
  }
}

/** Scenarios for fakes have no step that asks for it. */
function notHere(what: string): never {
  throw new SwarmError({ code: 'SIMULATION_UNSUPPORTED', message: `simulation: a fake cannot be made to ${what}` })
}
