import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '..', 'packages')

/** What engines, and versions of one engine, round differently in the last bit; `sqrt` and the four operations are exact by the standard. */
const unportable =
  /Math\.(pow|exp|expm1|log|log1p|log2|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot)\(|\S \*\*=? \S/

/** Where no decision is made: figures for reports, which are rounded, and waiting in real time. */
const exempt = [
  /^trading\/src\/statistics\//,
  /^core\/src\/runtime\/agent-mailbox\.ts$/,
  /^core\/src\/time\/system-clock\.ts$/,
]

function sources(folder: string): readonly string[] {
  return readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter(
      (file) =>
        file.endsWith('.ts') && !/\.test(-support)?\.ts$/.test(file) && !exempt.some((place) => place.test(file)),
    )
}

test('nothing on the way to a decision uses arithmetic that engines round differently', () => {
  const files = ['core', 'trading', 'signals', 'agents', 'broker-paper', 'backtest'].flatMap((name) =>
    sources(`${name}/src`),
  )
  expect(files.length).toBeGreaterThan(150)
  const found = files.flatMap((file) =>
    readFileSync(join(packages, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        unportable.test(line.replace(/\/\*.*|^\s*\*.*|\/\/.*/, '')) ? [`${file}:${index + 1}`] : [],
      ),
  )
  expect(found).toEqual([])
})

test('the rule knows what it is looking for', () => {
  for (const line of ['return 0.5 ** (age / halfLife)', 'Math.exp(-x)', 'const y = Math.pow(a, b)', 'x **= 2'])
    expect(line).toMatch(unportable)
  for (const line of ['Math.sqrt(x)', 'a * b', 'Math.min(1, x)']) expect(line).not.toMatch(unportable)
})
