import { type Tape, type TapeBar, type TapePost, tapeFromInputs } from '@tradeswarm/backtest'
import { createSeededRandom, type JournalEntry, type Random } from '@tradeswarm/core'
import { decimal, type Execution } from '@tradeswarm/trading'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { recordsOf } from './recorded-journal.test-support.js'
import { scriptedAnalyst } from './scripted-analyst.test-support.js'
import { type RecordedSmallRun, recordSmallRun, type SmallRunOptions } from './small-run.test-support.js'
import {
  crashSession,
  sessionOn,
  smallInputs,
  smallSessions,
  smallTape,
  tradedFrom,
} from './small-tape.test-support.js'

/** Entries up to a time, without the run header: that one names the tape by its hash. */
function upTo(entries: readonly JournalEntry[], time: number): readonly Omit<JournalEntry, 'hash'>[] {
  return entries.filter((entry) => entry.kind !== 'run' && entry.time <= time).map(({ hash: _hash, ...entry }) => entry)
}

/** The first entry up to a time in which two runs differ. */
function firstDifferentEntry(
  left: readonly JournalEntry[],
  right: readonly JournalEntry[],
  time: number,
): string | undefined {
  const [a, b] = [upTo(left, time), upTo(right, time)]
  const index = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at).find(
    (at) => JSON.stringify(a[at]) !== JSON.stringify(b[at]),
  )
  return index === undefined ? undefined : `${JSON.stringify(a[index])}\n  instead of\n${JSON.stringify(b[index])}`
}

const texts = [
  '$AAA to the moon, buying more',
  '$BBB is going to crash, sell everything',
  '$CCC looks weak, shorting',
  '$AAA strong buy, huge upside',
  'nothing to say',
]

function scaled(price: string, factor: number): number {
  return Math.max(1, Math.round(Number(price) * 100 * factor))
}

/** Another bar with the same open: the rest of the day goes another way. */
function anotherDay(bar: TapeBar, random: Random): TapeBar {
  const open = scaled(bar.open, 1)
  const close = scaled(bar.open, 0.85 + random.next() * 0.3)
  const text = (cents: number): string => (cents / 100).toFixed(2)
  const high = Math.max(open, close) + Math.floor(random.next() * 50)
  const low = Math.max(1, Math.min(open, close) - Math.floor(random.next() * 50))
  return {
    ...bar,
    high: text(high),
    low: text(low),
    close: text(close),
    volume: String(Math.floor(random.next() * 9_000_000)),
  }
}

/** Another bar altogether. */
function anotherBar(bar: TapeBar, random: Random): TapeBar {
  return anotherDay({ ...bar, open: (scaled(bar.open, 0.7 + random.next() * 0.6) / 100).toFixed(2) }, random)
}

const changes = [
  'other bars',
  'no bars',
  'swapped bars',
  'other posts',
  'no posts',
  'swapped posts',
  'everything',
] as const
type Change = (typeof changes)[number]

/** The small tape with all that becomes known after a time changed: rest of the day, later days, later posts. */
function changedAfter(time: number, change: Change, seed: number): Tape {
  const random = createSeededRandom(seed)
  const isLater = (bar: TapeBar): boolean => sessionOn(bar.date).open > time
  const isRunning = (bar: TapeBar): boolean => !isLater(bar) && sessionOn(bar.date).close > time
  const changesBars = change === 'everything' || change.endsWith('bars')
  const changesPosts = change === 'everything' || change.endsWith('posts')
  const later = smallInputs.bars.filter(isLater)
  const swap = (bar: TapeBar): TapeBar => {
    const other = later[Math.floor(random.next() * later.length)] ?? bar
    return { ...other, symbol: bar.symbol, date: bar.date }
  }
  const changedBar = (bar: TapeBar): TapeBar => (change === 'swapped bars' ? swap(bar) : anotherBar(bar, random))
  const bars = smallInputs.bars.flatMap((bar) => {
    if (!changesBars) return [bar]
    if (isRunning(bar)) return [anotherDay(bar, random)]
    if (!isLater(bar)) return [bar]
    return change === 'no bars' ? [] : [changedBar(bar)]
  })
  const laterTexts = smallInputs.posts.filter((post) => post.at > time).map((post) => post.text)
  const posts = smallInputs.posts.flatMap((post): TapePost[] => {
    if (!changesPosts || post.at <= time) return [post]
    if (change === 'no posts') return []
    const pool = change === 'swapped posts' ? laterTexts : texts
    return [{ ...post, text: pool[Math.floor(random.next() * pool.length)] ?? post.text }]
  })
  const dividends = smallInputs.dividends.filter((dividend) => !changesBars || sessionOn(dividend.date).open <= time)
  return tapeFromInputs({ ...smallInputs, bars, posts, dividends, tradeTo: bars.at(-1)?.date ?? smallInputs.tradeTo })
}

