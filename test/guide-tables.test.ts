import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alpacaDefaults } from '../packages/broker-alpaca/src/alpaca-broker-options.js'
import { okxDefaults } from '../packages/broker-okx/src/okx-broker-options.js'
import { root } from '../scripts/workspace.mjs'

const guide = (name: string): string => readFileSync(join(root, 'docs', 'guides', name), 'utf8')

/** A value as the guides write it, without the spaces and commas in which they may differ. */
const written = (value: unknown): string => JSON.stringify(value).replaceAll('"', "'").replaceAll(' ', '')

test.each([
  ['trade-on-alpaca.md', alpacaDefaults],
  ['trade-on-okx.md', okxDefaults],
] as const)('%s has every option that has a default, and that default', (page, defaults) => {
  const rows = new Map(
    [...(guide(page).split('## Options')[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(
      ([, option, shown]) => [option, shown?.replaceAll(' ', '')],
    ),
  )
  for (const [option, value] of Object.entries(defaults))
    expect(rows.get(option)?.replaceAll(/(\w+):/g, "'$1':"), option).toBe(`\`${written(value)}\``)
})

test('write-a-broker.md has every code that the adapters and the contract tell a refusal under', () => {
  const places: readonly (readonly [string, RegExp])[] = [
    ['packages/broker-alpaca/src', /^(explain-refusal|map-order|attached-exits)\.ts$/],
    ['packages/broker-okx/src', /^(explain-refusal|map-order|attached-exits)\.ts$/],
    ['packages/broker-kit/src', /^(order-form|order-words|refusal-words|exits-fault)\.ts$/],
    ['packages/testing/src/broker', /-cases\.ts$/],
  ]
  const said = new Set<string>()
  for (const [folder, files] of places)
    for (const file of readdirSync(join(root, folder)).filter((name) => files.test(name))) {
      const text = readFileSync(join(root, folder, file), 'utf8')
      for (const [code] of text.matchAll(/(?<![.\w])[A-Z]{2,}(?:_[A-Z]+)+\b/g)) said.add(code)
    }
  // What is no refusal: errors, which are thrown, and what a permit lacks.
  const refusals = [...said].filter((code) => !/^(PERMIT_|BROKER_|INVALID_OPTION|ORDER_OUTCOME|DUPLICATE_)/.test(code))
  expect(refusals.length).toBeGreaterThan(15)
  const table = guide('write-a-broker.md').split('## Which code a refusal is told under')[1]?.split('\n## ')[0] ?? ''
  expect(refusals.filter((code) => !table.includes(`| \`${code}\` `))).toEqual([])
})
