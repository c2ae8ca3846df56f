import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { defineTradingSwarm } from '@tradeswarm/agents'
import type { PerformanceStatistics } from '@tradeswarm/trading'
import { beforeAll, describe, expect, test } from 'vitest'
import { backtest } from '../run/backtest.js'
import type { BacktestResult } from '../run/backtest-result.js'
import { bundledTape } from '../tape/bundled-tape.js'
import { renderReport } from './render-report.js'

let result: BacktestResult
let page: string

beforeAll(async () => {
  const tape = await bundledTape({ to: '2014-12-31' })
  result = await backtest({ tape, swarm: defineTradingSwarm({ symbols: ['SPX'] }), cash: { USD: '100000' }, seed: 42 })
  page = renderReport(result)
})

const voidElements = new Set(['meta', 'input', 'br'])

/** The names of the page's elements, in order. Throws where one is not closed, or closed in another's place. */
function elements(markup: string): readonly string[] {
  const open: string[] = []
  const seen: string[] = []
  const outside = markup.replace(/<(script|style)([^>]*)>[\s\S]*?<\/\1>/g, '<$1$2></$1>').replace('<!doctype html>', '')
  for (const [, slash, name = '', rest = ''] of outside.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*>/g,
  )) {
    if (slash === '/') {
      if (open.pop() !== name || rest !== '') throw new Error(`</${name}> closes nothing`)
      continue
    }
    seen.push(name)
    if (!voidElements.has(name)) open.push(name)
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`)
  const left = outside.replace(/<\/?[a-z][a-z0-9]*(?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*\s*>/g, '')
  if (/[<>]/.test(left))
    throw new Error(`a stray bracket in ${left.slice(Math.max(0, left.search(/[<>]/) - 40)).slice(0, 80)}`)
  return seen
}

function dataOf(markup: string): Readonly<Record<string, readonly unknown[]>> {
  const json = /<script type="application\/json" id="chart-data">(.*?)<\/script>/s.exec(markup)?.[1] ?? ''
  return JSON.parse(json) as Readonly<Record<string, readonly unknown[]>>
}

/** What a reader sees, tags taken off. */
function textOf(markup: string): string {
  return markup
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe('the page', () => {
  test('is well-formed, and the same for the same result', () => {
    expect(elements(page).filter((name) => name === 'h1')).toHaveLength(1)
    expect(renderReport(structuredClone({ ...result }))).toBe(page)
  })

  test('holds all that it needs and names no address', () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z0-9-]+\.[a-z]|url\(|@import/i)
    expect(page).not.toMatch(/<(link|img|iframe|object|base)\b|\ssrc=|\shref=/i)
    expect(page).toContain('var uPlot=')
    expect(page).toContain('Permission is hereby granted')
  })

  test('forbids the network, and all scripts and styles but its own', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const hash = (text: string | undefined) =>
      createHash('sha256')
        .update(text ?? '')
        .digest('base64')
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, text]) => `&#39;sha256-${hash(text)}&#39;`,
    )
    const style = `&#39;sha256-${hash(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1])}&#39;`
    expect(scripts).toHaveLength(2)
    expect(policy).toBe(
      `default-src &#39;none&#39;; script-src ${scripts.join(' ')}; style-src ${style}; base-uri &#39;none&#39;; form-action &#39;none&#39;`,
    )
    expect(page).not.toMatch(/\sstyle="|\son[a-z]+="/)
  })

  test('has scripts that parse', () => {
    for (const [, text = ''] of page.matchAll(/<script>([\s\S]*?)<\/script>/g))
      expect(() => new Script(text)).not.toThrow()
  })

  test('shows every label, the figures, the fingerprints and the set-up', () => {
    const text = textOf(page)
    for (const label of result.labels) expect(text).toContain(label.replaceAll('&', '&amp;'))
    for (const shown of [
      result.journalHash,
      result.header.tape.hash,
      'Seed 42',
      '5 basis points',
      '$100,000.00',
      'Sharpe ratio',
      '2014-01-02 to 2014-12-31',
    ]) {
      expect(text).toContain(shown)
    }
    expect(text).toContain(`signal.observed ${result.counts.signals.toLocaleString('en-US')}`)
  })

  test('draws a point for each session and marks each trade', () => {
    const data = dataOf(page)
    const sum = (values: readonly unknown[] | undefined) =>
      (values as readonly number[]).reduce((total, value) => total + value, 0)
    expect(data.days).toHaveLength(252)
    expect(data.equity?.at(-1)).toBeCloseTo(Number(result.portfolio.equity), 2)
    expect(result.trades.length).toBeGreaterThan(5)
    expect([sum(data.opened), sum(data.closed)]).toEqual([result.trades.length, result.trades.length])
    expect(page.match(/<th scope="row" ?[^>]*>SPX<\/th><td>long/g)).toHaveLength(result.trades.length)
  })
})