/** Moments of a session at which something is decided, filled or known, and the night after it. */
const moments = {
  'before the pre-open': (index: number) => (smallSessions()[index]?.open ?? 0) - 20 * 60_000,
  'at the pre-open': (index: number) => (smallSessions()[index]?.open ?? 0) - 15 * 60_000,
  'at the open': (index: number) => smallSessions()[index]?.open ?? 0,
  'within the session': (index: number) => (smallSessions()[index]?.open ?? 0) + 3 * 3_600_000,
  'at the close': (index: number) => smallSessions()[index]?.close ?? 0,
  'in the night': (index: number) => (smallSessions()[index]?.close ?? 0) + 6 * 3_600_000,
} as const

const cutArbitrary = fc.record({
  session: fc.integer({ min: tradedFrom, max: smallSessions().length - 2 }),
  moment: fc.constantFrom(...(Object.keys(moments) as (keyof typeof moments)[])),
  change: fc.constantFrom(...changes),
  seed: fc.integer(),
})

describe('what lies in the future', () => {
  let original: RecordedSmallRun

  beforeAll(async () => {
    original = await recordSmallRun()
  })

  test('I31 changes nothing that was journalled before it: no decision, order, fill or booking', async () => {
    await fc.assert(
      fc.asyncProperty(cutArbitrary, async ({ session, moment, change, seed }) => {
        const cut = moments[moment](session)
        const tape = changedAfter(cut, change, seed)
        // A run ends with the last close of its tape.
        const time = Math.min(cut, sessionOn(tape.tradeTo).close)
        const changed = await recordSmallRun({ tape })
        expect(upTo(original.entries, time).length, 'there is something to compare').toBeGreaterThan(1_000)
        expect(firstDifferentEntry(changed.entries, original.entries, time)).toBeUndefined()
        // A change that nobody ever sees would prove nothing.
        expect(tape.hash).not.toBe(smallTape.hash)
        expect(firstDifferentEntry(changed.entries, original.entries, Number.POSITIVE_INFINITY)).toBeDefined()
      }),
      {
        numRuns: 10,
        seed: 31,
        examples: [[{ session: tradedFrom + crashSession, moment: 'at the open', change: 'other bars', seed: 1 }]],
      },
    )
  })

  test('I31 another high, low, close and volume of a day change nothing up to its open, fills at the open included', async () => {
    const fillTimes = new Set(fillsOf(original.entries).map(({ execution }) => execution.referenceTime))
    const days = smallSessions()
      .slice(tradedFrom)
      .filter((session) => fillTimes.has(session.open))
    expect(days.length).toBeGreaterThan(10)
    for (const { date, open } of [days[1], days[Math.floor(days.length / 2)], days.at(-2)].filter(
      (day) => day !== undefined,
    )) {
      const random = createSeededRandom(date)
      const bars = smallInputs.bars.map((bar) => (bar.date === date ? anotherDay(bar, random) : bar))
      const changed = await recordSmallRun({ tape: tapeFromInputs({ ...smallInputs, bars }) })
      expect(firstDifferentEntry(changed.entries, original.entries, open)).toBeUndefined()
      expect(firstDifferentEntry(changed.entries, original.entries, open + 86_400_000)).toBeDefined()
    }
  })

  test('I31 an analyst that peeks at the next close is caught by this comparison', async () => {
    const peekingRun = (tape: Tape): Promise<RecordedSmallRun> => {
      const riseOn = new Set(
        tape.bars.filter((bar) => Number(bar.close) > Number(bar.open)).map((bar) => `${bar.symbol} ${bar.date}`),
      )
      const analyst = scriptedAnalyst((signal) => riseOn.has(`${signal.symbol} ${signal.sessionDate}`))
      const swarm: NonNullable<SmallRunOptions['swarm']> = { replace: { analyst }, config: {} }
      return recordSmallRun({ tape, swarm })
    }
    const day = smallSessions()[tradedFrom + 20]
    const turned = (bar: TapeBar): TapeBar => {
      const close = ((scaled(bar.open, 2) - scaled(bar.close, 1)) / 100).toFixed(2)
      const [low = '', high = ''] = [bar.open, close].sort((a, b) => Number(a) - Number(b))
      return { ...bar, low, high, close }
    }
    const bars = smallInputs.bars.map((bar) => (bar.date === day?.date ? turned(bar) : bar))
    const time = day?.open ?? 0
    const [honest, changed] = [await peekingRun(smallTape), await peekingRun(tapeFromInputs({ ...smallInputs, bars }))]
    expect(fillsOf(honest.entries).length).toBeGreaterThan(10)
    expect(firstDifferentEntry(changed.entries, honest.entries, time)).toContain('recommendation.issued')
  })
})

