import { canonicalJson } from '@tradeswarm/core'
import { moneyText, numberText } from './format-figure.js'
import { type Html, html } from './html.js'
import type { ReportInput } from './report-input.js'
import { table } from './table.js'

/** What the loader saw of the tape, and all that is needed to make the run again. */
export function originSection(result: ReportInput): Html {
  return html`<section aria-labelledby="tape"><h2 id="tape">Tape and set-up</h2><div class="columns"><div class="scroll">${tapeTable(result)}</div>
<div class="scroll">${setUpTable(result)}</div></div>
<details><summary>Risk policy and settings of the agents</summary><div class="columns"><div class="scroll">${settings('Risk policy', result.header.swarm.policy)}</div>
<div class="scroll">${settings('Settings of the agents', result.header.swarm.config)}</div></div></details></section>`
}

/** The fingerprints of a run: who gets the same ones had the same inputs and made the same decisions. */
export function fingerprintFooter({ journalHash, header }: ReportInput): Html {
  return html`<footer><dl class="prints"><div><dt>Journal hash</dt><dd><code>${journalHash}</code></dd></div><div><dt>Tape hash</dt><dd><code>${header.tape.hash}</code></dd></div></dl>
<p>Made by tradeswarm. A backtest says what would have been, on past prices and with simulated fills; it promises nothing.</p></footer>`
}

function tapeTable({ tape, tapeName, tapeForm, header }: ReportInput): Html {
  const skipped = Object.entries(tape.skipped).map(([code, count]): readonly [string, string] => [
    `Skipped as ${code}`,
    numberText(count, 0),
  ])
  const rows: readonly (readonly [string, string])[] = [
    ['Tape', `${tapeName} (${tapeForm})`],
    ['Source of the posts', `${header.tape.source.name}${header.tape.source.synthetic ? ', synthetic' : ''}`],
    ['Rows of bars read', numberText(tape.barRows, 0)],
    ['Rows of posts read', numberText(tape.postRows, 0)],
    ['Duplicate bars', numberText(tape.duplicateBars, 0)],
    ['Duplicate posts', numberText(tape.duplicatePosts, 0)],
    ['Bar rows without prices', numberText(tape.rowsWithoutPrices, 0)],
    ['Posts about symbols without bars', numberText(tape.postsWithoutBars, 0)],
    ['Posts after the last close', numberText(tape.postsAfterLastClose, 0)],
    ['Symbols without bars', listed(tape.symbolsWithoutBars)],
    ['Symbols without posts', listed(tape.symbolsWithoutPosts)],
    ...skipped,
  ]
  return facts('Tape', rows)
}

function setUpTable({ header, resumedAfter }: ReportInput): Html {
  const cash = Object.entries(header.cash).map(([currency, amount]) => moneyText(amount, currency))
  const resumed: readonly (readonly [string, string])[] =
    resumedAfter > 0 ? [['Taken up again after journal entry', numberText(resumedAfter, 0)]] : []
  return facts('Set-up', [
    ['Symbols', listed(header.swarm.symbols)],
    ['Sessions traded', `${header.tape.tradeFrom} to ${header.tape.tradeTo}`],
    ['Start capital', cash.join(', ')],
    ['Fee of each fill', `${header.fees.basisPoints} basis points`],
    ['Slippage', `${header.slippage.basisPoints} basis points`],
    ['Seed', String(header.seed)],
    ['Account', header.account],
    ['Agents beside the five', listed(header.swarm.customAgents)],
    ...resumed,
  ])
}

function facts(caption: string, rows: readonly (readonly [string, string])[]): Html {
  return table({
    caption,
    columns: [{ title: caption }, { title: '' }],
    rows: rows.map(([name, text]) => [{ text: name }, { text }]),
  })
}

function settings(caption: string, values: Readonly<Record<string, unknown>>): Html {
  const rows = Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]): readonly [string, string] => [name, typeof value === 'string' ? value : canonicalJson(value)])
  return facts(caption, rows.length > 0 ? rows : [['All at their defaults', '']])
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
