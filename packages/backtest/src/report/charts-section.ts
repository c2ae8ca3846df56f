import { countText, moneyText, percentText } from './format-figure.js'
import { type Html, html } from './html.js'
import type { ReportInput } from './report-input.js'

/** The four charts, each with a sentence that says what it shows to those who do not see it. */
export function chartsSection({ curve, statistics, portfolio, trades }: ReportInput): Html {
  const first = curve[0]
  const last = curve.at(-1)
  if (first === undefined || last === undefined) {
    return html`<section aria-labelledby="curves"><h2 id="curves">Equity</h2><p>No session was closed with every position priced, so there is no curve to draw.</p></section>`
  }
  const { currency } = portfolio
  const money = (value: number): string => moneyText(value.toFixed(2), currency)
  const span = `from ${first.date} to ${last.date}`
  const highest = curve.reduce((top, point) => Math.max(top, point.exposure), 0)
  return html`<section aria-labelledby="curves"><h2 id="curves">Equity</h2>
<p class="hint">Drag across a chart to look closer, double-click to see all again; or select a chart with Tab and use the arrow keys, + and −.</p>
${chart('equity', `Equity of the swarm ${span}: ${money(first.equity)} at the first close, ${money(last.equity)} at the last; buy and hold ${money(last.buyAndHold)}, the benchmark of the same exposure ${money(last.sameExposure)}.`)}
<h3>Close up, with trades</h3>
${chart('trades', `The same without buy and hold, and with the ${countText(trades.length, 'trade')}: a triangle up where a session's closed positions made money, down where they lost, and a tick at the bottom where some were opened.`)}
<p class="options"><label><input type="checkbox" id="show-trades" checked> Mark trades</label> <button type="button" id="show-all">Whole run</button></p>
<h3>Drawdown</h3>
${chart('drawdown', `Fall below the highest equity so far, ${span}: at most ${percentText(statistics.maximumDrawdown)} for the swarm.`)}
<h3>Exposure</h3>
${chart('exposure', `Market value of positions as a share of equity ${span}: ${percentText(statistics.exposure)} on average, at most ${percentText(highest)}.`)}
<noscript><p>The charts need scripts to be drawn. All figures are in the tables.</p></noscript></section>`
}

function chart(name: string, sentence: string): Html {
  return html`<figure><div class="chart" id="chart-${name}" tabindex="0" role="group" aria-label="${sentence}"></div></figure>`
}