type RecordedFill = { readonly orderId: string; readonly execution: Execution }

function fillsOf(entries: readonly JournalEntry[]): readonly RecordedFill[] {
  return recordsOf(entries, 'order-event').flatMap(({ orderId, event }) =>
    event.type === 'filled' ? [{ orderId, execution: event.execution }] : [],
  )
}

describe('every fill', () => {
  let run: RecordedSmallRun

  beforeAll(async () => {
    run = await recordSmallRun()
  })

  const ordersById = () =>
    new Map(recordsOf(run.entries, 'order-assessed').map(({ header, time }) => [header.orderId, { header, time }]))

  test('I32 has its reference price in a bar that began after the decision', () => {
    const orders = ordersById()
    const intents = new Map(
      run.entries
        .filter((entry) => entry.text.includes('"topic":"intent.formed"'))
        .map((entry) => {
          const { payload } = JSON.parse(entry.text) as { payload: { intent: { intentId: string; decidedAt: number } } }
          return [payload.intent.intentId, payload.intent.decidedAt] as const
        }),
    )
    const fills = fillsOf(run.entries)
    expect(fills.length).toBeGreaterThan(50)
    for (const { orderId, execution } of fills) {
      const order = orders.get(orderId)
      expect(execution.referenceTime).toBeGreaterThanOrEqual(order?.time ?? Number.POSITIVE_INFINITY)
      const decidedAt = intents.get(order?.header.intentId ?? '')
      expect(execution.referenceTime).toBeGreaterThan(decidedAt ?? Number.POSITIVE_INFINITY)
    }
  })

  test('I32 has its reference price between the low and the high of its bar, and is no better than it', () => {
    const orders = ordersById()
    for (const { orderId, execution } of fillsOf(run.entries)) {
      const request = orders.get(orderId)?.header.request
      const bar = run.tape.bars.find(
        (candidate) =>
          candidate.symbol === request?.symbol && sessionOn(candidate.date).open === execution.referenceTime,
      )
      if (request === undefined || bar === undefined) throw new Error(`no order or bar for trade ${execution.tradeId}`)
      const reference = decimal(execution.referencePrice)
      expect(
        reference.gte(decimal(bar.low)) && reference.lte(decimal(bar.high)),
        `${execution.tradeId}: ${execution.referencePrice} in ${bar.low}..${bar.high}`,
      ).toBe(true)
      const price = decimal(execution.price)
      expect(request.side === 'buy' ? price.gte(reference) : price.lte(reference)).toBe(true)
      if (request.limitPrice !== undefined)
        expect(
          request.side === 'buy' ? price.lte(decimal(request.limitPrice)) : price.gte(decimal(request.limitPrice)),
        ).toBe(true)
      if (request.stopPrice !== undefined)
        expect(price.lte(decimal(request.stopPrice)), 'a stop fills at its price or worse').toBe(true)
    }
  })

  test('I32 a stop that the market gapped over fills at the open', () => {
    const orders = ordersById()
    const crash = smallSessions()[tradedFrom + crashSession]
    const gapped = fillsOf(run.entries).filter(
      ({ orderId, execution }) =>
        orders.get(orderId)?.header.purpose === 'exit-stop' && execution.referenceTime === crash?.open,
    )
    expect(gapped.length).toBeGreaterThan(0)
    for (const { orderId, execution } of gapped) {
      const bar = run.tape.bars.find(
        (candidate) =>
          candidate.symbol === orders.get(orderId)?.header.request.symbol && candidate.date === crash?.date,
      )
      expect(decimal(execution.referencePrice).eq(decimal(bar?.open ?? '0'))).toBe(true)
    }
  })
})
