import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createOpenGuard } from '../../broker/open-guard.js'
import type { VenueRules } from '../../simulator/scenario.js'
import { simulationStart } from '../../simulator/session-calendar.js'
import { createSimulatedTime } from '../../simulator/simulated-time.js'
import type { VenueEnd, VenueStage, VenueTerms } from '../../simulator/venue-end.js'
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

/** Opens the adapter once on a venue of its own, and asks what it can do. The answer is kept. */
export function askTerms(
  open: (stage: VenueStage) => Promise<VenueEnd>,
  symbols: readonly string[],
  fees: Pick<VenueTerms, 'feeBasisPoints' | 'feeInAsset'>,
): () => Promise<VenueTerms> {
  let asked: Promise<VenueTerms> | undefined
  return () => {
    asked ??= ask(open, symbols, fees)
    return asked
  }
}

async function ask(
  open: (stage: VenueStage) => Promise<VenueEnd>,
  symbols: readonly string[],
  fees: Pick<VenueTerms, 'feeBasisPoints' | 'feeInAsset'>,
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
  const { capabilities, executions, time: tellTime, instrument } = await opening
  end()
  const instruments = symbols.map((symbol) => instrument(symbol)).filter((found) => found !== undefined)
  return {
    instruments,
    capabilities,
    tellsExecutions: executions !== undefined,
    tellsTime: tellTime !== undefined,
    ...fees,
  }
}
