import { createSeededRandom } from '@tradeswarm/core'
import type { BrokerDefinition, OrderRequest } from '@tradeswarm/trading'
import { openSimulatedLine } from '../../simulator/line/simulated-line.js'
import { createSessionCalendar } from '../../simulator/session-calendar.js'
import type { VenueEnd, VenueStage, VenueUnderTest } from '../../simulator/venue-end.js'
import { openFakeAlpaca } from '../alpaca/create-fake-alpaca.js'
import { fakeAlpacaDefaults } from '../alpaca/fake-alpaca-options.js'
import { MemoryHost } from '../shared/memory-host.js'
import { alpacaLineHost } from './alpaca-host.js'
import { createAlpacaTruth } from './alpaca-truth.js'
import { askTerms } from './ask-terms.js'
import { createFakeBackedVenue } from './fake-backed-venue.js'
import { venueTimers } from './fake-timers.js'
import { linkTo, type SimulatedTransport, simulatedPatience } from './link-to.js'
import { shareOfSeeds } from './share-of-seeds.js'

/** What the simulator gives an adapter of Alpaca: the options of an account on the fake. */
export type SimulatedAlpacaAccount = {
  readonly account: string
  readonly keyId: string
  readonly secret: string
  readonly symbols: readonly string[]
  readonly urls: { readonly trading: string }
  readonly requestsPerMinute: number
  /** What the fake charges. */
  readonly cryptoFees: { readonly maker: string; readonly taker: string }
  readonly requestTimeoutMs: number
  readonly heartbeatMs: number
  readonly outcomeWaitsMs: readonly number[]
  readonly transport: SimulatedTransport
}

/** What a simulated account trades: shares, in sessions, coins, which never rest, or in some seeds these and in others those (the default). */
export type SimulatedAlpacaOptions = { readonly trades?: 'shares' | 'coins' | 'both' }

/** In so many of a hundred seeds the account trades coins. */
const coinShare = { shares: 0, coins: 100, both: 20 } as const
const symbols = { shares: ['AAA', 'BBB', 'CCC'], coins: ['AAA-USD', 'BBB-USD', 'CCC-USD'] } as const
const url = 'http://127.0.0.1:1'
/** Makers and takers alike: which of them an order was is guessed by the adapter, and right only nearly always. */
const coinBasisPoints = 25
const coinFees = { maker: '0.0025', taker: '0.0025' } as const

/**
 * The fake of Alpaca as the venue of simulations, with an adapter over it: no socket is opened, and nothing takes time but on the simulated clock.
 * `open` makes the adapter of options as `createAlpacaBroker` takes them. Throws `INVALID_OPTION`.
 */
export function simulatedAlpaca(
  open: (account: SimulatedAlpacaAccount) => BrokerDefinition,
  options: SimulatedAlpacaOptions = {},
): VenueUnderTest {
  const share = shareOfSeeds('simulatedAlpaca', options, coinShare, 'both')
  const openWith =
    (listed: readonly string[]) =>
    (stage: VenueStage): Promise<VenueEnd> =>
      openEnd(stage, open, listed)
  const asked = {
    shares: askTerms(openWith(symbols.shares), { symbols: symbols.shares, feeBasisPoints: 0, feeInAsset: false }),
    coins: askTerms(openWith(symbols.coins), {
      symbols: symbols.coins,
      feeBasisPoints: coinBasisPoints,
      feeInAsset: true,
    }),
  }
  return {
    name: 'alpaca',
    terms(seed) {
      const isCoins = createSeededRandom(seed).fork('coins').next() < share / 100
      return isCoins ? asked.coins() : asked.shares()
    },
    open(stage) {
      const isCoins = stage.instruments.some(({ symbol }) => isCoin(symbol))
      return openWith(isCoins ? symbols.coins : symbols.shares)(stage)
    },
  }
}

const isCoin = (symbol: string): boolean => symbol.includes('-')

/** As Alpaca writes it. */
const listedAs = (symbol: string): string => symbol.replace('-', '/')

async function openEnd(
  { account, rules, instruments, currency, deposits, random, time, cover, note, onOrder, onFill }: VenueStage,
  open: (account: SimulatedAlpacaAccount) => BrokerDefinition,
  listed: readonly string[],
): Promise<VenueEnd> {
  let host: MemoryHost | undefined
  let isTouched = true
  const touch = (): void => {
    isTouched = true
  }
  const { now, elapsed, at } = venueTimers(time, touch)
  const { fake, venue, engine } = await openFakeAlpaca(
    {
      assets: listed.map((symbol) => ({ symbol: listedAs(symbol) })),
      cash: deposits,
      cryptoFees: coinFees,
      // Money moves without a trade at the end of a day, here as live.
      regulatoryFees: random.fork('regulators').next() < 0.5,
      // Now so, now so: what is acknowledged is not yet done.
      cancelDelayMs: random.fork('cancels').next() < 0.5 ? 0 : 300,
      replaceDelayMs: random.fork('amendments').next() < 0.5 ? 0 : 300,
      requestsPerMinute: 1_000_000,
      // A quote that nobody repeats is not to be had after a while: orders at the market rest, too.
      quoteFreshMs: 5_000,
      calendar: createSessionCalendar(),
      clock: { now, elapsed },
      timers: { at },
      random: random.fork('fake'),
    },
    (parts) => {
      host = new MemoryHost(parts, touch)
      return host
    },
  )
  const requests = new Map<string, OrderRequest>()
  const permitted = (id: string): OrderRequest | undefined => requests.get(id)
  const truth = createAlpacaTruth(venue, engine, { onOrder, onFill, permitted, instruments })
  const line = alpacaLineHost(host as MemoryHost, () => venue)
  const chance = random.fork('updates')
  return {
    venue: createFakeBackedVenue({
      instruments,
      currency,
      truth,
      partialFills: rules.partialFills,
      random: random.fork('market'),
      now: time.now,
      emit(event) {
        touch()
        return fake.market.emit('symbol' in event ? { ...event, symbol: listedAs(event.symbol) } : event)
      },
      trades: false,
    }),
    look() {
      // What nobody has touched has not changed.
      if (!isTouched) return
      isTouched = false
      truth.look()
      fake.conditions.duplicateUpdates = chance.next() < rules.duplicates
    },
    link: linkTo({
      mode: 'paper',
      requests,
      lineOf: (options) => openSimulatedLine({ ...options, host: line, rules, time, cover, note, permitted }),
      define: (transport) =>
        open({
          account,
          keyId: fakeAlpacaDefaults.keyId,
          secret: fakeAlpacaDefaults.secret,
          symbols: listed,
          urls: { trading: url },
          requestsPerMinute: 1_000_000,
          cryptoFees: coinFees,
          requestTimeoutMs: rules.timeoutMs,
          ...simulatedPatience,
          transport,
        }),
    }),
  }
}
