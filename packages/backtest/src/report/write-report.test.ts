import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTradingSwarm } from '@tradeswarm/agents'
import { canonicalJson } from '@tradeswarm/core'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { backtest } from '../run/backtest.js'
import type { BacktestResult } from '../run/backtest-result.js'
import { bundledTape } from '../tape/bundled-tape.js'
import { renderReport } from './render-report.js'

let result: BacktestResult
let folder: string

beforeAll(async () => {
  const tape = await bundledTape({ to: '2014-01-31' })
  result = await backtest({ tape, swarm: defineTradingSwarm({ symbols: ['SPX'] }), cash: { USD: '100000' } })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-report-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a result writes its report into a folder that it makes, and leaves nothing else there', async () => {
  await result.writeReport(join(folder, 'a', 'b', 'report.html'))
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['report.html'])
  expect(await readFile(join(folder, 'a', 'b', 'report.html'), 'utf8')).toBe(renderReport(result))
})

test('an older report is replaced', async () => {
  const path = join(folder, 'report.html')
  await writeFile(path, renderReport(result, { title: 'An older one' }))
  await result.writeReport(path)
  expect(await readFile(path, 'utf8')).toBe(renderReport(result))
})

test('a file that is no report is not replaced', async () => {
  const path = join(folder, 'package.json')
  for (const content of ['{"name":"mine"}', '']) {
    await writeFile(path, content)
    await expect(result.writeReport(path)).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
      message: `${path}: the report cannot be written: a file that is no report of tradeswarm is there: give another path, or remove it`,
    })
    expect(await readFile(path, 'utf8')).toBe(content)
  }
  expect(await readdir(folder)).toEqual(['package.json'])
})

test('a path that cannot be written is named, and what stands in the way stays', async () => {
  await writeFile(join(folder, 'file'), 'mine')
  const path = join(folder, 'file', 'report.html')
  await expect(result.writeReport(path)).rejects.toMatchObject({
    code: 'REPORT_NOT_WRITTEN',
    message: expect.stringContaining(path),
  })
  await mkdir(join(folder, 'taken'))
  await expect(result.writeReport(join(folder, 'taken'))).rejects.toMatchObject({ code: 'REPORT_NOT_WRITTEN' })
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine')
  expect(await readdir(folder)).toEqual(['file', 'taken'])
})

test('the data of a result is data: the method is in no copy and no JSON', () => {
  expect(Object.keys(result)).not.toContain('writeReport')
  expect(() => canonicalJson(JSON.parse(JSON.stringify(result)))).not.toThrow()
  expect(structuredClone(result)).toEqual({ ...result })
})
