import { numberText, signedPercentText } from './format-figure.js'
import { type Html, html } from './html.js'
import type { ReportInput } from './report-input.js'
import { type Cell, table, toneOf } from './table.js'

/** The sessions that a run's models may have read about, apart from the others. Nothing for a run without models. */
export function contaminationSection({ contamination }: ReportInput): Html {
  if (contamination === undefined) return html``
  const { until, sessions, cleanSessions, contaminatedReturn, cleanReturn, models } = contamination
  const row = (name: string, count: number, value: number | null): readonly Cell[] => [
    { text: name },
    { text: numberText(count, 0) },
    { text: signedPercentText(value), tone: toneOf(value) },
  ]
  const contaminated = until === undefined ? 'Contaminated: a cutoff is not known' : `Contaminated: up to ${until}`
  return html`<section aria-labelledby="contamination"><h2 id="contamination">Before and after the models’ training</h2>
<div class="scroll">${table({
    caption: `Sessions that ${models.join(', ')} may have read about, and others`,
    columns: [{ title: 'Sessions' }, { title: 'Number', isNumber: true }, { title: 'Return', isNumber: true }],
    rows: [
      row(contaminated, sessions, contaminatedReturn),
      row(until === undefined ? 'Clean' : `Clean: after ${until}`, cleanSessions, cleanReturn),
    ],
  })}</div>
<p class="hint">A model that has read about a day may remember how it ended. Results of contaminated sessions say nothing about what it would do on days to come.</p></section>`
}
