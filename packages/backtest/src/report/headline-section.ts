import { moneyText, numberText, percentText, signedPercentText } from './format-figure.js'
import { type Html, html } from './html.js'
import type { ReportInput } from './report-input.js'
import { type Tone, toneOf } from './table.js'

type Tile = { readonly name: string; readonly value: string; readonly note: string; readonly tone?: Tone }

/** The figures that somebody looks for first. */
export function headlineSection({ statistics, benchmark, portfolio, header }: ReportInput): Html {
  const { currency } = portfolio
  const tiles: readonly Tile[] = [
    {
      name: 'Total return',
      value: signedPercentText(statistics.totalReturn),
      note: `${signedPercentText(statistics.annualReturn)} a year`,
      tone: toneOf(statistics.totalReturn),
    },
    {
      name: 'Same exposure',
      value: signedPercentText(benchmark.sameExposure.totalReturn),
      note: 'benchmark, without costs',
    },
    {
      name: 'Buy and hold',
      value: signedPercentText(benchmark.buyAndHold.totalReturn),
      note: 'fully invested, without costs',
    },
    {
      name: 'Equity at the end',
      value: moneyText(portfolio.equity, currency),
      note: `from ${moneyText(header.cash[currency], currency)}`,
    },
    {
      name: 'Sharpe ratio',
      value: numberText(statistics.sharpe, 2),
      note: `Sortino ${numberText(statistics.sortino, 2)}`,
    },
    {
      name: 'Maximum drawdown',
      value: percentText(statistics.maximumDrawdown),
      note: `buy and hold ${percentText(benchmark.buyAndHold.maximumDrawdown)}`,
    },
    {
      name: 'Trades closed',
      value: numberText(statistics.trades, 0),
      note: `win rate ${percentText(statistics.winRate)}`,
    },
    {
      name: 'Profit factor',
      value: numberText(statistics.profitFactor, 2),
      note: `fees paid ${moneyText(portfolio.fees, currency)}`,
    },
  ]
  return html`<section aria-labelledby="headline"><h2 id="headline" class="unseen">Headline figures</h2><dl class="tiles">
${tiles.map(tileOf)}</dl></section>`
}

function tileOf({ name, value, note, tone }: Tile): Html {
  return html`<div class="tile"><dt>${name}</dt><dd class="value ${tone ?? 'none'}">${value}</dd><dd class="note">${note}</dd></div>\n`
}
