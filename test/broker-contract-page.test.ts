import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type BrokerCapability, capabilityMeanings } from '../packages/testing/src/broker/broker-capability.js'
import { brokerCases, faultCases } from '../packages/testing/src/broker/broker-cases.js'
import { root } from '../scripts/workspace.mjs'

type Case = { readonly id: string; readonly title: string; readonly needs?: readonly BrokerCapability[] }

const numberOf = ({ id }: Case): number => Number(id.slice(1))
const byNumber = (cases: readonly Case[]): readonly Case[] =>
  cases.toSorted((one, other) => numberOf(one) - numberOf(other))
const all: readonly Case[] = byNumber([...brokerCases, ...faultCases])

/** Of two that no case needs: they say which answer of several is the right one. */
const whatOthersExpect = 'what cases of stops and fills expect'

/** A table with its columns aligned, as the formatter has it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, column) => cell + fill.repeat((widths[column] ?? 0) - cell.length)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = line(
    head.map(() => ''),
    '-',
  )
  return [line(head), rule, ...body.map((cells) => line(cells))].join('\n')
}

const casesOf = (capability: string): readonly Case[] =>
  byNumber(all.filter(({ needs = [] }) => (needs as readonly string[]).includes(capability)))
const capabilityRows = Object.entries(capabilityMeanings).map(([capability, meaning]) => {
  const numbers = casesOf(capability)
    .map(({ id }) => id)
    .join(', ')
  return [`\`${capability}\``, meaning, capability === 'faults' ? 'B123 to B163' : numbers || whatOthersExpect]
})

const caseRows = (cases: readonly Case[]): readonly (readonly string[])[] =>
  byNumber(cases).map(({ id, title, needs = [] }) => [id, title, needs.map((name) => `\`${name}\``).join(', ')])

const page = `# The contract of a broker

The cases of \`brokerContract\`, by number, and the capabilities that switch them on. [Write a broker](guides/write-a-broker.md) shows how they are run.

This page is made from the suite, by \`npx vitest run test/broker-contract-page.test.ts -u\`.

## Capabilities

A case is run where all that it needs is declared in \`capabilities\` of the harness; else it is skipped, and says what is missing. A capability that is declared is tested. \`faults\` is not declared: it is there where the harness has the option \`faults\`.

${table([['capability', 'what it means', 'its cases'], ...capabilityRows])}

## At a venue that does as it should

${table([['case', 'what it asks', 'needs'], ...caseRows(brokerCases)])}

## At a venue that fails

All of them need \`faults\`.

${table([['case', 'what it asks', 'needs besides'], ...caseRows(faultCases)])}
`

test('the reference of the contract is that of the suite', async () => {
  await expect(page).toMatchFileSnapshot(join(root, 'docs', 'broker-contract.md'))
})

test('every capability has cases of its own, or decides what others expect', () => {
  const without = capabilityRows.filter(([, , cases]) => cases === whatOthersExpect).map(([capability]) => capability)
  expect(without).toEqual(['`trigger-words`', '`reference-prices`'])
})

test('the cases that need faults are those that the page names in one range', () => {
  const numbers = byNumber(faultCases).map(numberOf)
  expect([numbers[0], numbers.at(-1), numbers.length]).toEqual([123, 163, 41])
})
