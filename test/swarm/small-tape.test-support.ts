import { analystConfig } from '@tradeswarm/agents'
import {
  type Tape,
  type TapeBar,
  type TapeDividend,
  type TapeInputs,
  type TapePost,
  tapeFromInputs,
} from '@tradeswarm/backtest'
import { createSeededRandom, type Random } from '@tradeswarm/core'
import { generateSyntheticPosts } from '@tradeswarm/signals'
import { createUsEquityCalendar, type Instrument, type Session } from '@tradeswarm/trading'

const calendar = createUsEquityCalendar()

/** Sessions before the first traded one: enough for the trend; the measure of volatility joins while it trades. */
const warmUpSessions = 222
const tradedSessions = 78
/** Counted from the first traded session: every price falls by a sixth at the open. */
export const crashSession = 39

const shapes = [
  { symbol: 'AAA', cents: 5_000, dividendEvery: 20 },
  { symbol: 'BBB', cents: 12_000, dividendEvery: 30 },
  { symbol: 'CCC', cents: 2_000, dividendEvery: 15 },
] as const

export const smallSymbols = shapes.map(({ symbol }) => symbol)

const sessions: readonly Session[] = (() => {
  const found: Session[] = []
  let next = calendar.nextSession(Date.UTC(2014, 0, 1))
  while (found.length < warmUpSessions + tradedSessions) {
    found.push(next)
    next = calendar.nextSession(next.open)
  }
  return found
})()

export const tradedFrom = warmUpSessions

/** The sessions of the small tape, warm-up included. */
export function smallSessions(): readonly Session[] {
  return sessions
}

/** The session of a date on the tape. */
export function sessionOn(date: string): Session {
  const found = sessions.find((session) => session.date === date)
  if (found === undefined) throw new Error(`${date} is no session of the small tape`)
  return found
}

function instrumentOf(symbol: string): Instrument {
  return {
    symbol,
    kind: 'equity',
    asset: symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'us-equity',
  }
}

const money = (cents: number): string => (Math.max(1, cents) / 100).toFixed(2)

/** A walk in whole cents with gaps between the sessions, phases of rising and falling, and one day on which everything breaks. */
function barsOf(shape: (typeof shapes)[number], random: Random): readonly TapeBar[] {
  const bars: TapeBar[] = []
  let close: number = shape.cents
  for (const [index, { date }] of sessions.entries()) {
    const drift = Math.floor(index / 18) % 3 === 2 ? -0.004 : 0.003
    const isCrash = index === warmUpSessions + crashSession
    const gap = isCrash ? -1 / 6 : (random.next() - 0.5) * 0.016
    const open = Math.round(close * (1 + gap))
    close = Math.round(open * (1 + drift + (random.next() - 0.5) * 0.03))
    const high = Math.max(open, close) + Math.round(open * random.next() * 0.008)
    const low = Math.min(open, close) - Math.round(open * random.next() * 0.008)
    const volume = 1_000_000 + Math.floor(random.next() * (random.next() < 0.1 ? 3_000_000 : 600_000))
    bars.push({
      symbol: shape.symbol,
      date,
      open: money(open),
      high: money(high),
      low: money(low),
      close: money(close),
      volume: String(volume),
    })
  }
  return bars
}

function dividendsOf(shape: (typeof shapes)[number]): readonly TapeDividend[] {
  return sessions
    .filter((_, index) => index > 0 && index % shape.dividendEvery === 0)
    .map(({ date }) => ({ symbol: shape.symbol, date, amountPerUnit: '0.13', currency: 'USD' }))
}

/** All of the small tape but its hash: made of seeded numbers alone, so that it is the same everywhere. */
export const smallInputs: TapeInputs = (() => {
  const random = createSeededRandom('small tape')
  const bars = shapes.flatMap((shape) => barsOf(shape, random.fork(shape.symbol)))
  const posts = shapes.flatMap(({ symbol }): readonly TapePost[] =>
    generateSyntheticPosts({
      symbol,
      random: random.fork('posts'),
      perSession: { minimum: 1, maximum: 5 },
      bars: sessions.slice(warmUpSessions - 1, -1).map((session) => ({
        sessionDate: session.date,
        closeTime: session.close,
        close: Number(bars.find((bar) => bar.symbol === symbol && bar.date === session.date)?.close),
      })),
    }),
  )
  const tradeFrom = sessions[warmUpSessions]?.date ?? ''
  const tradeTo = sessions.at(-1)?.date ?? ''
  return {
    name: 'small',
    form: 'own',
    labels: ['Made-up prices and posts.'],
    instruments: smallSymbols.map(instrumentOf),
    bars,
    posts,
    dividends: shapes.flatMap(dividendsOf),
    source: { name: 'made-up-posts', weight: 0.5, synthetic: true },
    tradeFrom,
    tradeTo,
    counts: {
      barRows: bars.length,
      postRows: posts.length,
      duplicateBars: 0,
      duplicatePosts: 0,
      rowsWithoutPrices: 0,
      postsWithoutBars: 0,
      postsAfterLastClose: 0,
      symbolsWithoutBars: [],
      symbolsWithoutPosts: [],
      skipped: {},
    },
  }
})()

/** Three made-up symbols over 300 sessions, of which 78 are traded: with posts, dividends, gaps and a crash. */
export const smallTape: Tape = tapeFromInputs(smallInputs)

/** Thresholds so low that the small tape is traded in every way: entries, all four exits, denials. */
export const eagerConfig = {
  analyst: analystConfig.parse({
    minimumConfidence: 0.5,
    minimumScore: 0.12,
    horizonSessions: 4,
    stopAtrMultiple: 1.2,
    minimumStopFraction: 0.01,
    riskReward: 1.5,
  }),
  learning: { everyOutcomes: 3 },
} as const

/** Two positions at most for three symbols, so that some intents are denied. */
export const narrowPolicy = { maxOpenPositions: 2 } as const