test('what strangers wrote stays text', () => {
  const hostile = '</script><script>alert(1)</script><img src=x onerror="alert(2)">&\'"'
  const trade = result.trades[0]
  if (trade === undefined) throw new Error('the run closed no position')
  const attacked = renderReport(
    {
      ...result,
      labels: [hostile],
      tapeForm: 'own',
      tapeName: hostile,
      journalHash: hostile,
      status: 'stopped',
      lastSession: hostile,
      header: {
        ...result.header,
        tape: {
          ...result.header.tape,
          source: { name: hostile, weight: 1, synthetic: true },
        },
        swarm: {
          symbols: [hostile],
          policy: { [hostile]: hostile },
          config: { a: { [hostile]: hostile } },
          customAgents: [hostile],
        },
      },
      tape: { ...result.tape, symbolsWithoutBars: [hostile], skipped: { [hostile]: 1 } },
      trades: [{ ...trade, symbol: hostile }],
      topics: { [hostile]: 1 },
      denialsByCode: { [hostile]: 1 },
      portfolio: {
        ...result.portfolio,
        currency: hostile,
        positions: [{ symbol: hostile, quantity: '1', averagePrice: '1', openCost: '1', openedAt: 0 }],
      },
    },
    {
      title: hostile,
      agents: [{ id: hostile, role: hostile, state: hostile, handled: 0, failed: 0, deadLetters: 0, restarts: 0 }],
    },
  )
  expect(elements(attacked).filter((name) => name === 'script')).toHaveLength(3)
  expect(attacked).not.toContain('<img')
  expect(attacked).not.toContain('alert(1)</script>')
  expect(dataOf(attacked).currency).toBe(hostile)
  expect(attacked.match(/&lt;img src=x onerror=&quot;/g)?.length).toBeGreaterThan(15)
})

test('a figure that does not apply is n/a', () => {
  const statistics = Object.fromEntries(
    Object.keys(result.statistics).map((name) => [name, null]),
  ) as unknown as PerformanceStatistics
  const none = { totalReturn: null, annualReturn: null, sharpe: null, maximumDrawdown: null }
  const { equity: _, ...portfolio } = result.portfolio
  const text = textOf(
    renderReport({
      ...result,
      statistics: { ...statistics, periods: 0, trades: 0 },
      benchmark: { buyAndHold: none, sameExposure: none },
      portfolio,
    }),
  )
  expect(text).toContain('Total return n/a')
  expect(text).toContain('Sharpe ratio n/a Sortino n/a')
  expect(text).toContain('Equity at the end n/a')
  expect(text).toContain('Swarm n/a n/a n/a n/a')
  expect(text).not.toMatch(/NaN|undefined|null|Infinity/)
})

test('a run without a session, a trade or anything held still has its page', () => {
  const { topics: _, ...rest } = result
  const empty = renderReport({
    ...rest,
    curve: [],
    trades: [],
    lastSession: undefined,
    portfolio: { ...result.portfolio, positions: [] },
  })
  elements(empty)
  expect(dataOf(empty).days).toEqual([])
  expect(textOf(empty)).toContain('No position was closed. Nothing is held at the end.')
  expect(textOf(empty)).toContain('there is no curve to draw')
})

test('a position without a price is shown as not priceable', () => {
  const positions = [{ symbol: 'AAPL', quantity: '3', averagePrice: '100.5', openCost: '301.5', openedAt: 0 }]
  expect(textOf(renderReport({ ...result, portfolio: { ...result.portfolio, positions } }))).toContain(
    'AAPL 3 100.5 n/a n/a n/a',
  )
})

test('a run that was stopped says so before its figures', () => {
  const text = textOf(renderReport({ ...result, status: 'stopped' }))
  const said = text.indexOf('stopped early, after the session of 2014-12-31')
  expect(said).toBeGreaterThan(0)
  expect(said).toBeLessThan(text.indexOf('Total return'))
})

test('agents are shown as they are at the end', () => {
  const agents = [
    { id: 'trader-1', role: 'trader', state: 'running', handled: 1234, failed: 2, deadLetters: 1, restarts: 3 },
  ]
  expect(textOf(renderReport(result, { agents }))).toContain('trader-1 trader running 1,234 2 3 1')
  expect(textOf(renderReport({ ...result, agents }))).toContain('trader-1 trader running 1,234 2 3 1')
})

test('thousands of trades are all there', () => {
  const trade = result.trades[0]
  if (trade === undefined) throw new Error('the run closed no position')
  const trades = Array.from({ length: 5000 }, (_, index) => ({
    ...trade,
    symbol: `S${index % 40}`,
    realised: String(index - 2500),
    fees: '0.5',
    income: '0',
  }))
  const large = renderReport({ ...result, trades })
  expect(large.match(/<td>long<\/td>/g)).toHaveLength(5000)
  // The sum of −2500 to 2499 less 5000 fees of a half.
  expect(textOf(large)).toContain('5,000 49.98% −$5,000.00')
  expect(large.length).toBeLessThan(3_000_000)
})
