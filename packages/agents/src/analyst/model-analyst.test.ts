import { Agent, type AgentClass, type PayloadInputOf } from '@tradeswarm/core'
import { createTestSwarm, type TestSwarm } from '@tradeswarm/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { RecommendationIssued } from '../messages/decision-topics.js'
import { GetPortfolio } from '../messages/kernel-topics.js'
import { MarketBar } from '../messages/market-topics.js'
import { FormOpinions, ModelRoundCompleted, ReadPosts } from '../messages/model-messages.js'
import { PostReceived, SignalAggregated, SignalRoundCompleted } from '../messages/signal-topics.js'
import type { modelAnalystConfig } from './analyst-config.js'
import { ModelAnalyst } from './model-analyst.js'

const start = Date.UTC(2026, 0, 5, 14)
const symbols = ['AAA', 'BBB', 'CCC']

/** The books, as the Analyst asks for them. */
class Books extends Agent<typeof Books> {
  static readonly role = 'books'
  static readonly responds = [GetPortfolio]
  protected override onStart(): void {
    this.respond(GetPortfolio, ({ symbol }) => ({
      account: 'paper',
      tradingState: 'active',
      maxPositionFraction: 0.1,
      instrument: {
        symbol,
        kind: 'equity',
        asset: symbol,
        currency: 'USD',
        tickSize: '0.01',
        lotSize: '1',
        minimumNotional: '1',
        calendar: 'us-equity',
      },
      portfolio: {
        time: start,
        currency: 'USD',
        equity: '200000',
        cash: { USD: { total: '150000', free: '150000', locked: '0' } },
        positions: [
          {
            symbol: 'AAA',
            quantity: '100',
            averagePrice: '90',
            openCost: '9000',
            marketPrice: '100',
            marketValue: '10000',
            openedAt: start,
          },
        ],
        realised: '0',
        fees: '0',
        income: '0',
        netDeposits: '200000',
      },
    }))
  }
}

type Answers = {
  readonly read?: (input: z.output<(typeof ReadPosts)['input']>) => Promise<z.input<(typeof ReadPosts)['output']>>
  readonly form?: (input: z.output<(typeof FormOpinions)['input']>) => Promise<z.input<(typeof FormOpinions)['output']>>
}

/** Stands in the place of the models; remembers what it was asked. */
function modelsThat({ read, form }: Answers) {
  const asked: z.output<(typeof FormOpinions)['input']>[] = []
  class Models extends Agent<typeof Models> {
    static readonly role = 'models'
    static readonly responds = [ReadPosts, FormOpinions]
    protected override onStart(): void {
      this.respond(ReadPosts, read ?? (async () => ({ readings: [], rejected: [], uses: [], costUsd: '0' })))
      this.respond(FormOpinions, async (input) => {
        asked.push(input)
        return form === undefined ? { opinions: [], rejected: [] } : form(input)
      })
    }
  }
  return { Models: Models as AgentClass, asked }
}

let running: TestSwarm | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function swarmWith(Models: AgentClass, config: z.input<typeof modelAnalystConfig> = {}): Promise<TestSwarm> {
  running = createTestSwarm({ agents: [Books, Models, { agent: ModelAnalyst, config }], start })
  await running.start()
  for (const symbol of symbols)
    for (let day = 0; day < 30; day += 1) await running.publish(MarketBar, barOf(symbol, day))
  return running
}

function barOf(symbol: string, day: number): PayloadInputOf<typeof MarketBar> {
  const close = 100 + (day % 3)
  return {
    type: 'bar',
    symbol,
    timeframe: '1d',
    sessionDate: '2026-01-02',
    start,
    time: start,
    open: String(close),
    high: String(close + 1),
    low: String(close - 1),
    close: String(close),
    volume: '1000000',
  }
}

