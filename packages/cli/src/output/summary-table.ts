import type { ReportInput } from '@tradeswarm/backtest'
import { decimal } from '@tradeswarm/trading'
import { numberText, percentText } from './figure-text.js'
import { oneLineText } from './one-line-text.js'

/** How long a run took in real time. */
export type RunTiming = { readonly seconds: number }

type Row = readonly [name: string, swarm: string, sameExposure: string, buyAndHold: string]

const width = 100
const nameWidth = 24
const columnWidth = 18

/**
 * The end of a run for a terminal: the figures of the swarm beside those of its benchmarks, what went through it and how
 * fast, and the sentences that every report must show. Plain text of at most 100 columns; `n/a` where a figure does not apply.
 */
export function summaryTable(result: ReportInput, timing: RunTiming): readonly string[] {
  return [
    oneLineText(`${result.tapeName}: ${spanOf(result)}, ${symbolsOf(result)}`, width),
    '',
    rowText(['', 'swarm', 'same exposure', 'buy and hold']),
    ...figureRows(result).map(rowText),
    '',
    ...countLines(result),
    ...tapeLines(result),
    speedLine(result, timing),
    ...(result.labels.length === 0 ? [] : ['', ...result.labels.flatMap(labelLines)]),
  ]
}

function spanOf({ curve, lastSession, header }: ReportInput): string {
  return `${curve[0]?.date ?? header.tape.tradeFrom} to ${lastSession ?? header.tape.tradeTo}`
}

function symbolsOf({ header: { swarm } }: ReportInput): string {
  return swarm.symbols.length <= 6 ? swarm.symbols.join(' ') : `${swarm.symbols.length} symbols`
}

function figureRows({ statistics, benchmark, portfolio, header }: ReportInput): readonly Row[] {
  const { sameExposure, buyAndHold } = benchmark
  const { currency } = portfolio
  const equity = portfolio.equity === undefined ? 'n/a' : amountText(portfolio.equity)
  return [
    [
      'return',
      percentText(statistics.totalReturn),
      percentText(sameExposure.totalReturn),
      percentText(buyAndHold.totalReturn),
    ],
    [
      'return a year',
      percentText(statistics.annualReturn),
      percentText(sameExposure.annualReturn),
      percentText(buyAndHold.annualReturn),
    ],
    ['Sharpe', numberText(statistics.sharpe, 2), numberText(sameExposure.sharpe, 2), numberText(buyAndHold.sharpe, 2)],
    ['Sortino', numberText(statistics.sortino, 2), '', ''],
    [
      'max drawdown',
      percentText(statistics.maximumDrawdown),
      percentText(sameExposure.maximumDrawdown),
      percentText(buyAndHold.maximumDrawdown),
    ],
    ['mean exposure', percentText(statistics.exposure), '', ''],
    ['win rate', percentText(statistics.winRate), '', ''],
    ['profit factor', numberText(statistics.profitFactor, 2), '', ''],
    ['trades closed', numberText(statistics.trades, 0), '', ''],
    ['positions open', numberText(openPositions({ portfolio, header }), 0), '', ''],
    [`fees, ${currency}`, amountText(portfolio.fees), '', ''],
    [`equity, ${currency}`, equity, '', ''],
    [`start capital, ${currency}`, amountText(header.cash[currency] ?? '0'), '', ''],
  ]
}

/** What a fee in units or a split leaves of a position, less than a lot, is nothing that could be traded. */
function openPositions({ portfolio, header }: Pick<ReportInput, 'portfolio' | 'header'>): number {
  const lots = new Map(header.tape.instruments.map(({ symbol, lotSize }) => [symbol, decimal(lotSize)]))
  const isHeld = ({ symbol, quantity }: (typeof portfolio.positions)[number]): boolean => {
    const lot = lots.get(symbol)
    return lot === undefined || decimal(quantity).abs().gte(lot)
  }
  return portfolio.positions.filter(isHeld).length
}

function countLines({ counts }: ReportInput): readonly string[] {
  return [
    `${count(counts.posts, 'post')}, ${count(counts.signals, 'signal')}, ${count(counts.aggregates, 'aggregate')}, ${count(counts.recommendations, 'recommendation')}`,
    `${count(counts.intents, 'intent')}, ${count(counts.denials, 'denial')}, ${count(counts.orders, 'order')}, ${count(counts.fills, 'fill')}, ${count(counts.outcomes, 'outcome')}, ${count(counts.parameterChanges, 'change')} of parameters`,
  ]
}

/** What the loader counted and left out; nothing when there was nothing. */
function tapeLines({ tape, header, lastSession }: ReportInput): readonly string[] {
  const seen = [
    [tape.duplicatePosts, 'identical duplicate post'],
    [tape.duplicateBars, 'identical duplicate bar'],
    [tape.postsWithoutBars, 'post of symbols without bars'],
    // Of a run that was stopped before it the end of the tape says nothing.
    [lastSession === header.tape.tradeTo ? tape.postsAfterLastClose : 0, 'post after the last close'],
    [tape.rowsWithoutPrices, 'row without prices'],
  ] as const
  const skipped = Object.entries(tape.skipped).map(([code, rows]) => `${count(rows, 'row')} skipped as ${code}`)
  const notes = [...seen.filter(([rows]) => rows > 0).map(([rows, noun]) => plural(rows, noun)), ...skipped]
  const without =
    tape.symbolsWithoutBars.length === 0 ? [] : [`symbols without bars: ${tape.symbolsWithoutBars.join(', ')}`]
  return [...notes, ...without].map((note) => oneLineText(`tape: ${note}`, width))
}

/** The first noun takes the plural: "2 posts after the last close". */
function plural(value: number, noun: string): string {
  const [first = '', ...rest] = noun.split(/ (?=of|after|without)/)
  return [count(value, first), ...rest].join(' ')
}

function count(value: number, noun: string): string {
  return `${numberText(value, 0)} ${noun}${value === 1 ? '' : 's'}`
}

function speedLine({ counts }: ReportInput, { seconds }: RunTiming): string {
  const rate = seconds > 0 ? numberText(counts.messages / seconds, 0) : 'n/a'
  const letters = counts.deadLetters === 0 ? '' : `, ${count(counts.deadLetters, 'dead letter')}`
  return `${count(counts.messages, 'message')} in ${numberText(seconds, 1)} s, ${rate} a second${letters}`
}

/** An exact amount rounded to cents, half to even. */
function amountText(amount: string): string {
  const [whole = '', cents = ''] = decimal(amount).toFixed(2, 'half-even').split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`
}

function rowText([name, ...cells]: Row): string {
  return (name.padEnd(nameWidth) + cells.map((cell) => cell.padStart(columnWidth)).join('')).trimEnd()
}

/** A sentence in lines that fit, broken between words. */
function labelLines(label: string): readonly string[] {
  const lines: string[] = []
  let line = '!'
  for (const word of oneLineText(label, 1000).split(' ')) {
    if (line.length + 1 + word.length > width && line.trim() !== '' && line !== '!') {
      lines.push(line)
      line = ' '
    }
    line += ` ${word.slice(0, width - 2)}`
  }
  return [...lines, line]
}
