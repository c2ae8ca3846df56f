import type { BarEvent, MarketEvent, SessionEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createWarnings } from '../output/warnings.js'
import { SessionFeed } from './session-feed.js'
import { missingBar, withoutWarnings } from './without-warnings.js'

const bar = (sessionDate: string): BarEvent => ({
  type: 'bar',
  symbol: 'AAPL',
  timeframe: '1d',
  sessionDate,
  start: 1,
  time: 2,
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
})
const session = (phase: SessionEvent['phase'], sessionDate: string): SessionEvent => ({
  type: 'session',
  phase,
  calendar: 'us-equity',
  sessionDate,
  time: 2,
})

function openFeed(answers: readonly (readonly BarEvent[] | Error)[]) {
  const told: string[] = []
  const warnings = createWarnings()
  const asked: string[] = []
  const feed = new SessionFeed({
    name: 'venue',
    symbols: ['AAPL'],
    logger: warnings.logger,
    barsOf: async (date) => {
      const answer = answers[asked.length] ?? []
      asked.push(date)
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  feed.subscribe((event: MarketEvent) => {
    if (event.type === 'bar') told.push(`bar ${event.sessionDate}`)
    if (event.type === 'session') told.push(`${event.phase} ${event.sessionDate}`)
  })
  return { feed, told, asked, warnings }
}

test('a bar that the stream did not bring is asked for before the close, and one that it brought is not', async () => {
  const { feed, told, asked } = openFeed([[bar('2026-01-13')]])
  await feed.tell(session('close', '2026-01-13'))
  await feed.tell(bar('2026-01-14'))
  await feed.tell(session('close', '2026-01-14'))
  expect(told).toEqual(['bar 2026-01-13', 'close 2026-01-13', 'bar 2026-01-14', 'close 2026-01-14'])
  expect(asked).toEqual(['2026-01-13'])
})

test('one that could not be asked for is asked for once more before the next session', async () => {
  const { feed, told, asked } = openFeed([new Error('not now'), [bar('2026-01-13')]])
  await feed.tell(session('close', '2026-01-13'))
  await feed.tell(session('pre-open', '2026-01-14'))
  await feed.tell(session('open', '2026-01-14'))
  expect(told).toEqual(['close 2026-01-13', 'bar 2026-01-13', 'pre-open 2026-01-14', 'open 2026-01-14'])
  expect(asked).toEqual(['2026-01-13', '2026-01-13'])
})

test('a bar that the stream did not bring is no news where the history has it, at once or before the next session', async () => {
  const { feed, told, warnings } = openFeed([[bar('2026-01-13')], [], [bar('2026-01-14')]])
  const quiet = withoutWarnings(warnings.logger, [missingBar]).child({ feed: 'okx' })
  for (const date of ['2026-01-13', '2026-01-14']) {
    quiet.warn('the bar of a day was not told', { code: 'BAR_NOT_TOLD', symbol: 'AAPL', sessionDate: date })
    await feed.tell(session('close', date))
  }
  await feed.tell(session('open', '2026-01-15'))
  quiet.warn('a book is not whole any more', { symbol: 'AAPL' })
  expect(told.slice(-3)).toEqual(['close 2026-01-14', 'bar 2026-01-14', 'open 2026-01-15'])
  expect(warnings.lines()).toEqual(['warning: a book is not whole any more (symbol AAPL)'])
})

test('where the history has none either, that is said once, and what follows', async () => {
  const { feed, asked, warnings } = openFeed([[], []])
  await feed.tell(session('close', '2026-01-13'))
  expect(warnings.lines()).toEqual([])
  for (const phase of ['pre-open', 'open'] as const) await feed.tell(session(phase, '2026-01-14'))
  expect(warnings.lines()).toEqual([
    expect.stringMatching(/^warning: a session has no bar, .* agents decide without it.*\(symbol AAPL\): 2026-01-13$/),
  ])
  expect(asked).toEqual(['2026-01-13', '2026-01-13'])
})

test('one that could not be asked for says when it is', async () => {
  const { feed, warnings } = openFeed([new Error('not now'), [bar('2026-01-13')]])
  await feed.tell(session('close', '2026-01-13'))
  expect(warnings.lines()).toEqual([
    expect.stringMatching(/could not be asked for; it is before the next session: not now: 2026-01-13$/),
  ])
})