/** A round in which the trend of each symbol is strong, the first one's strongest. */
async function round(swarm: TestSwarm): Promise<void> {
  for (const [index, symbol] of symbols.entries()) {
    const trend = { kind: 'trend', score: 0.9 - index * 0.1, confidence: 0.8, value: 0.02 } as const
    await swarm.publish(SignalAggregated, {
      symbol,
      sessionDate: '2026-01-05',
      at: start,
      synthetic: false,
      market: [trend],
    })
  }
  await swarm.publish(SignalRoundCompleted, { sessionDate: '2026-01-05', at: start, symbols })
}

const opinionOn = (symbol: string, score = 0.8) => ({
  opinion: {
    symbol,
    action: 'enter-long' as const,
    score,
    confidence: 0.9,
    scenarios: {
      base: { probability: 0.6, returnPercent: 2 },
      bull: { probability: 0.2, returnPercent: 6 },
      bear: { probability: 0.2, returnPercent: -3 },
    },
    evidence: ['trend' as const],
    rationale: 'The trend is strong.',
  },
  uses: [{ part: 'reasoner' as const, model: 'm', prompt: 'reasoner@1' }],
})

describe('an Analyst whose models', () => {
  test('fail altogether goes on by the rules, and says so', async () => {
    const { Models } = modelsThat({ form: () => Promise.reject(new Error('canary')) })
    const swarm = await swarmWith(Models)
    await round(swarm)
    expect(
      swarm.published(RecommendationIssued).map(({ symbol, model }) => [symbol, model?.origin, model?.fault]),
    ).toEqual(symbols.map((symbol) => [symbol, 'rules', 'failed']))
    expect(swarm.published(ModelRoundCompleted)).toMatchObject([
      { opinions: { asked: 3, accepted: 0, rejected: { failed: 3 }, byRules: 3 } },
    ])
    expect(swarm.log.filter(({ message }) => message === 'the models could not be asked')).toHaveLength(1)
  })

  test('never answer is not held up longer than it was told', async () => {
    const { Models } = modelsThat({ form: () => new Promise(() => undefined) })
    const swarm = await swarmWith(Models, { model: { deadlineMs: 20_000, fallback: 'abstain' } })
    await round(swarm)
    expect(swarm.published(ModelRoundCompleted)).toEqual([])
    await swarm.advance('31s')
    expect(swarm.published(ModelRoundCompleted)).toMatchObject([{ opinions: { rejected: { failed: 3 }, byRules: 0 } }])
    expect(swarm.published(RecommendationIssued)).toEqual([])
  })

  test('are asked about the strongest signals only leaves the others to the rules', async () => {
    const { Models, asked } = modelsThat({
      form: async ({ briefs }) => ({ opinions: briefs.map(({ symbol }) => opinionOn(symbol)), rejected: [] }),
    })
    const swarm = await swarmWith(Models, { model: { maximumSymbols: 1 } })
    await round(swarm)
    expect(asked.map(({ briefs }) => briefs.map(({ symbol }) => symbol))).toEqual([['AAA']])
    const issued = swarm.published(RecommendationIssued)
    const origins = Object.fromEntries(issued.map(({ symbol, model }) => [symbol, model?.origin]))
    expect(origins).toEqual({ AAA: 'model', BBB: undefined, CCC: undefined })
    expect(issued.map(({ rank }) => rank)).toEqual([1, 2, 3])
  })

  test('are told of the account in per cent alone, and of no more than is known', async () => {
    const { Models, asked } = modelsThat({})
    const swarm = await swarmWith(Models)
    await round(swarm)
    const [first, second] = asked[0]?.briefs ?? []
    expect(first?.portfolio).toEqual({ heldPercent: 5, unrealisedPercent: 11.1, freeCashPercent: 75, openPositions: 1 })
    expect(second?.portfolio).toEqual({ heldPercent: 0, freeCashPercent: 75, openPositions: 1 })
    expect(first).not.toHaveProperty('posts')
    expect(first).not.toHaveProperty('readings')
    expect(JSON.stringify(asked)).not.toMatch(/200000|150000|10000\b|paper/)
  })

  test('see no reason to act is believed, and what is worth too little is let go', async () => {
    const { Models } = modelsThat({
      form: async () => ({
        opinions: [
          { ...opinionOn('AAA'), opinion: { ...opinionOn('AAA').opinion, action: 'none' as const, score: 0 } },
          opinionOn('BBB', 0.1),
          {
            ...opinionOn('CCC'),
            opinion: {
              ...opinionOn('CCC').opinion,
              scenarios: { ...opinionOn('CCC').opinion.scenarios, bear: { probability: 0.2, returnPercent: -40 } },
            },
          },
        ],
        rejected: [],
      }),
    })
    const swarm = await swarmWith(Models)
    await round(swarm)
    expect(swarm.published(RecommendationIssued)).toEqual([])
    expect(swarm.published(ModelRoundCompleted)).toMatchObject([
      { opinions: { accepted: 3, none: 1, weak: 2, rejected: {} } },
    ])
  })

  test('read posts are given hashes of them, the weightiest first', async () => {
    const read: unknown[] = []
    const { Models, asked } = modelsThat({
      read: async ({ posts }) => {
        read.push(...posts)
        const reading = {
          relevance: 'about',
          stance: 'bullish',
          strength: 1,
          certainty: 0.5,
          kind: 'news',
          event: 'merger',
        } as const
        return {
          readings: posts.slice(0, 1).map(({ textHash: _hash, ...post }) => ({ ...post, reading })),
          rejected: posts
            .slice(1)
            .map(({ textHash: _hash, ...post }) => ({ ...post, fault: 'outside-schema' as const })),
          uses: [{ part: 'reader', model: 'r', prompt: 'reader@1' }],
          costUsd: '0.01',
        }
      },
    })
    const swarm = await swarmWith(Models, { model: { maximumPosts: 2 } })
    const ids = ['p1', 'p2', 'p3']
    for (const id of ids)
      await swarm.publish(PostReceived, {
        source: 's',
        synthetic: false,
        weight: 1,
        id,
        symbol: 'AAA',
        at: start,
        textHash: id.padEnd(64, '0'),
      })
    const market: PayloadInputOf<typeof SignalAggregated>['market'] = []
    const contributors = ids.map((id, index) => ({
      source: 's',
      id,
      share: 0.5 - index * 0.1,
      score: 1,
      confidence: 1,
      at: start,
    }))
    const quality = {
      mentions: 3,
      observations: 3,
      uniqueAuthors: 3,
      duplicateShare: 0,
      retweetShare: 0,
      rejectedShare: 0,
      concentration: 0.4,
      agreement: 1,
      opinion: 1,
      oldestAgeMs: 0,
      newestAgeMs: 0,
    }
    const burst = { isBurst: false, mentions: 3, baseline: 1, zScore: 1 }
    const posts = { score: 0.5, confidence: 0.7, burst, quality, contributors }
    await swarm.publish(SignalAggregated, {
      symbol: 'AAA',
      sessionDate: '2026-01-05',
      at: start,
      synthetic: false,
      posts,
      market,
    })
    await swarm.publish(SignalRoundCompleted, { sessionDate: '2026-01-05', at: start, symbols: ['AAA'] })
    expect(read).toEqual(['p1', 'p2'].map((id) => ({ symbol: 'AAA', source: 's', id, textHash: id.padEnd(64, '0') })))
    expect(asked[0]?.briefs[0]?.readings).toMatchObject({
      asked: 2,
      read: 1,
      bullish: 1,
      score: 0.5,
      events: ['merger'],
    })
    expect(swarm.published(ModelRoundCompleted)).toMatchObject([
      {
        posts: { asked: 2, read: 1, rejected: { 'outside-schema': 1 } },
        rejections: [{ part: 'reader', fault: 'outside-schema' }],
      },
    ])
  })
})
