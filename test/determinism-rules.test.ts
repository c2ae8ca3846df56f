import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Each is a whole file that reads the machine's clock, timers or randomness. */
const raw: Readonly<Record<string, string>> = {
  'Date.now': 'export const a = Date.now()',
  'Date.now by reference': 'export const a = Date.now',
  'Date.now by destructuring': 'export const { now } = Date',
  'Date.now by index': "export const a = Date['now']()",
  'Date.now of the global object': 'export const a = globalThis.Date.now()',
  'new Date()': 'export const a = new Date()',
  'new Date': 'export const a = new Date',
  'Date()': 'export const a = Date()',
  'Math.random': 'export const a = Math.random()',
  'Math.random of the global object': 'export const a = globalThis.Math.random()',
  'performance.now': 'export const a = performance.now()',
  'performance of node:perf_hooks': "import { performance } from 'node:perf_hooks'\nexport const a = performance.now()",
  'process.hrtime': 'export const a = process.hrtime.bigint()',
  setTimeout: 'export const a = setTimeout(() => 1, 1)',
  'setTimeout by reference': 'export const a = { wait: setTimeout }',
  'setTimeout of the global object': 'export const a = globalThis.setTimeout(() => 1, 1)',
  'setTimeout of node:timers/promises':
    "import { setTimeout } from 'node:timers/promises'\nexport const a = setTimeout(1)",
  'setTimeout of node:timers': "import { setTimeout } from 'node:timers'\nexport const a = setTimeout(() => 1)",
  setInterval: 'export const a = setInterval(() => 1, 1)',
  setImmediate: 'export const a = setImmediate(() => 1)',
  'AbortSignal.timeout': 'export const a = AbortSignal.timeout(1)',
  'crypto.randomUUID': 'export const a = crypto.randomUUID()',
  'crypto.getRandomValues': 'export const a = crypto.getRandomValues(new Uint8Array(1))',
  'crypto of the global object': 'export const a = globalThis.crypto.randomUUID()',
  'randomUUID of node:crypto': "import { randomUUID } from 'node:crypto'\nexport const a = randomUUID()",
  'randomBytes of node:crypto': "import { randomBytes } from 'node:crypto'\nexport const a = randomBytes(1)",
}

const harmless: Readonly<Record<string, string>> = {
  'a date of a given instant': 'export const a = new Date(5).toISOString()',
  'Date.UTC and Date.parse': "export const a = [Date.UTC(2020, 1), Date.parse('2020-01-01')]",
  'arithmetic of Math': 'export const a = Math.max(1, 2)',
  'a clock that is passed in': 'export const a = (clock: { now(): number }) => clock.now()',
  'timers that are passed in':
    'export const a = (timers: { setTimeout(fn: () => void, ms: number): void }) => timers.setTimeout(() => {}, 1)',
  'hashes of node:crypto': "import { createHash } from 'node:crypto'\nexport const a = createHash('sha256')",
}

const fileName = (index: number) => `case-${index}.ts`

describe('the ban on raw clock, timers and randomness', () => {
  let folder: string
  let complained: ReadonlySet<string>

  // The real configuration, on a tree of its own in which every case is one file.
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tradeswarm-lint-')))
    for (const file of ['biome.json', '.oxlintrc.json', '.gitignore'])
      copyFileSync(join(root, file), join(folder, file))
    cpSync(join(root, 'scripts', 'lint'), join(folder, 'scripts', 'lint'), { recursive: true })
    const write = (path: string, text: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), `${text}\n`)
    }
    Object.values(raw).forEach((text, index) => {
      for (const place of ['packages/sample/src', 'packages/sample/src/deep/er', 'test', 'examples']) {
        write(`${place}/${fileName(index)}`, text)
      }
      write(`packages/sample/src/time/system-${fileName(index)}`, text)
      write(`bench/${fileName(index)}`, text)
    })
    Object.values(harmless).forEach((text, index) => {
      write(`packages/harmless/src/${fileName(index)}`, text)
    })
    complained = new Set([
      ...namedFiles(lint('@biomejs/biome/bin/biome', ['lint', '--reporter=github', '--max-diagnostics=none', '.'])),
      ...namedFiles(lint('oxlint/bin/oxlint', ['--format=github', '.'])),
    ])
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  function lint(tool: string, args: readonly string[]): string {
    return spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd: folder, encoding: 'utf8' })
      .stdout
  }

  /** The files, relative to the folder, that annotations such as `::error …file=PATH,…` name. */
  function namedFiles(output: string): readonly string[] {
    const named = [...output.matchAll(/^::error .*?\bfile=(?<path>[^,]+),/gm)]
    return named.map((match) => relative(folder, resolve(folder, match.groups?.['path'] ?? '')))
  }

  it.each(Object.keys(raw))('catches %s in every package, test and example', (name) => {
    const file = fileName(Object.keys(raw).indexOf(name))
    for (const place of ['packages/sample/src', 'packages/sample/src/deep/er', 'test', 'examples']) {
      expect(complained).toContain(`${place}/${file}`)
    }
  })

  it('spares system-* files and benchmarks', () => {
    const spared = [...complained].filter((path) => path.startsWith('bench/') || path.includes('/system-'))
    expect(spared).toEqual([])
  })

  it('spares what is reproducible', () => {
    expect([...complained].filter((path) => path.startsWith('packages/harmless/'))).toEqual([])
  })
})
