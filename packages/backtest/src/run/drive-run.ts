import {
  createTradingSwarm,
  defineTradingSwarm,
  type TradingSwarm,
  type TradingSwarmDefinition,
} from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  type AgentStatus,
  createSeededRandom,
  createSequentialIds,
  createSilentLogger,
  createVirtualDispatcher,
  type Logger,
  type RecordedRun,
  type Service,
  type StorageDefinition,
} from '@tradeswarm/core'
import type { SignalSource } from '@tradeswarm/signals'
import type { ClosedPosition, MarketEvent, SessionDate } from '@tradeswarm/trading'
import { createDrivenFeed } from './driven-feed.js'
import { performAct, type RecordedAct } from './operator-acts.js'
import { type RunHeader, runHeaderId, runHeaderKind } from './run-header.js'
import { scheduleEvents } from './schedule-events.js'
import { breathe } from './system-breathe.js'
import { type Awaited, unlessStalled } from './unless-stalled.js'
import { watchSources } from './watch-sources.js'

/** A run's header and inputs, and what is asked and told on the way. */
export type DriveOptions = {
  readonly header: RunHeader
  readonly definition: TradingSwarmDefinition
  readonly storage: StorageDefinition
  readonly events: Iterable<MarketEvent>
  readonly sources: readonly SignalSource[]
  readonly start: number
  readonly logger?: Logger | undefined
  /** Asked after each instant; true ends the run there. */
  readonly shouldStop: () => boolean
  /** What a recorded run was answered from outside, where it runs again. */
  readonly recorded?: RecordedRun
  readonly onStarted?: ((swarm: TradingSwarm) => void) | undefined
  /** Asked before each instant: whether it is one that was recorded and runs again. */
  readonly isRepeating?: () => boolean
  /** What operators did in the recorded part of a run: done again at the same places. */
  readonly operatorActs?: readonly RecordedAct[]
  readonly onSession: (close: SessionClose, swarm: TradingSwarm, isRepeating: boolean) => void | Promise<void>
}

/** The account at the close of a session. */
export type SessionClose = {
  readonly sessionDate: SessionDate
  readonly time: number
  readonly equity: number | undefined
  /** Market value of positions as a fraction of equity. */
  readonly exposure: number | undefined
}

/** Where a run ended, and what is needed to tell about it. */
export type DriveResult = {
  readonly status: 'completed' | 'stopped'
  readonly journalHash: string
  readonly entries: number
  readonly time: number
  readonly closed: readonly ClosedPosition[]
  readonly published: number
  readonly deadLetters: number
  readonly agents: readonly AgentStatus[]
  readonly portfolio: ReturnType<TradingSwarm['portfolio']>
}

/**
 * Runs the swarm through inputs in virtual time, one instant after the other, committing once for each. Throws `RUN_STALLED`, naming it,
 * for a handler, a hook or a poll that never ends.
 */
export function driveRun(options: DriveOptions): Promise<DriveResult> {
  const awaited: Awaited = { now: () => undefined, what: () => [] }
  return unlessStalled(awaited, () => drive(options, awaited))
}

async function drive(options: DriveOptions, awaited: Awaited): Promise<DriveResult> {
  const { header } = options
  const { sources, awaited: polls } = watchSources(options.sources)
  const dispatcher = createVirtualDispatcher({ start: options.start })
  const feed = createDrivenFeed('tape')
  const closed: ClosedPosition[] = []
  let closing: SessionDate | undefined

  const swarm = createTradingSwarm(
    defineTradingSwarm({
      ...options.definition,
      brokers: [
        createPaperBroker({
          account: header.account,
          instruments: header.tape.instruments,
          cash: header.cash,
          fees: header.fees,
          slippage: header.slippage,
        }),
      ],
      sources,
    }),
    {
      storage: options.storage,
      feed,
      instruments: header.tape.instruments,
      deposits: { [header.account]: header.cash.USD ?? '0' },
      services: [headerService(header)],
      runtime: {
        dispatcher,
        ids: createSequentialIds(),
        random: createSeededRandom(header.seed),
        logger: options.logger ?? createSilentLogger(),
        ...(options.recorded === undefined ? {} : { recorded: options.recorded }),
        // Whoever is handed the swarm may publish.
        isClosed: options.recorded === undefined && options.onStarted === undefined,
      },
    },
  )
  let callback: string | undefined
  awaited.now = () => dispatcher.now()
  awaited.what = () => (callback === undefined ? [...polls(), ...swarm.awaited()] : [callback])
  await swarm.start()
  swarm.kernel().subscribe((event) => {
    if (event.type === 'position-closed') closed.push(event.position)
  })
  const acts = [...(options.operatorActs ?? [])]
  const repeatActs = async (): Promise<void> => {
    for (let next = acts[0]; next?.sequence === swarm.nextSequence(); next = acts[0]) {
      acts.shift()
      await performAct(swarm, next)
    }
  }
  /** What operators did is written by itself, in every run at the same place, or entries that are hashed together would differ. */
  const writeActs = async (): Promise<void> => {
    if (swarm.nextSequence() === swarm.journalHead().sequence + 1) return
    await breathe()
    await swarm.checkpoint()
  }
  await repeatActs()
  options.onStarted?.(swarm)
  await writeActs()
  const schedule = scheduleEvents(options.events, dispatcher, feed, (event) => {
    if (event.type === 'session' && event.phase === 'close') closing = event.sessionDate
  })

  const goOn = (): boolean => {
    if (options.shouldStop()) return false
    const next = dispatcher.nextTime()
    return next !== undefined && (!schedule.isDone() || next <= (schedule.lastTime() ?? 0))
  }
  try {
    while (goOn()) {
      const isRepeating = options.isRepeating?.() ?? false
      await dispatcher.step()
      await repeatActs()
      if (closing !== undefined) {
        const sessionDate = closing
        closing = undefined
        callback = `what is called at the close of the session ${sessionDate}`
        await options.onSession(closeOf(swarm, sessionDate, dispatcher.now()), swarm, isRepeating)
        callback = undefined
        // Virtual time never waits, so without this nothing else in the process would run: no interrupt, no request.
        await breathe()
      }
      await writeActs()
    }
    await swarm.checkpoint()
  } catch (error) {
    await swarm.stop().catch(() => undefined)
    throw error
  }
  const head = swarm.journalHead()
  const result: DriveResult = {
    status: schedule.isDone() ? 'completed' : 'stopped',
    journalHash: head.hash,
    entries: head.sequence,
    time: dispatcher.now(),
    closed,
    published: swarm.status().messages.published,
    agents: swarm.status().agents,
    deadLetters: swarm.status().agents.reduce((sum, agent) => sum + agent.deadLetters, 0),
    portfolio: swarm.portfolio(),
  }
  await swarm.stop()
  return result
}

function closeOf(swarm: TradingSwarm, sessionDate: SessionDate, time: number): SessionClose {
  const portfolio = swarm.portfolio()
  if (portfolio.equity === undefined) return { sessionDate, time, equity: undefined, exposure: undefined }
  const equity = Number(portfolio.equity)
  const invested = portfolio.positions.reduce((sum, position) => sum + Number(position.marketValue ?? 0), 0)
  return { sessionDate, time, equity, exposure: equity > 0 ? invested / equity : 0 }
}

function headerService(header: RunHeader): Service {
  return {
    name: 'run',
    async start(host) {
      host.append({ id: runHeaderId, kind: runHeaderKind, time: host.clock.now(), payload: header })
    },
    async stop() {},
  }
}
