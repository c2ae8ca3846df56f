import type { PerformanceStatistics } from '@tradeswarm/trading'
import { durationText, moneyText, notApplicable, numberText, percentText, signedPercentText } from './format-figure.js'
import { type Html, html } from './html.js'
import { monthlyReturns } from './monthly-returns.js'
import type { ReportInput } from './report-input.js'
import { type Cell, table, toneOf } from './table.js'

type Unit = 'percent' | 'ratio' | 'count' | 'money' | 'duration'

/** Every figure of the statistics, so that a new one without a name here does not compile. */
const figures: Readonly<Record<keyof PerformanceStatistics, readonly [name: string, unit: Unit]>> = {
  totalReturn: ['Total return', 'percent'],
  annualReturn: ['Annual return', 'percent'],
  volatility: ['Volatility, annual', 'percent'],
  sharpe: ['Sharpe ratio', 'ratio'],
  probabilisticSharpe: ['Probability that the Sharpe ratio is above 0', 'percent'],
  sortino: ['Sortino ratio', 'ratio'],
  calmar: ['Calmar ratio', 'ratio'],
  omega: ['Omega ratio', 'ratio'],
  maximumDrawdown: ['Maximum drawdown', 'percent'],
  maximumDrawdownPeriods: ['Sessions from that peak to its recovery or the end', 'count'],
  ulcerIndex: ['Ulcer index', 'percent'],
  valueAtRisk95: ['Value at risk, 95%, one session', 'percent'],
  conditionalValueAtRisk95: ['Conditional value at risk, 95%', 'percent'],
  tailRatio: ['Tail ratio', 'ratio'],
  skewness: ['Skewness', 'ratio'],
  kurtosis: ['Excess kurtosis', 'ratio'],
  beta: ['Beta to the same exposure', 'ratio'],
  alpha: ['Alpha to the same exposure, annual', 'percent'],
  informationRatio: ['Information ratio', 'ratio'],
  exposure: ['Exposure, mean', 'percent'],
  turnover: ['Turnover of closed trades, times a year', 'ratio'],
  periods: ['Periods', 'count'],
  trades: ['Trades closed', 'count'],
  winRate: ['Win rate', 'percent'],
  profitFactor: ['Profit factor', 'ratio'],
  expectancy: ['Mean result of a trade, after fees', 'money'],
  payoff: ['Mean win to mean loss', 'ratio'],
  averageHoldMs: ['Mean time held', 'duration'],
}

/** All statistics, the comparison with the yardsticks, and the returns by month. */
export function statisticsSection(result: ReportInput): Html {
  const { statistics, portfolio } = result
  const names = Object.keys(figures) as (keyof PerformanceStatistics)[]
  const half = Math.ceil(names.length / 2)
  const column = (part: readonly (keyof PerformanceStatistics)[]): Html =>
    html`<div class="scroll">${table({
      caption: 'Statistics of the swarm',
      columns: [{ title: 'Figure' }, { title: 'Value', isNumber: true }],
      rows: part.map((name) => [
        { text: figures[name][0] },
        { text: figureText(statistics[name], figures[name][1], portfolio.currency) },
      ]),
    })}</div>`
  return html`${yardsticks(result)}${months(result)}
<section aria-labelledby="statistics"><h2 id="statistics">Statistics</h2><div class="columns">${column(names.slice(0, half))}${column(names.slice(half))}</div>
<p class="hint">${notApplicable}: does not apply, or there is too little to say. Ratios are annual, at a risk-free rate of 0.</p></section>`
}

function yardsticks({ statistics, benchmark }: ReportInput): Html {
  const rows = (
    [
      ['Swarm', statistics],
      ['Same exposure', benchmark.sameExposure],
      ['Buy and hold', benchmark.buyAndHold],
    ] as const
  ).map(([name, each]): readonly Cell[] => [
    { text: name },
    { text: signedPercentText(each.totalReturn), tone: toneOf(each.totalReturn) },
    { text: signedPercentText(each.annualReturn), tone: toneOf(each.annualReturn) },
    { text: numberText(each.sharpe, 2) },
    { text: percentText(each.maximumDrawdown) },
  ])
  const columns = ['Total return', 'Annual return', 'Sharpe ratio', 'Maximum drawdown'].map((title) => ({
    title,
    isNumber: true,
  }))
  return html`<section aria-labelledby="benchmarks"><h2 id="benchmarks">Against the benchmarks</h2>
<div class="scroll">${table({ caption: 'The swarm against its benchmarks', columns: [{ title: '' }, ...columns], rows })}</div>
<p class="hint">The swarm is after fees and slippage. Buy and hold: the symbols that the swarm trades, bought in equal parts at the first open. Same exposure: that basket, held each day with the share of capital that the swarm had invested the evening before. Both benchmarks are without fees and slippage, which flatters them.</p></section>`
}

function months({ curve, header, portfolio }: ReportInput): Html {
  const years = monthlyReturns(curve, Number(header.cash[portfolio.currency] ?? 0))
  if (years.length === 0) return html``
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec', 'Year']
  const cell = (value: number | null): Cell => {
    if (value === null) return { text: '' }
    const text = signedPercentText(value).replace('%', '')
    return { text, tone: text === '0.00' ? 'none' : toneOf(value) }
  }
  return html`<section aria-labelledby="months"><h2 id="months">Returns by month</h2><div class="scroll months">${table(
    {
      caption: 'Return of the swarm by month, per cent',
      columns: [{ title: 'Per cent' }, ...names.map((title) => ({ title, isNumber: true }))],
      rows: years.map(({ year, months: ofYear, total }) => [{ text: year }, ...ofYear.map(cell), cell(total)]),
    },
  )}</div></section>`
}

function figureText(value: number | null, unit: Unit, currency: string): string {
  if (value === null) return notApplicable
  switch (unit) {
    case 'percent':
      return percentText(value)
    case 'ratio':
      return numberText(value, 2)
    case 'count':
      return numberText(value, 0)
    case 'money':
      return moneyText(value.toFixed(10), currency)
    case 'duration':
      return durationText(value)
  }
}
