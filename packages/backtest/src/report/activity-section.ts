import { countText, notApplicable, numberText } from './format-figure.js'
import { type Html, html } from './html.js'
import type { AgentActivity, ReportInput } from './report-input.js'
import { table } from './table.js'

/** What the agents did, what went through the swarm, and what the risk authority refused. */
export function activitySection(result: ReportInput, agents: readonly AgentActivity[] | undefined): Html {
  return html`<section aria-labelledby="agents"><h2 id="agents">Agents</h2>${agentTable(agents)}</section>
<section aria-labelledby="flow"><h2 id="flow">What went through the swarm</h2><div class="columns">
<div class="scroll">${counts(result)}</div>${bars('Journal entries by topic', 'Topic', result.topics)}</div></section>
<section aria-labelledby="risk"><h2 id="risk">Risk</h2>${denials(result)}</section>`
}

function agentTable(agents: readonly AgentActivity[] | undefined): Html {
  if (agents === undefined || agents.length === 0) return html`<p>The activity of the agents was not recorded.</p>`
  return html`<div class="scroll">${table({
    caption: 'Activity of each agent',
    columns: [
      { title: 'Agent' },
      { title: 'Role' },
      { title: 'State at the end' },
      ...['Handled', 'Failed', 'Restarts', 'Dead letters'].map((title) => ({ title, isNumber: true })),
    ],
    rows: agents.map(({ id, role, state, handled, failed, restarts, deadLetters }) => [
      { text: id },
      { text: role },
      { text: state },
      { text: numberText(handled, 0) },
      { text: numberText(failed, 0), tone: failed > 0 ? 'loss' : 'none' },
      { text: numberText(restarts, 0), tone: restarts > 0 ? 'loss' : 'none' },
      { text: numberText(deadLetters, 0), tone: deadLetters > 0 ? 'loss' : 'none' },
    ]),
  })}</div>`
}

function counts({ counts: of }: ReportInput): Html {
  const rows: readonly (readonly [string, number])[] = [
    ['Posts read', of.posts],
    ['Signals observed', of.signals],
    ['Signals aggregated', of.aggregates],
    ['Recommendations', of.recommendations],
    ['Intents', of.intents],
    ['Denials', of.denials],
    ['Fills', of.fills],
    ['Trades closed', of.trades],
    ['Outcomes learned from', of.outcomes],
    ['Changes of parameters', of.parameterChanges],
    ['Messages published', of.messages],
    ['Dead letters', of.deadLetters],
    ['Journal entries', of.entries],
  ]
  return table({
    caption: 'Counts of the run',
    columns: [{ title: 'From posts to outcomes' }, { title: 'Count', isNumber: true }],
    rows: rows.map(([name, count]) => [{ text: name }, { text: numberText(count, 0) }]),
  })
}

function denials({ denialsByCode, counts: { denials: count, intents } }: ReportInput): Html {
  const total = html`<p>The risk authority denied ${numberText(count, 0)} of ${countText(intents, 'intent')}.</p>`
  if (count === 0) return total
  if (denialsByCode === undefined) return html`${total}<p class="hint">By code: ${notApplicable}.</p>`
  return html`${total}${bars('Denials by code', 'Code', denialsByCode)}`
}

/** Counts by name, the largest first, each with a bar. */
function bars(caption: string, title: string, counted: Readonly<Record<string, number>> | undefined): Html {
  const entries = Object.entries(counted ?? {}).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  if (entries.length === 0) return html``
  const largest = Math.max(1, ...entries.map(([, count]) => count))
  return html`<div class="scroll bars">${table({
    caption,
    columns: [{ title }, { title: 'Count', isNumber: true }, { title: '' }],
    rows: entries.map(([name, count]) => [
      { text: name },
      { text: numberText(count, 0) },
      { text: bar(count / largest) },
    ]),
  })}</div>`
}

function bar(share: number): Html {
  const width = Math.max(0.5, Math.round(share * 1000) / 10)
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="${width}" height="8"></rect></svg>`
}
