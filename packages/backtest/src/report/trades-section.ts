import { type ClosedPosition, type Decimal, decimal, positionResult, toFloat, zero } from '@tradeswarm/trading'
import {
  amountText,
  countText,
  minuteText,
  moneyText,
  notApplicable,
  numberText,
  percentText,
  signedMoneyText,
  signedPercentText,
} from './format-figure.js'
import { type Html, html } from './html.js'
import type { ReportInput } from './report-input.js'
import { type Cell, table, toneOf } from './table.js'
import { returnOnEntry } from './trade-result.js'

const exitReasons: Readonly<Record<ClosedPosition['exitReason'], string>> = {
  stop: 'stop',
  target: 'target',
  time: 'time limit',
  intent: 'signal',
  flatten: 'operator',
}

/** Every closed position, what they made by symbol and by exit, and what is still held. */
export function tradesSection(result: ReportInput): Html {
  const { trades, portfolio } = result
  const heading = html`<h2 id="trades">Trades</h2>`
  if (trades.length === 0)
    return html`<section aria-labelledby="trades">${heading}<p>No position was closed.</p>${holdings(result)}</section>`
  const { currency } = portfolio
  return html`<section aria-labelledby="trades">${heading}
<div class="columns"><div class="scroll">${grouped('By exit', trades, (trade) => exitReasons[trade.exitReason], currency)}</div>
<div class="scroll">${grouped('By symbol', trades, (trade) => trade.symbol, currency)}</div></div>
<p class="hint">${countText(trades.length, 'closed position')}, in the order of closing. Times are UTC; results are after fees, dividends included. A click on a heading sorts.</p>
<div class="scroll tall" tabindex="0" role="region" aria-label="All closed positions">${table({
    caption: 'All closed positions',
    isSortable: true,
    columns: [
      { title: 'Symbol' },
      { title: 'Side' },
      { title: 'Opened' },
      { title: 'Closed' },
      { title: 'Quantity', isNumber: true },
      { title: 'Entry', isNumber: true },
      { title: 'Exit', isNumber: true },
      { title: 'Result', isNumber: true },
      { title: 'Return', isNumber: true },
      { title: 'Exit by' },
    ],
    rows: trades.map((trade) => tradeRow(trade, currency)),
  })}</div>${holdings(result)}</section>`
}

function tradeRow(trade: ClosedPosition, currency: string): readonly Cell[] {
  const result = positionResult(trade)
  const made = toFloat(result)
  const fraction = returnOnEntry(trade)
  return [
    { text: trade.symbol },
    { text: trade.side },
    { text: minuteText(trade.openedAt), sort: trade.openedAt },
    { text: minuteText(trade.closedAt), sort: trade.closedAt },
    { text: amountText(trade.quantity), sort: Number(trade.quantity) },
    { text: amountText(trade.entryPrice), sort: Number(trade.entryPrice) },
    { text: amountText(trade.exitPrice), sort: Number(trade.exitPrice) },
    { text: signedMoneyText(result, currency), tone: toneOf(made), sort: made },
    { text: signedPercentText(fraction), tone: toneOf(fraction), sort: fraction ?? 0 },
    { text: exitReasons[trade.exitReason] },
  ]
}

type Group = { trades: number; wins: number; result: Decimal }

/** What the trades made in groups, the best first. */
function grouped(
  caption: string,
  trades: readonly ClosedPosition[],
  nameOf: (trade: ClosedPosition) => string,
  currency: string,
): Html {
  const groups = new Map<string, Group>()
  for (const trade of trades) {
    const result = positionResult(trade)
    const group = groups.get(nameOf(trade)) ?? { trades: 0, wins: 0, result: zero }
    group.trades += 1
    group.wins += result.gt(zero) ? 1 : 0
    group.result = group.result.plus(result)
    groups.set(nameOf(trade), group)
  }
  const rows = [...groups].sort(([, a], [, b]) => b.result.cmp(a.result))
  return table({
    caption,
    columns: [{ title: caption }, ...['Trades', 'Win rate', 'Result'].map((title) => ({ title, isNumber: true }))],
    rows: rows.map(([name, group]) => [
      { text: name },
      { text: numberText(group.trades, 0) },
      { text: percentText(group.wins / group.trades) },
      { text: signedMoneyText(group.result, currency), tone: toneOf(toFloat(group.result)) },
    ]),
  })
}

function holdings({ portfolio }: ReportInput): Html {
  if (portfolio.positions.length === 0) return html`<p class="hint">Nothing is held at the end.</p>`
  const { currency } = portfolio
  return html`<h3>Held at the end</h3><div class="scroll">${table({
    caption: 'Positions held at the end',
    columns: [
      { title: 'Symbol' },
      ...['Quantity', 'Average price', 'Market price', 'Market value', 'Not realised'].map((title) => ({
        title,
        isNumber: true,
      })),
    ],
    rows: portfolio.positions.map((position) => {
      const open =
        position.marketValue === undefined ? undefined : decimal(position.marketValue).minus(decimal(position.openCost))
      return [
        { text: position.symbol },
        { text: amountText(position.quantity) },
        { text: amountText(position.averagePrice) },
        { text: position.marketPrice === undefined ? notApplicable : amountText(position.marketPrice) },
        { text: moneyText(position.marketValue, currency) },
        open === undefined
          ? { text: notApplicable }
          : { text: signedMoneyText(open, currency), tone: toneOf(toFloat(open)) },
      ]
    }),
  })}</div>`
}
