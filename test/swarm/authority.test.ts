import {
  AlertRaised,
  AssessInKernel,
  AssessRisk,
  GetPortfolio,
  HaltTrading,
  MarketBar,
  MarketOpen,
  MarketSession,
  OrderFilled,
  OrderUpdated,
  OutcomeRecorded,
  ParametersAdjusted,
  PositionClosed,
  PostReceived,
  RecommendationIssued,
  RiskManager,
  RiskReported,
  SignalAggregated,
  SignalObserved,
  SubmitOrder,
  TradingStateChanged,
} from '@tradeswarm/agents'
import {
  Agent,
  type AgentClass,
  type AgentEntry,
  messageOf,
  type Request,
  SwarmError,
  type Topic,
} from '@tradeswarm/core'
import type { OrderIntent } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { recordsOf } from './recorded-journal.test-support.js'
import { recordSmallRun, runSmall } from './small-run.test-support.js'
import { sessionOn, smallSessions, tradedFrom } from './small-tape.test-support.js'

/** An agent of no use that declares what it is told to. */
function declaring(
  says: { publishes?: Topic[]; requests?: Request[]; responds?: Request[] },
  role = 'extra',
): AgentClass {
  return class extends Agent {
    static readonly role: string = role
    static readonly publishes = says.publishes ?? []
    static readonly requests = says.requests ?? []
    static readonly responds = says.responds ?? []
  }
}

const beside = (...agents: (AgentClass | AgentEntry)[]) => runSmall({ swarm: { agents } })

const sessionIndex = (date: string): number => smallSessions().indexOf(sessionOn(date)) - tradedFrom

function buyOf(intentId: string, agent: string, close: number): OrderIntent {
  return {
    intentId,
    account: 'paper',
    agent,
    strategy: 'own',
    symbol: 'AAA',
    side: 'buy',
    type: 'limit',
    quantity: '1',
    limitPrice: close.toFixed(2),
    timeInForce: 'day',
    exits: { stopPrice: (close * 0.95).toFixed(2), targetPrice: (close * 1.1).toFixed(2), maximumSessions: 3 },
    decidedAt: 0,
    causationId: intentId,
    correlationId: intentId,
  }
}

describe('nothing is entered past the Risk Manager', () => {
  test('I10 none but it may ask the risk authority, and none may take its place beside it', async () => {
    await expect(beside(declaring({ requests: [AssessInKernel, SubmitOrder] }))).rejects.toMatchObject({
      code: 'CALLER_NOT_ALLOWED',
      message: 'extra has the role extra and may not ask kernel.assess: it is for risk-manager only',
    })
    for (const [code, says] of [
      ['DUPLICATE_ROLE', { requests: [AssessInKernel] }],
      ['DUPLICATE_RESPONDER', { responds: [AssessRisk] }],
      ['DUPLICATE_ROLE', { publishes: [RiskReported] }],
    ] as const)
      await expect(
        beside({ agent: declaring(says as never, 'risk-manager'), id: 'impostor' }),
        JSON.stringify(says),
      ).rejects.toMatchObject({ code, message: expect.stringContaining('impostor') })
    await expect(beside(declaring({ responds: [AssessRisk] }))).rejects.toMatchObject({ code: 'DUPLICATE_RESPONDER' })
    await expect(beside(declaring({ responds: [AssessInKernel] }))).rejects.toMatchObject({
      code: 'DUPLICATE_RESPONDER',
    })
  })

  test('an agent of its own kind trades in its own name with its own permit, and not at all while the Risk Manager is paused', async () => {
    const heard: Record<string, string[]> = {}
    const note = (what: string, said: string): void => {
      heard[what] = [...(heard[what] ?? []), said]
    }
    class Own extends Agent<typeof Own> {
      static readonly role: string = 'own'
      static readonly requests = [AssessRisk, SubmitOrder, GetPortfolio]

      protected override onStart(): void {
        let close = 0
        this.subscribe(MarketBar, (bar) => {
          if (bar.symbol === 'AAA') close = Number(bar.close)
        })
        this.subscribe(MarketSession, async ({ phase, sessionDate }, context) => {
          if (phase !== 'pre-open' || sessionIndex(sessionDate) < 0) return
          const codesOf = (findings: readonly { code: string }[]): string => findings.map(({ code }) => code).join()
          const forged = await context
            .request(AssessRisk, buyOf(`forged-${sessionDate}`, 'trader', close))
            .catch(codeOf)
          note(
            'in another name',
            typeof forged === 'string' ? forged : codesOf('findings' in forged ? forged.findings : []),
          )
          const intent = buyOf(`own-${sessionDate}`, this.id, close)
          const assessed = await context.request(AssessRisk, intent).catch(codeOf)
          if (typeof assessed === 'string') return note('unanswered', assessed)
          if (assessed.status === 'denied') return note('denied', codesOf(assessed.findings))
          const { permitId } = assessed
          const stolen = await context.request(SubmitOrder, { intent: { ...intent, agent: 'trader' }, permitId })
          note('submitted in another name', stolen.status === 'refused' ? codesOf(stolen.findings) : stolen.status)
          note('submitted', (await context.request(SubmitOrder, { intent, permitId })).status)
        })
      }
    }
    const pausedFrom = 40
    const run = await recordSmallRun({
      swarm: { agents: [Own] },
      onSessionClosed: async (date, swarm) => {
        if (sessionIndex(date) === pausedFrom) await swarm.agent('risk-manager').pause()
      },
    })
    expect(new Set(heard['in another name'])).toEqual(new Set(['AGENT_NOT_AUTHORIZED', 'NO_RESPONDER']))
    expect(new Set(heard.submitted)).toEqual(new Set(['submitted']))
    expect(new Set(heard['submitted in another name'])).toEqual(new Set(['AGENT_NOT_AUTHORIZED']))
    expect(new Set(heard.unanswered)).toEqual(new Set(['NO_RESPONDER']))
    const mine = recordsOf(run.entries, 'order-assessed').filter(({ header }) => header.agent === 'own')
    expect(mine.length).toBeGreaterThan(5)
    expect(recordsOf(run.entries, 'order-assessed').some(({ header }) => header.intentId.startsWith('forged'))).toBe(
      false,
    )
    const pausedAt = smallSessions()[tradedFrom + pausedFrom]?.close ?? 0
    expect(
      recordsOf(run.entries, 'order-assessed').filter(
        ({ header, time }) => header.purpose === 'entry' && time > pausedAt,
      ),
    ).toEqual([])
  })
})

