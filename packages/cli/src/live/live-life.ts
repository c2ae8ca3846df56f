import { createTradingSwarm, type TradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import {
  type AgentStatus,
  createSystemClock,
  createSystemRandom,
  type Logger,
  type Storage,
  type StorageDefinition,
} from '@tradeswarm/core'
import type {
  BarEvent,
  BrokerDefinition,
  CalendarName,
  Instrument,
  MarketEvent,
  PortfolioView,
  SessionDate,
} from '@tradeswarm/trading'
import type { Venue, VenueAccess, VenueFeed, VenueSessions } from '../venues/venue.js'
import { createCatchUp, type LastInputs } from './catch-up.js'
import { type BooksComparison, compareBooks, openToLook } from './compare-books.js'
import { until } from './play-tape.js'
import { SessionFeed } from './session-feed.js'
import { tellSessions } from './session-teller.js'
import { dailyBars } from './venue-bars.js'
import { missingBar, noPriceYet, withoutWarnings } from './without-warnings.js'

/** Where a swarm lives: a venue, its hours, and where its books are. */
export type LiveWorld = {
  readonly venue: Venue
  readonly access: VenueAccess
  /** Without brokers: the account is the venue's. */
  readonly definition: TradingSwarmDefinition
  readonly broker: BrokerDefinition
  readonly sessions: VenueSessions
  /** Absent where the venue's hours are the exchange's own. */
  readonly calendarName?: CalendarName
  readonly instruments: readonly Instrument[]
  /** What the account begins with. */
  readonly cash: string
  /** The first instant of the bars that are to be known. */
  readonly historyFrom: number
  /** From when on executions are compared. */
  readonly since: number
  readonly storage: StorageDefinition
  /** The run as it is on disk, to look at. */
  readonly openStored: () => Promise<Storage>
  readonly lastInputs: LastInputs
  /** Nobody else trades on the account. */
  readonly isAlone: boolean
  readonly allowLive: boolean
}

/** What to look at, and when to end. */
export type LifeOptions = {
  readonly logger: Logger
  readonly signal: AbortSignal
  /** When the tape ends; absent for a market that goes on. */
  readonly endsAt?: number
  readonly onSession: (date: SessionDate, swarm: TradingSwarm) => void
  /** It trades from now on. */
  readonly onStarted?: (swarm: TradingSwarm) => void
  /** Whatever the market says, after the swarm has heard it. */
  readonly onMarket?: (event: MarketEvent) => void
}

/** How a life ended. */
export type LifeEnd = {
  readonly status: 'completed' | 'stopped'
  readonly portfolio: PortfolioView
  readonly agents: readonly AgentStatus[]
  readonly comparison: BooksComparison
}

/** After the tape's end, so that what is on its way arrives. */
const settleMs = 500
/** Books and venue are compared again for so long, as long as they differ. */
const patienceMs = 5_000
const compareEveryMs = 300

/** Runs a swarm at a venue until the tape ends or somebody stops it, and compares its books with the venue's. */
export async function liveLife(world: LiveWorld, options: LifeOptions): Promise<LifeEnd> {
  const { venue, access, sessions, definition } = world
  const { logger, signal } = options
  const clock = createSystemClock()
  const random = createSystemRandom()
  const { symbols } = definition
  const history = { venue, access, calendar: sessions.calendar, random }
  const endedBars = (): Promise<readonly BarEvent[]> => dailyBars(history, symbols, world.historyFrom, clock.now())
  const told = new SessionFeed({
    name: venue.name,
    symbols,
    logger,
    barsOf: (date) => dailyBars(history, symbols, Date.parse(date), clock.now(), date),
  })
  const catchUp = createCatchUp()
  let bars: readonly BarEvent[] = []
  const pastBars = async (): Promise<readonly BarEvent[]> => {
    bars = await endedBars()
    return bars
  }
  const swarm = swarmOf(world, { feed: told, pastBars, service: catchUp.service, logger })
  let feed: VenueFeed | undefined
  let stopTelling = (): void => undefined
  try {
    await swarm.start()
    told.subscribe((event) => {
      options.onMarket?.(event)
      if (event.type === 'session' && event.phase === 'close') options.onSession(event.sessionDate, swarm)
    })
    await catchUp.tell(bars.filter((bar) => bar.sessionDate > (world.lastInputs.bars.get(bar.symbol) ?? '')))
    // Opened last: a session that went by while the account was waited for is not acted on.
    const asked = world.isAlone ? [missingBar, noPriceYet] : [missingBar]
    feed = await venue.openFeed(access, { symbols, sessions, random, logger: withoutWarnings(logger, asked) })
    told.know(lastDates(bars))
    void told.tell(endedBars())
    options.onStarted?.(swarm)
    told.follow(feed)
    if (!venue.tellsSessions(symbols)) stopTelling = tellSessions(sessions, clock, (event) => void told.tell(event))
    await until(options.endsAt === undefined ? Number.MAX_SAFE_INTEGER : options.endsAt + settleMs, clock, signal)
    const comparison = await compareWithPatience(world, swarm)
    const end: LifeEnd = {
      status: signal.aborted ? 'stopped' : 'completed',
      portfolio: swarm.portfolio(),
      agents: swarm.status().agents,
      comparison,
    }
    await stop(swarm, told, feed)
    return end
  } catch (thrown) {
    await stop(swarm, told, feed).catch(() => undefined)
    throw thrown
  } finally {
    stopTelling()
  }
}

async function stop(swarm: TradingSwarm, told: SessionFeed, feed: VenueFeed | undefined): Promise<void> {
  told.close()
  try {
    await swarm.stop()
  } finally {
    await feed?.close()
  }
}

function swarmOf(
  world: LiveWorld,
  parts: {
    readonly feed: SessionFeed
    readonly pastBars: () => Promise<readonly BarEvent[]>
    readonly service: ReturnType<typeof createCatchUp>['service']
    readonly logger: Logger
  },
): TradingSwarm {
  const { broker, calendarName, sessions } = world
  return createTradingSwarm(
    { ...world.definition, brokers: [broker] },
    {
      storage: world.storage,
      feed: parts.feed,
      instruments: world.instruments,
      deposits: { [broker.account]: world.cash },
      pastBars: parts.pastBars,
      allowLive: world.allowLive,
      services: [parts.service],
      ...(calendarName === undefined ? {} : { calendars: { [calendarName]: sessions.calendar } }),
      runtime: { logger: parts.logger },
    },
  )
}

function lastDates(bars: readonly BarEvent[]): ReadonlyMap<string, SessionDate> {
  return new Map(bars.map(({ symbol, sessionDate }) => [symbol, sessionDate]))
}

/** What has just happened at the venue is in the books a moment later: only a difference that stays is one. */
async function compareWithPatience(world: LiveWorld, swarm: TradingSwarm): Promise<BooksComparison> {
  const clock = createSystemClock()
  const broker = await openToLook(world.broker)
  try {
    for (const begun = clock.now(); ; ) {
      const storage = await world.openStored()
      try {
        const { since, isAlone } = world
        const comparison = await compareBooks({ broker, portfolio: swarm.portfolio(), storage, since, isAlone })
        if (comparison.agree || clock.now() - begun > patienceMs) return comparison
      } finally {
        await storage.close()
      }
      await until(clock.now() + compareEveryMs, clock)
    }
  } finally {
    await broker.close()
  }
}
