import type { BrokerDefinition, OrderRequest } from '@tradeswarm/trading'
import { openSimulatedLine } from '../../simulator/line/simulated-line.js'
import type { VenueEnd, VenueStage, VenueUnderTest } from '../../simulator/venue-end.js'
import { openFakeOkx } from '../okx/create-fake-okx.js'
import { fakeOkxDefaults } from '../okx/fake-okx-options.js'
import { MemoryHost } from '../shared/memory-host.js'
import { askTerms } from './ask-terms.js'
import { createFakeBackedVenue } from './fake-backed-venue.js'
import { venueTimers } from './fake-timers.js'
import { linkTo, type SimulatedTransport, simulatedPatience } from './link-to.js'
import { okxLineHost } from './okx-host.js'
import { createOkxTruth } from './okx-truth.js'
import { shareOfSeeds } from './share-of-seeds.js'

/** What the simulator gives an adapter of OKX: the options of an account on the fake. */
export type SimulatedOkxAccount = {
  readonly account: string
  readonly key: string
  readonly secret: string
  readonly passphrase: string
  readonly symbols: readonly string[]
  readonly currency: string
  readonly urls: { readonly rest: string; readonly stream: string }
  readonly requestTimeoutMs: number
  readonly requestLifetimeMs: number
  readonly heartbeatMs: number
  readonly outcomeWaitsMs: readonly number[]
  readonly transport: SimulatedTransport
}

const coins = [
  { instId: 'AAA-USD', tickSz: '0.01', lotSz: '0.01', minSz: '0.01' },
  { instId: 'BBB-USD', tickSz: '0.01', lotSz: '0.001', minSz: '0.01' },
  { instId: 'CCC-USD', tickSz: '0.01', lotSz: '1', minSz: '1' },
] as const
/** Contracts that stand for less than a coin, in parts and whole, and for more. Their largest order is none that an agent asks for. */
const swaps = [
  { instId: 'AAA-USD-SWAP', tickSz: '0.01', lotSz: '1', minSz: '1', ctVal: '0.01', maxMktSz: '10000000' },
  { instId: 'BBB-USD-SWAP', tickSz: '0.01', lotSz: '0.01', minSz: '0.01', ctVal: '10' },
  { instId: 'CCC-USD-SWAP', tickSz: '0.01', lotSz: '0.1', minSz: '0.1', ctVal: '0.1', maxMktSz: '10000000' },
] as const
const isSwap = (instId: string): boolean => instId.endsWith('-SWAP')
const rest = 'http://127.0.0.1:1'
const stream = 'ws://127.0.0.1:1/ws/v5'
/** Makers and takers alike. */
const feeBasisPoints = 10

/** In so many of a hundred seeds some of the coins are swaps instead. */
const swapShare = { both: 35, coins: 0, swaps: 100 } as const

/** What a simulated account trades: coins, swaps with coins beside them, or now so, now so (the default). */
export type SimulatedOkxOptions = { readonly trades?: keyof typeof swapShare }

/**
 * The fake of OKX as the venue of simulations, spot and linear swaps, with an adapter over it: no socket is opened, and nothing takes time but
 * on the simulated clock. `open` makes the adapter of options as `createOkxBroker` takes them. Throws `INVALID_OPTION`.
 */
export function simulatedOkx(
  open: (account: SimulatedOkxAccount) => BrokerDefinition,
  options: SimulatedOkxOptions = {},
): VenueUnderTest {
  const share = shareOfSeeds('simulatedOkx', options, swapShare, 'both')
  const multipliers = Object.fromEntries(swaps.map(({ instId, ctVal }) => [instId, ctVal]))
  return {
    name: 'okx',
    terms: askTerms((stage) => openEnd(stage, open), {
      symbols: coins.map(({ instId }) => instId),
      contracts: { multipliers, share },
      feeBasisPoints,
      feeInAsset: true,
    }),
    open: (stage) => openEnd(stage, open),
  }
}

async function openEnd(
  { account, rules, instruments, currency, deposits, random, time, cover, note, onOrder, onFill }: VenueStage,
  open: (account: SimulatedOkxAccount) => BrokerDefinition,
): Promise<VenueEnd> {
  let host: MemoryHost | undefined
  let isTouched = true
  const touch = (): void => {
    isTouched = true
  }
  const { now, elapsed, at } = venueTimers(time, touch)
  // Where none is named, it is asked what there is.
  const hasSwaps = instruments.length === 0 || instruments.some(({ symbol }) => isSwap(symbol))
  const listed = hasSwaps ? [...coins, ...swaps] : coins
  // Now and then the venue asks for more margin than the policy reckons with, and refuses entries.
  const leverage = random.fork('leverage').next() < 0.2 ? 1 : (rules.leverage ?? 1)
  const { fake, floor, engine } = await openFakeOkx(
    {
      instruments: listed,
      cash: { [currency]: deposits },
      feeBasisPoints: String(feeBasisPoints),
      contractLeverage: String(leverage),
      regularPushMs: 0,
      // Now so, now so: what is acknowledged is not yet done.
      cancelDelayMs: random.fork('cancels').next() < 0.5 ? 0 : 300,
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
  const truth = createOkxTruth(floor, engine, {
    onOrder,
    onFill,
    permitted,
    instruments,
    currency,
    deposits,
    leverage,
  })
  const line = okxLineHost(host as MemoryHost)
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
        return fake.market.emit(event)
      },
      trades: true,
    }),
    look() {
      // What nobody has touched has not changed.
      if (!isTouched) return
      isTouched = false
      truth.look()
      fake.conditions.duplicateUpdates = chance.next() < rules.duplicates
    },
    link: linkTo({
      mode: 'demo',
      requests,
      lineOf: (options) => openSimulatedLine({ ...options, host: line, rules, time, cover, note, permitted }),
      define: (transport) =>
        open({
          account,
          key: fakeOkxDefaults.keyId,
          secret: fakeOkxDefaults.secret,
          passphrase: fakeOkxDefaults.passphrase,
          symbols: listed.map(({ instId }) => instId),
          currency,
          urls: { rest, stream },
          requestTimeoutMs: rules.timeoutMs,
          ...simulatedPatience,
          requestLifetimeMs: 2_000,
          transport,
        }),
    }),
  }
}