function codeOf(error: unknown): string {
  return SwarmError.isInstance(error) ? error.code : messageOf(error)
}

describe('an agent that stops trading', () => {
  /** A Risk Manager that wants a state at each close. */
  function worried(state: 'reducing' | 'halted', heard: unknown[]): AgentClass {
    return class Worried extends RiskManager {
      static override readonly requests = [...RiskManager.requests, HaltTrading] as never

      protected override onStart(): void {
        super.onStart()
        this.subscribe(MarketSession, async ({ phase, sessionDate }, context) => {
          if (phase !== 'close' || sessionIndex(sessionDate) < 10) return
          const ask = context.request as unknown as (request: typeof HaltTrading, input: object) => Promise<unknown>
          heard.push(await ask(HaltTrading, { account: 'paper', state, reason: 'too \ud800 wild' }).catch(codeOf))
        })
      }
    }
  }

  test('is the Risk Manager alone', async () => {
    await expect(beside(declaring({ requests: [HaltTrading] }))).rejects.toMatchObject({ code: 'CALLER_NOT_ALLOWED' })
  })

  test('I13 cannot set halted, which is for operators and the kill switch', async () => {
    const heard: unknown[] = []
    const run = await recordSmallRun({ swarm: { replace: { 'risk-manager': worried('halted', heard) } } })
    expect(new Set(heard)).toEqual(new Set(['INVALID_PAYLOAD']))
    expect(recordsOf(run.entries, 'halted').filter(({ state }) => state === 'halted')).toEqual([])
  })

  test('sets reducing, booked once as of an agent, until an operator resumes', async () => {
    const heard: unknown[] = []
    const states: Record<number, unknown> = {}
    const run = await recordSmallRun({
      swarm: { replace: { 'risk-manager': worried('reducing', heard) } },
      onSessionClosed: async (date, swarm) => {
        const index = sessionIndex(date)
        if (index === 20) await swarm.resume({ operator: 'me', reason: 'calm again' })
        if ([9, 15, 20].includes(index)) states[index] = swarm.tradingState()
      },
    })
    expect(new Set(heard.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"state":"reducing"}']))
    const active = { state: 'active', reasons: [] }
    expect(states).toEqual({
      9: active,
      15: { state: 'reducing', reasons: ['risk-manager: too \ufffd wild'] },
      20: active,
    })
    const halts = recordsOf(run.entries, 'halted').filter(({ cause }) => cause === 'agent')
    expect(halts.map(({ state }) => state)).toEqual(['reducing', 'reducing'])
    expect(recordsOf(run.entries, 'halted').filter(({ cause }) => cause === 'operator')).toEqual([])
  })
})

describe('who may say what', () => {
  test.each([
    MarketSession,
    MarketOpen,
    MarketBar,
    OrderFilled,
    OrderUpdated,
    PositionClosed,
    TradingStateChanged,
    AlertRaised,
    PostReceived,
  ])('what comes from outside or from the kernel is not said by agents: $name', async (topic) => {
    await expect(beside(declaring({ publishes: [topic as Topic] }))).rejects.toMatchObject({ code: 'TOPIC_RESERVED' })
    await expect(beside(declaring({ publishes: [topic as Topic] }, 'trader'))).rejects.toMatchObject({
      code: 'DUPLICATE_AGENT',
    })
  })

  test.each([ParametersAdjusted, OutcomeRecorded, RiskReported])('$name is for its role only', async (topic) => {
    await expect(beside(declaring({ publishes: [topic as Topic] }))).rejects.toMatchObject({
      code: 'PUBLISHER_NOT_ALLOWED',
    })
  })

  test('an agent beside the five may observe and recommend', async () => {
    const open = declaring({ publishes: [RecommendationIssued, SignalObserved, SignalAggregated] as Topic[] })
    await expect(beside(open)).resolves.toMatchObject({ status: 'completed' })
  })
})
