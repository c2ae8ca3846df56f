import { createHash } from 'node:crypto'
import { activitySection } from './activity-section.js'
import { chartData } from './chart-data.js'
import { chartLibrary } from './chart-library.js'
import { chartsSection } from './charts-section.js'
import { contaminationSection } from './contamination-section.js'
import { headlineSection } from './headline-section.js'
import { type Html, html, trusted } from './html.js'
import { fingerprintFooter, originSection } from './origin-section.js'
import { pageScript } from './page-script.js'
import { pageStyle } from './page-style.js'
import type { ReportExtras, ReportInput } from './report-input.js'
import { statisticsSection } from './statistics-section.js'
import { tradesSection } from './trades-section.js'

/** Stands near the beginning of every report, so that a file can be known for one. */
export const reportMark = '<meta name="generator" content="tradeswarm">'

/**
 * One HTML page that opens offline: script, style and data are in it and its policy forbids the network. The same result
 * gives the same bytes. Throws `CHART_LIBRARY_MISSING` when the installation of uPlot cannot be read.
 */
export function renderReport(result: ReportInput, extra: ReportExtras = {}): string {
  const library = chartLibrary()
  const style = `${library.style}\n${pageStyle}`
  const span = `${result.curve[0]?.date ?? result.header.tape.tradeFrom} to ${result.lastSession ?? result.header.tape.tradeTo}`
  const title = extra.title ?? `Backtest on ${tapeTitle(result)}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${trusted(reportMark)}
<meta http-equiv="Content-Security-Policy" content="${policy(style, [library.script, pageScript])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}, ${span}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><p class="product">tradeswarm</p><h1>${title}</h1><p class="span">${span}, ${symbols(result)}</p>${labels(result)}</header>
<main>
${headlineSection(result)}
${chartsSection(result)}
${contaminationSection(result)}
${statisticsSection(result)}
${tradesSection(result)}
${activitySection(result, extra.agents ?? result.agents)}
${originSection(result)}
</main>
${fingerprintFooter(result)}
<script type="application/json" id="chart-data">${trusted(scriptJson(chartData(result)))}</script>
<script>${trusted(library.script)}</script>
<script>${trusted(pageScript)}</script>
</body>
</html>
`.markup
}

/** JSON that cannot end the script element it stands in. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

/** Nothing may be loaded, and no script or style but those of this page may run: they are named by their hashes. */
function policy(style: string, scripts: readonly string[]): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return `default-src 'none'; script-src ${scripts.map(hash).join(' ')}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`
}

/** The tape of a result, for a heading. */
export function tapeTitle({ tapeForm, tapeName }: ReportInput): string {
  return tapeForm === 'bundled' ? 'the bundled tape' : tapeName
}

function symbols({ header: { swarm } }: ReportInput): string {
  return swarm.symbols.length <= 6 ? swarm.symbols.join(', ') : `${swarm.symbols.length} symbols`
}

/** The sentences without which the figures mislead. */
function labels({ labels: sentences, status, lastSession }: ReportInput): Html {
  const stopped =
    status === 'stopped'
      ? [
          `The run was stopped early, after the session of ${lastSession ?? 'no day'}: the rest of the tape was not traded.`,
        ]
      : []
  const all = [...stopped, ...sentences]
  if (all.length === 0) return html``
  return html`<aside aria-label="What to know before reading the figures"><p>Before you read the figures</p><ul>${all.map((sentence) => html`<li>${sentence}</li>`)}</ul></aside>`
}
