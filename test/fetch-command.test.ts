import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeededRandom, createSystemClock } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeAlpacaBar } from '@tradeswarm/testing/fakes'
import { afterAll, expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-fetch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const main = join(root, 'packages', 'cli', 'dist', 'main.js')
const start = Date.UTC(2024, 0, 1)
const minutes = 40 * 1_440
const clock = createSystemClock()
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.at(clock.now() + ms, resolve))
const instantOf = (index: number): string => new Date(start + index * 60_000).toISOString().replace('.000Z', 'Z')

test('a fetch that is killed at any moment goes on to the whole table, each bar once', async () => {
  const bars = Array.from({ length: minutes }, (_, index): FakeAlpacaBar => {
    const price = 40_000 + index
    return { t: instantOf(index), o: price, h: price + 2, l: price - 1, c: price + 1, v: 3.5, n: 4, vw: price }
  })
  const fake = await createFakeAlpaca({ bars: { 'BTC/USD': { '1Min': bars } }, dataRequestsPerMinute: 100_000 })
  const random = createSeededRandom(8)
  const words = 'fetch --broker alpaca --symbol BTC-USD --timeframe 1m --out bars --from 2024-01-01 --to 2024-02-09'
  const env = {
    ...process.env,
    APCA_API_KEY_ID: fake.keyId,
    APCA_API_SECRET_KEY: fake.secret,
    APCA_API_DATA_URL: fake.url,
  }
  let lives = 0
  for (let code: number | null = null; code === null; lives += 1) {
    const child = spawn(node, [main, ...words.split(' ')], { cwd: folder, env })
    const closed = once(child, 'close')
    if (lives < 6) {
      await Promise.race([wait(350 + random.next() * 500), closed])
      child.kill('SIGKILL')
    }
    code = (await closed)[0] as number | null
    expect([0, null]).toContain(code)
  }
  await fake.close()
  expect(lives).toBeGreaterThan(1)
  const [header, ...rows] = readFileSync(join(folder, 'bars', 'bars-1m.csv'), 'utf8')
    .trimEnd()
    .split('\n')
  expect(header).toBe('symbol,start,open,high,low,close,volume')
  expect(rows).toEqual(bars.map(({ o, h, l, c }, index) => `BTC-USD,${instantOf(index)},${o},${h},${l},${c},3.5`))
  expect(readdirSync(join(folder, 'bars')).sort()).toEqual(['bars-1m.csv', 'fetched.json'])
})
