import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import type { Instrument } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import type { VenueRules } from '../../simulator/scenario.js'
import { simulationStart } from '../../simulator/session-calendar.js'
import { createSimulatedTime } from '../../simulator/simulated-time.js'
import type { ListedContracts, VenueEnd, VenueStage, VenueTerms } from '../../simulator/venue-end.js'
import { venueTimers } from './fake-timers.js'

const plainRules: VenueRules = {
  clientOrderIds: 'permanent',
  declares: true,
  tellsExecutions: true,
  tellsTime: true,
  replays: true,
  holdsStopAndTarget: false,
  replace: 'none',
  feeBasisPoints: 0,
  feeInAsset: false,
  partialFills: 0,
  latencyMs: { least: 1, most: 1 },
  timeoutMs: 1_500,
  duplicates: 0,
  jitterMs: 0,
}

/** What an adapter is asked about, and what is known of its venue without asking. */
export type AskedTerms = Pick<VenueTerms, 'feeBasisPoints' | 'feeInAsset'> & {
  readonly symbols: readonly string[]
  /** Absent where no contracts are to be traded. */
  readonly contracts?: AskedContracts
}

/** `multipliers`: by symbol, what a unit stands for by the venue's own list, whatever the adapter makes of it. */
export type AskedContracts = { readonly multipliers: Readonly<Record<string, string>>; readonly share: number }

/** Opens the adapter once on a venue of its own, and asks what it can do. The answer is kept. */
export function askTerms(open: (stage: VenueStage) => Promise<VenueEnd>, about: AskedTerms): () => Promise<VenueTerms> {
  let asked: Promise<VenueTerms> | undefined
  return () => {
    asked ??= ask(open, about)
    return asked
  }
}

async function ask(
  open: (stage: VenueStage) => Promise<VenueEnd>,
  { symbols, contracts, ...fees }: AskedTerms,
): Promise<VenueTerms> {
  const time = createSimulatedTime(simulationStart)
  const random = createSeededRandom('terms')
  const nothing = (): void => undefined
  const { link } = await open({
    account: 'terms',
    rules: plainRules,
    instruments: [],
    currency: 'USD',
    deposits: '1000',
    random,
    time,
    cover: nothing,
    say: nothing,
    onOrder: nothing,
    onFill: nothing,
    onBorrow: nothing,
    tell: nothing,
  })
  const { open: connect, end } = link({
    account: 'terms',
    random,
    clock: { now: time.now, elapsed: time.now },
    timers: venueTimers(time),
    conditions: { requestsDown: false, streamDown: false, storm: undefined, faults: [] },
    alive: () => true,
    dies: () => false,
    onSent: nothing,
    onCancelSent: nothing,
    onBalances: nothing,
  })
  const opening = connect({
    clock: { now: time.now, elapsed: time.now },
    ids: createSequentialIds(),
    random,
    logger: createSilentLogger(),
    feed: { name: 'none', subscribe: () => () => undefined },
    guard: createOpenGuard(),
  })
  let isOpen = false
  opening.then(
    () => (isOpen = true),
    () => (isOpen = true),
  )
  await time.run(simulationStart + 60_000, nothing, () => isOpen)
  const broker = await opening
  end()
  const listed = (wanted: readonly string[]): readonly Instrument[] =>
    wanted.map((symbol) => broker.instrument(symbol)).filter((found) => found !== undefined)
  return {
    instruments: listed(symbols),
    ...(contracts === undefined ? {} : { contracts: contractsOf(contracts, listed) }),
    capabilities: broker.capabilities,
    tellsExecutions: broker.executions !== undefined,
    tellsTime: broker.time !== undefined,
    tellsMovements: broker.movements !== undefined,
    ...fees,
  }
}

/** The judges count by what a unit stands for at the venue. */
function contractsOf(
  { multipliers, share }: AskedContracts,
  listed: (wanted: readonly string[]) => readonly Instrument[],
): ListedContracts {
  const instruments = listed(Object.keys(multipliers)).map((instrument) => ({
    ...instrument,
    multiplier: multipliers[instrument.symbol] ?? '1',
  }))
  return { instruments, share }
}
