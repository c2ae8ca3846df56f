import {
  type AnalystModel,
  createTradingSwarm,
  defineTradingSwarm,
  IntentDenied,
  IntentFormed,
  RecommendationIssued,
  RecommendationPassed,
} from '@tradeswarm/agents'
import { createTapeEvents, createTapeSource } from '@tradeswarm/backtest'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  canonicalJson,
  createConcurrentDispatcher,
  createSeededRandom,
  createSequentialIds,
  createSilentLogger,
  createVirtualDispatcher,
  type Dispatcher,
  type Message,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSimulatedClock } from '@tradeswarm/testing'
import type { BrokerDefinition, MarketEvent, MarketListener } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { honestLanguageModel } from '../models/model-run.test-support.js'
import { readJournal } from './recorded-journal.test-support.js'
import { recorded, replayed } from './recorded-venue.test-support.js'
import { eagerConfig, narrowPolicy, smallSymbols, smallTape } from './small-tape.test-support.js'

const start = Date.parse(`${smallTape.bars[0]?.date}T00:00:00Z`)
const paper = createPaperBroker({ instruments: smallTape.instruments, cash: { USD: '100000' } })

/** Every decision of a run, without the ids that are each run's own, in order of time and then of text. */
async function decisionsOf(
  broker: BrokerDefinition,
  dispatcher: Dispatcher,
  atInstants: (events: Iterable<MarketEvent>, emit: (event: MarketEvent) => Promise<void>) => Promise<void>,
  model?: AnalystModel,
): Promise<readonly string[]> {
  const storage = createMemoryStorage()
  const listeners: MarketListener[] = []
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: smallSymbols,
      policy: narrowPolicy,
      config: eagerConfig,
      brokers: [broker],
      sources: [createTapeSource(smallTape)],
      ...(model === undefined ? {} : { model }),
    }),
    {
      storage,
      feed: {
        name: 'tape',
        subscribe(listener) {
          listeners.push(listener)
          return () => undefined
        },
      },
      instruments: smallTape.instruments,
      deposits: { paper: '100000' },
      runtime: { dispatcher, ids: createSequentialIds(), random: createSeededRandom(42), logger: createSilentLogger() },
    },
  )
  await swarm.start()
  await atInstants(marketEvents(), async (event) => {
    for (const listener of listeners) await listener(event)
  })
  await swarm.checkpoint()
  const decisions: string[] = []
  for (const { time, kind, text } of await readJournal(storage)) {
    const { topic, payload } = JSON.parse(text) as Message
    if (kind === 'message' && decidingTopics.has(topic)) decisions.push(`${time} ${topic} ${withoutIds(payload)}`)
  }
  decisions.push(canonicalJson(swarm.portfolio()))
  await swarm.stop()
  return decisions.sort()
}

const decidingTopics: ReadonlySet<string> = new Set(
  [RecommendationIssued, RecommendationPassed, IntentFormed, IntentDenied].map(({ name }) => name),
)

/** Nor the hash of a brief: where the clock jumps a poll comes late, and its posts count in a later burst. */
function withoutIds(payload: unknown): string {
  return canonicalJson(payload).replace(/"(\w*[iI]d|briefHash)":"[^"]*",?/g, '')
}

/** Sessions before the first that may be traded have no pre-open: nothing is decided in them. */
function* marketEvents(): Generator<MarketEvent> {
  for (const event of createTapeEvents(smallTape)) {
    if (event.type === 'session' && event.phase === 'pre-open' && event.sessionDate < smallTape.tradeFrom) continue
    yield event
  }
}

const worlds: Readonly<Record<string, AnalystModel | undefined>> = {
  'without a model': undefined,
  'with a model': honestLanguageModel,
}

test.each(Object.entries(worlds))(
  'I34 from one tape of market and broker events, paper in virtual time and a venue in real time take the same decisions, %s',
  async (_, model) => {
    const { definition, recording } = recorded(paper)
    const virtual = createVirtualDispatcher({ start })
    const onPaper = await decisionsOf(
      definition,
      virtual,
      async (events, emit) => {
        for (const event of events) virtual.at(event.time, () => emit(event), 'critical')
        while ((virtual.nextTime() ?? Number.POSITIVE_INFINITY) <= lastTime) await virtual.step()
      },
      model,
    )

    const clock = createSimulatedClock({ start })
    const venue = replayed(paper, recording)
    const live = await decisionsOf(
      venue,
      createConcurrentDispatcher(clock),
      async (events, emit) => {
        const instants = new Set(smallTape.posts.map(({ at }) => at))
        for (const event of events) {
          clock.at(event.time, () => emit(event))
          instants.add(event.time)
        }
        // From one to the next: in between a kernel watches and renews its hold on the account, every second of a year.
        for (const instant of [...instants].sort((a, b) => a - b))
          if (instant <= lastTime) await clock.jump(instant - clock.now())
      },
      model,
    )

    expect(onPaper.filter((decision) => decision.includes('intent.formed')).length).toBeGreaterThan(20)
    expect(onPaper.some((decision) => decision.includes('reasoner@1'))).toBe(model !== undefined)
    expect(live).toEqual(onPaper)
    expect(venue.unsaid()).toBe(0)
  },
)

const lastTime = [...marketEvents()].at(-1)?.time ?? 0
