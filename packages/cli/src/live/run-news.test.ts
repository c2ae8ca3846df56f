import { tradingCalendar } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createRunNews, type HeldAsset } from './run-news.js'

const swarm = { portfolio: () => ({ equity: '25000' }) } as never

function news(now: number, others: readonly HeldAsset[] = []) {
  const lines: string[] = []
  const terminal = { clock: { now: () => now }, complain: (line: string) => void lines.push(line) }
  const subject = { symbols: ['AAPL', 'MSFT'], currency: 'USD', calendar: tradingCalendar('us-equity'), others }
  return { lines, ...createRunNews(subject, terminal) }
}

test('a run that waits says for what, and each first price, open and close', () => {
  const { lines, onStarted, onMarket, onSession } = news(Date.UTC(2026, 0, 5, 12))
  onStarted?.(swarm)
  const trade = { type: 'trade', symbol: 'AAPL', time: 0, price: '187.4', quantity: '1' } as const
  onMarket?.({ type: 'quote', symbol: 'AAPL', time: 0, bid: '187', ask: '188' })
  onMarket?.(trade)
  onMarket?.(trade)
  const session = { type: 'session', calendar: 'us-equity', sessionDate: '2026-01-05', time: 0 } as const
  for (const phase of ['pre-open', 'open', 'close'] as const) onMarket?.({ ...session, phase })
  onSession('2026-01-05', swarm)
  expect(lines).toEqual([
    'running: the market opens at 2026-01-05 14:30 UTC; no price yet of AAPL MSFT',
    'first price of AAPL: 187.4',
    '2026-01-05 opened',
    '2026-01-05 closed, equity 25000 USD',
  ])
})

test('where a session is under way, it is said until when', () => {
  const { lines, onStarted } = news(Date.UTC(2026, 0, 5, 15))
  onStarted?.(swarm)
  expect(lines).toEqual([
    'running: the session of 2026-01-05 closes at 2026-01-05 21:00 UTC; no price yet of AAPL MSFT',
  ])
})

test('what is held and not traded is named, so many at most', () => {
  const others = Array.from({ length: 12 }, (_, index) => ({ asset: `A${index}`, total: '0.5' }))
  const { lines, onStarted } = news(Date.UTC(2026, 0, 5, 15), others)
  onStarted?.(swarm)
  expect(lines[0]).toMatch(
    /^held on the account, and not among the symbols: 0\.5 A0, .*0\.5 A9 and 2 more: no agent minds it/,
  )
  expect(lines).toHaveLength(2)
})
