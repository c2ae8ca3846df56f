import { PositionClosed, RiskReported, type TradingSwarmDefinition } from '@tradeswarm/agents'
import type { AgentStatus, EpochMs, Storage } from '@tradeswarm/core'
import { type ClosedPosition, type PortfolioView, riskPolicy, type SessionDate } from '@tradeswarm/trading'
import { tapeTitle } from '../report/render-report.js'
import { withReport } from '../report/with-report.js'
import { type BacktestResult, resultOf } from '../run/backtest-result.js'
import type { SessionClose } from '../run/drive-run.js'
import { messageIn } from '../run/recorded-run.js'
import { createEntryTally } from '../run/run-counts.js'
import type { RunHeader } from '../run/run-header.js'
import { runLabels } from '../run/run-labels.js'
import { pacedHours } from './paced-calendar.js'
import type { PacedTape } from './paced-tape.js'
import { wholePeriod } from './whole-period.js'

/** What is known of a paced run beside its journal. */
export type PacedRun = {
  readonly paced: PacedTape
  readonly swarm: TradingSwarmDefinition
  readonly account: string
  /** What the account began with, in the currency of its books. */
  readonly cash: string
  readonly slippageBasisPoints: string
  readonly seed: number
  readonly status: 'completed' | 'stopped'
  readonly portfolio: PortfolioView
  readonly agents: readonly AgentStatus[]
}

/** What a paced run came to, in however many lives, read from its journal. */
export async function pacedResult(storage: Storage, run: PacedRun): Promise<BacktestResult> {
  const counts = createEntryTally()
  const sessions = new Map<SessionDate, SessionClose>()
  const exposures = new Map<SessionDate, number>()
  const closed: ClosedPosition[] = []
  let messages = 0
  let time = 0
  for await (const entry of storage.journal.read({ unverified: true })) {
    counts.count(entry)
    time = entry.time
    const message = messageIn(entry)
    if (message === undefined) {
      const close = sessionCloseIn(entry)
      if (close !== undefined) sessions.set(close.sessionDate, close)
      continue
    }
    messages += 1
    if (message.topic === PositionClosed.name) closed.push(onTape(message.payload as ClosedPosition, run.paced))
    if (message.topic !== RiskReported.name) continue
    const { time: at, grossExposureFraction = 0 } = RiskReported.schema.parse(message.payload)
    exposures.set(run.paced.calendar.dateOf(at), grossExposureFraction)
  }
  const head = await storage.journal.head()
  const { tape } = run.paced
  const { equity } = run.portfolio
  const period = wholePeriod({
    heard: [...sessions.values()].map((close) => ({ ...close, exposure: exposures.get(close.sessionDate) })),
    dates: playedDates(tape),
    isOver: run.status === 'completed',
    equity: equity === undefined ? undefined : Number(equity),
  })
  const header = headerOf(run)
  const result = resultOf({
    tape,
    header: { ...header, labels: [...header.labels, ...period.labels] },
    sessions: period.sessions,
    tally: counts.tally,
    denials: counts.denials,
    resumedAfter: 0,
    result: {
      status: run.status,
      journalHash: head.hash,
      entries: head.sequence,
      time,
      closed,
      published: messages,
      deadLetters: run.agents.reduce((sum, agent) => sum + agent.deadLetters, 0),
      agents: run.agents,
      portfolio: run.portfolio,
    },
  })
  return withReport(result, { title: `Run at ${run.account}, on ${tapeTitle(result)}` })
}

function playedDates({ bars, tradeFrom }: PacedTape['tape']): readonly SessionDate[] {
  return [...new Set(bars.map(({ date }) => date).filter((date) => date >= tradeFrom))].sort()
}

const dayMs = 86_400_000

/** A position as the tape dates it, for a report whose days are the tape's: a session with its night is a day there. */
function onTape(position: ClosedPosition, paced: PacedTape): ClosedPosition {
  const { openedAt, closedAt } = position
  return { ...position, openedAt: tapeTime(openedAt, paced), closedAt: tapeTime(closedAt, paced) }
}

function tapeTime(time: EpochMs, { calendar, sessionMs }: PacedTape): EpochMs {
  const date = calendar.dateOf(time)
  const { close = time } = calendar.session(date) ?? {}
  const part = 1 - (close + (1 - pacedHours.close) * sessionMs - time) / sessionMs
  return Date.parse(date) + Math.round(Math.min(Math.max(part, 0), 1) * (dayMs - 1))
}

function sessionCloseIn({ kind, text }: { readonly kind: string; readonly text: string }): SessionClose | undefined {
  if (kind !== 'risk' || !text.includes('"session-closed"')) return undefined
  const record = JSON.parse(text) as {
    readonly type: string
    readonly sessionDate: SessionDate
    readonly time: number
    readonly equity?: string
  }
  if (record.type !== 'session-closed') return undefined
  const { sessionDate, time, equity } = record
  return { sessionDate, time, equity: equity === undefined ? undefined : Number(equity), exposure: undefined }
}

function headerOf({ paced: { tape }, swarm, account, cash, slippageBasisPoints, seed }: PacedRun): RunHeader {
  return {
    format: 1,
    tape: {
      hash: tape.hash,
      tradeFrom: tape.tradeFrom,
      tradeTo: tape.tradeTo,
      instruments: tape.instruments.filter(({ symbol }) => swarm.symbols.includes(symbol)),
      source: { ...tape.source },
    },
    swarm: { symbols: [...swarm.symbols], policy: { ...riskPolicy(swarm.policy) }, config: {}, customAgents: [] },
    labels: [...runLabels({ tape, swarm })],
    account,
    cash: { [tape.instruments[0]?.currency ?? 'USD']: cash },
    fees: { basisPoints: '0' },
    slippage: { basisPoints: slippageBasisPoints },
    seed,
  }
}
