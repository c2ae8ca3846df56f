import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTape } from '@tradeswarm/backtest'
import { createSystemClock } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { createFakeAlpaca, type FakeAlpaca, type FakeAlpacaBar } from '@tradeswarm/testing/fakes'
import { createUsEquityCalendar } from '@tradeswarm/trading'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../run-command-line.js'
import type { Terminal } from '../terminal.js'

const minuteMs = 60_000
const dayMs = 86_400_000
const start = Date.UTC(2024, 0, 1)
const minutes = 40 * 1_440

const bar = (time: number, price: number): FakeAlpacaBar => ({
  t: new Date(time).toISOString(),
  o: price,
  h: price + 2,
  l: price - 1,
  c: price + 1,
  v: 3.5,
  n: 4,
  vw: price,
})

function shares(): readonly FakeAlpacaBar[] {
  const calendar = createUsEquityCalendar()
  const days = Array.from({ length: 366 }, (_, index) => new Date(start + index * dayMs).toISOString().slice(0, 10))
  return days
    .filter((day) => calendar.session(day))
    .map((day, index) => bar(Date.parse(`${day}T05:00:00Z`), 100 + index))
}

const paid = (exDate: string, processDate: string, rate: number) => ({
  symbol: 'MSFT',
  ex_date: exDate,
  process_date: processDate,
  rate,
})

let fake: FakeAlpaca
let folder: string
beforeAll(async () => {
  const bitcoin = Array.from({ length: minutes }, (_, index) => bar(start + index * minuteMs, 40_000 + index))
  fake = await createFakeAlpaca({
    bars: { 'BTC/USD': { '1Min': bitcoin }, AAPL: { '1Day': shares() }, MSFT: { '1Day': shares() } },
    corporateActions: {
      cash_dividends: [paid('2024-03-01', '2024-03-14', 1.5), paid('2024-08-15', '2024-09-12', 0.75)],
      forward_splits: [{ symbol: 'MSFT', ex_date: '2025-03-03', process_date: '2025-03-03', new_rate: 2, old_rate: 1 }],
    },
    dataRequestsPerMinute: 100_000,
  })
})
beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = mkdtempSync(join(tmpdir(), 'tradeswarm-fetch-'))
  fake.heal()
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await fake.close()
})

const environment = () => ({
  APCA_API_KEY_ID: fake.keyId,
  APCA_API_SECRET_KEY: fake.secret,
  APCA_API_DATA_URL: fake.url,
})

async function tradeswarm(line: string, given: Partial<Terminal> = {}) {
  const out: string[] = []
  const errors: string[] = []
  const drawn: string[] = []
  let time = Date.UTC(2026, 0, 2)
  const code = await runCommandLine(line.split(' '), {
    clock: { now: () => (time += 3_000) },
    isInteractive: false,
    workingDirectory: folder,
    environment: environment(),
    print: (text) => void out.push(text),
    complain: (text) => void errors.push(text),
    draw: (text) => void drawn.push(text),
    onInterrupt: () => () => undefined,
    ...given,
  })
  return { code, out: out.join('\n'), errors: errors.join('\n'), drawn: drawn.join('') }
}

const bitcoin = 'fetch --broker alpaca --symbol BTC-USD --timeframe 1m --out bars'
const table = (name = 'bars-1m.csv'): readonly string[] =>
  readFileSync(join(folder, 'bars', name), 'utf8')
    .trimEnd()
    .split('\n')

/** Every minute of the fake's history, once and in order. */
function expectedMinutes(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const time = start + (from + index) * minuteMs
    const price = 40_000 + from + index
    const instant = new Date(time).toISOString().replace('.000Z', 'Z')
    return `BTC-USD,${instant},${price},${price + 2},${price - 1},${price + 1},3.5`
  })
}

test('a range is fetched whole, then complete, then extended without a gap or a duplicate', async () => {
  const first = await tradeswarm(`${bitcoin} --from 2024-01-03 --to 2024-01-08`)
  expect(first).toMatchObject({ code: 0, out: 'bars/bars-1m.csv: 8,640 bars of BTC-USD from 2024-01-03 to 2024-01-08' })
  expect(first.errors).toMatch(/ \d+ % {2}2024-01-0\d {2}[\d,]+ bars/)
  expect(table()).toEqual(['symbol,start,open,high,low,close,volume', ...expectedMinutes(2 * 1_440, 8_640)])
  const asked = fake.requests.length
  expect(await tradeswarm(`${bitcoin} --from 2024-01-04 --to 2024-01-05`)).toMatchObject({
    code: 0,
    out: 'bars/bars-1m.csv has all of BTC-USD from 2024-01-04 to 2024-01-05 already',
  })
  expect(fake.requests.length).toBe(asked)
  await tradeswarm(`${bitcoin} --from 2024-01-01 --to 2024-01-10T12:00Z`)
  expect(table().slice(1)).toEqual(expectedMinutes(0, 9 * 1_440 + 720))
  expect(readdirSync(join(folder, 'bars')).sort()).toEqual(['bars-1m.csv', 'fetched.json'])
})

test('a bar that begins at --to is of the next range, which goes on there', async () => {
  const lines = (from: string, to: string) => `${bitcoin} --from ${from} --to ${to}`
  await tradeswarm(lines('2024-01-01T10:00Z', '2024-01-01T10:03Z'))
  expect(table().slice(1)).toEqual(expectedMinutes(600, 3))
  await tradeswarm(lines('2024-01-01T10:03Z', '2024-01-01T10:05:30Z'))
  expect(table().slice(1)).toEqual(expectedMinutes(600, 6))
  const asked = fake.requests.length
  const again = await tradeswarm(lines('2024-01-01T10:00Z', '2024-01-01T10:05:30Z'))
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('already')])
  expect(fake.requests.length).toBe(asked)
  expect(await tradeswarm(lines('2024-01-01T10:00Z', '2024-01-01T10:00Z'))).toMatchObject({
    code: 2,
    errors: expect.stringContaining('--from and --to are both 2024-01-01T10:00Z: no bar begins between'),
  })
})

test('--overwrite fetches anew what is there, also where it came from another broker', async () => {
  const line = `${bitcoin} --from 2024-01-02 --to 2024-01-03`
  await tradeswarm(line)
  const whole = table()
  writeFileSync(
    join(folder, 'bars', 'bars-1m.csv'),
    `${whole.slice(0, 5).join('\n')}\nXYZ,2024-01-02T00:00:00Z,1,1,1,1,1\n`,
  )
  const noted = join(folder, 'bars', 'fetched.json')
  writeFileSync(noted, readFileSync(noted, 'utf8').replace('alpaca', 'okx'))
  expect(await tradeswarm(line)).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/--overwrite \[FETCH_FOREIGN\]/),
  })
  expect((await tradeswarm(`${line} --overwrite`)).code).toBe(0)
  expect(table()).toEqual([...whole, 'XYZ,2024-01-02T00:00:00Z,1,1,1,1,1'])
  expect(readFileSync(noted, 'utf8')).not.toContain('okx')
  // Only what was fetched now is there.
  await tradeswarm(`${bitcoin} --from 2024-01-02 --to 2024-01-02 --overwrite`)
  expect(table()).toHaveLength(1 + 1_440 + 1)
})

test('what no fetch has written is refused by file and line before anything is asked, with what to do', async () => {
  const line = `${bitcoin} --from 2024-01-02 --to 2024-01-03`
  await tradeswarm(line)
  const path = join(folder, 'bars', 'bars-1m.csv')
  const whole = readFileSync(path, 'utf8')
  const asked = fake.requests.length
  for (const given of [line, `${line} --overwrite`, `${bitcoin} --from 2024-01-02 --to 2024-01-05`]) {
    writeFileSync(path, `${whole}garbage,row\n`)
    const { code, errors } = await tradeswarm(given)
    expect(code).toBe(1)
    expect(errors).toMatch(
      /bars-1m\.csv, line 2882: "garbage,row" is no symbol,start,.*; correct or remove it, or name another --out \[FETCH_FOREIGN\]/,
    )
    expect(readFileSync(path, 'utf8')).toBe(`${whole}garbage,row\n`)
    writeFileSync(path, `symbol,when\n${whole}`)
    expect((await tradeswarm(given)).errors).toMatch(/bars-1m\.csv, line 1: the header is not symbol,start,/)
    writeFileSync(path, whole)
  }
  writeFileSync(join(folder, 'bars', 'fetched.json'), '{}')
  for (const given of [line, `${line} --overwrite`])
    expect((await tradeswarm(given)).errors).toMatch(/remove it to have everything fetched anew, or name another --out/)
  expect(fake.requests.length).toBe(asked)
  rmSync(join(folder, 'bars', 'fetched.json'))
  expect((await tradeswarm(line)).code).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(whole)
})

test('a folder in which a run trades, or another fetch is at work, is left alone', async () => {
  const line = `${bitcoin} --from 2024-01-02 --to 2024-01-03 --overwrite`
  await tradeswarm('run --to 2014-01-10 --out bars')
  const writer = await createSqliteStorage(join(folder, 'bars', 'run.db')).open({ clock: { now: () => 0 } })
  const asked = fake.requests.length
  expect(await tradeswarm(line)).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/run\.db: a run is at work on it.*fetch into another folder \[STORAGE_LOCKED\]/),
  })
  await writer.close()
  mkdirSync(join(folder, 'bars', '.fetch', 'lock'), { recursive: true })
  // Somebody who lives: the process that started this one.
  writeFileSync(join(folder, 'bars', '.fetch', 'lock', `${process.ppid}-AbCdEf`), '')
  expect(await tradeswarm(line)).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/process \d+ fetches into it; wait until it has ended.*\[FETCH_BUSY\]/),
  })
  expect(fake.requests.length).toBe(asked)
  rmSync(join(folder, 'bars', '.fetch'), { recursive: true })
  expect((await tradeswarm(line)).code).toBe(0)
})

test('what a fetch that was killed at its end left undone, the next one does', async () => {
  const daily = 'fetch --broker alpaca --symbol AAPL --timeframe 1d --out bars --from 2024-01-02 --to 2024-01-31'
  expect((await tradeswarm(daily)).code).toBe(0)
  const whole = readdirSync(join(folder, 'bars')).sort()
  rmSync(join(folder, 'bars', 'posts.jsonl'))
  const parts = join(folder, 'bars', '.fetch', 'alpaca-AAPL-1d')
  mkdirSync(parts, { recursive: true })
  writeFileSync(join(parts, '2024-01-02T000000.000Z_2024-01-31T000000.000Z.csv'), '')
  writeFileSync(join(folder, 'bars', '.fetch', 'draft'), 'half')
  mkdirSync(join(folder, 'bars', '.fetch', 'lock')) // as one leaves it that is let go
  expect(await tradeswarm(daily)).toMatchObject({ code: 0, out: expect.stringMatching(/already$/) })
  expect(readdirSync(join(folder, 'bars')).sort()).toEqual(whole)
})

test('what fails on the way is told, kept as far as it came, and gone on with', async () => {
  const line = `${bitcoin} --from 2024-01-01 --to 2024-01-20`
  const before = fake.requests.length
  const stopped = await tradeswarm(line, {
    // As soon as something was asked for, however long that takes on a busy machine.
    onInterrupt(callback) {
      const clock = createSystemClock()
      let cancel = (): void => undefined
      const look = (): void => {
        if (fake.requests.length > before) callback()
        else cancel = clock.at(clock.now() + 1, look)
      }
      look()
      return () => cancel()
    },
  })
  expect(stopped).toMatchObject({ code: 130, out: 'Stopped; the same command goes on from there' })
  expect(readdirSync(join(folder, 'bars'))).toEqual(['.fetch'])
  for (let time = 0; time < 20; time += 1) fake.fail({ kind: 'status', status: 401, on: 'GET /v1beta3/crypto/us/bars' })
  const failed = await tradeswarm(line)
  expect(failed.code).toBe(1)
  expect(failed.errors).toMatch(/BTC-USD from 2024-01-.*the same command goes on from there \[BROKER_UNAUTHORIZED\]/)
  fake.heal()
  expect((await tradeswarm(line)).code).toBe(0)
  expect(table().slice(1)).toEqual(expectedMinutes(0, 20 * 1_440))
})

test('days are a tape that a backtest reads', async () => {
  const line = 'fetch --broker alpaca --symbol AAPL --timeframe 1d --from 2024-01-01 --to 2024-12-31 --out bars'
  expect((await tradeswarm(line)).code).toBe(0)
  const tape = await loadTape(join(folder, 'bars'))
  expect(tape).toMatchObject({ form: 'own', tradeFrom: '2024-01-02', tradeTo: '2024-12-31', dividends: [] })
  expect(tape.bars[0]).toMatchObject({ symbol: 'AAPL', open: '100', high: '102', low: '99', close: '101' })
  expect((await tradeswarm('backtest --tape bars --out run')).code).toBe(0)
})

test('dividends of shares are in adjClose, also where a range is added later, and what is refused is said', async () => {
  const days = (from: string, to: string) =>
    tradeswarm(`fetch --broker alpaca --symbol MSFT --timeframe 1d --from ${from} --to ${to} --out bars`)
  expect(await days('2024-01-01', '2024-05-31')).toMatchObject({
    code: 0,
    errors: expect.not.stringContaining('dividends'),
  })
  expect((await loadTape(join(folder, 'bars'))).dividends).toEqual([
    { symbol: 'MSFT', date: '2024-03-01', amountPerUnit: '0.75', currency: 'USD' },
  ])
  await days('2024-06-01', '2024-12-31')
  // The second was paid for shares of before the split.
  const { dividends } = await loadTape(join(folder, 'bars'))
  expect(dividends.map(({ date, amountPerUnit }) => [date, amountPerUnit])).toEqual([
    ['2024-03-01', '0.75'],
    ['2024-08-15', '0.375'],
  ])
  rmSync(join(folder, 'bars'), { recursive: true })
  fake.fail({ kind: 'status', status: 403, on: 'GET /v1/corporate-actions' })
  expect(await days('2024-01-01', '2024-05-31')).toMatchObject({
    code: 0,
    errors: expect.stringMatching(/MSFT is without dividends, adjClose is the close: .*403/),
  })
  expect((await loadTape(join(folder, 'bars'))).dividends).toEqual([])
})

test('of a symbol that the venue refuses it is said what to do', async () => {
  const line = `${bitcoin.replace('BTC-USD', 'BTC-USD-X')} --from 2024-01-02 --to 2024-01-03`
  const { code, errors } = await tradeswarm(line)
  expect(code).toBe(1)
  expect(errors).toMatch(
    /invalid symbol.*; look up how it is written there, such as AAPL or BTC-USD \[BROKER_REFUSED\]/,
  )
})

test('a person sees a bar, a program one document', async () => {
  const line = `${bitcoin} --from 2024-01-01 --to 2024-01-05`
  expect((await tradeswarm(line, { isInteractive: true })).drawn).toMatch(/█+░* 100 % {2}2024-01-05 {2}7,200 bars/)
  const { out, errors } = await tradeswarm(`${line} --json`)
  expect(JSON.parse(out)).toMatchObject({ status: 'complete-already', symbol: 'BTC-USD', timeframe: '1m' })
  expect(errors).toBe('')
})

test('after a split new bars are not put beside old ones, of which the prices have changed since', async () => {
  const line = 'fetch --broker alpaca --symbol AAPL --timeframe 1d --out bars --from 2024-01-01'
  await tradeswarm(`${line} --to 2024-01-31`)
  const before = table('bars-1d.csv')
  const halved = shares().map((row) => ({ ...row, o: row.o / 2, h: row.h / 2, l: row.l / 2, c: row.c / 2 }))
  const later = await createFakeAlpaca({ bars: { AAPL: { '1Day': halved } } })
  const given = {
    environment: {
      APCA_API_KEY_ID: later.keyId,
      APCA_API_SECRET_KEY: later.secret,
      APCA_API_DATA_URL: later.url,
    },
  }
  const refused = await tradeswarm(`${line} --to 2024-02-15`, given)
  expect(refused.code).toBe(1)
  expect(refused.errors).toMatch(
    /AAPL of 2024-01-02 closed at 101 when .* at 50\.5 today.*--overwrite \[FETCH_OUTDATED\]/,
  )
  expect(table('bars-1d.csv')).toEqual(before)
  expect((await tradeswarm(`${line} --to 2024-02-15 --overwrite`, given)).code).toBe(0)
  expect(table('bars-1d.csv')[1]).toMatch(/^AAPL,2024-01-02,50,51,49\.5,50\.5,/)
  await later.close()
})

test('a bar that is not over is not fetched: what is noted as fetched is never asked for again', async () => {
  const clock = { now: () => Date.UTC(2024, 0, 5, 14, 30) }
  const fetchTo = (timeframe: string, to: string, symbol = 'BTC-USD', broker = 'alpaca') =>
    tradeswarm(
      `fetch --broker ${broker} --symbol ${symbol} --timeframe ${timeframe} --from 2024-01-01 --to ${to} --out bars`,
      { clock },
    )
  for (const [timeframe, to] of [
    ['1d', '2024-01-05T12:00Z'],
    ['1h', '2024-01-05T14:10Z'],
    ['1m', '2024-01-05T14:29:59Z'],
  ] as const)
    expect(await fetchTo(timeframe, to)).toMatchObject({
      code: 2,
      errors: expect.stringContaining(`--to ${to} has not ended, or the bar of ${timeframe} that it lies in`),
    })
  expect((await fetchTo('1w', '2024-01-04', 'BTC-USDT', 'okx')).code).toBe(2)
  expect((await fetchTo('1m', '2024-01-05T14:28Z')).code).toBe(0)
})

test.each([
  [
    '--symbol BTC/USD --timeframe 1m --from 2024-01-01 --to 2024-01-02',
    /--symbol BTC\/USD: write it as AAPL or BTC-USD/,
  ],
  ['--symbol AAPL --timeframe 7m --from 2024-01-01 --to 2024-01-02', /--timeframe 7m: alpaca has 1m, 5m/],
  ['--symbol AAPL --timeframe 1m --from 2024-02-30 --to 2024-03-02', /--from 2024-02-30: write a day/],
  ['--symbol AAPL --timeframe 1m --from 2024-03-03 --to 2024-03-02', /--from 2024-03-03 is after --to 2024-03-02/],
  ['--symbol AAPL --timeframe 1m --from 2024-03-03 --to 2031-03-02', /--to 2031-03-02 has not ended/],
  ['--timeframe 1m --from 2024-03-03 --to 2024-03-02', /fetch needs --symbol: AAPL or BTC-USD/],
  ['--symbol AAPL --timeframe 1m --from 2024-03-03 --to 2024-03-04 more', /"more" is one word too many/],
])('fetch %s is wrong usage', async (words, message) => {
  const { code, errors } = await tradeswarm(`fetch --broker alpaca --out bars ${words}`)
  expect(code).toBe(2)
  expect(errors).toMatch(message)
})

test('keys that are missing, brokers and symbols that there are not, are named', async () => {
  const range = '--timeframe 1m --from 2024-01-01 --to 2024-01-02 --out bars'
  const line = `fetch --broker alpaca --symbol AAPL ${range}`
  expect(await tradeswarm(line, { environment: { APCA_API_KEY_ID: 'x' } })).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/APCA_API_SECRET_KEY is not set: put the account's keys there$/m),
  })
  expect(await tradeswarm(line.replace('alpaca', 'nowhere'))).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/--broker nowhere: there is no such broker; there are: alpaca/),
  })
  for (const symbol of ['NOPE', 'NOPE-USD'])
    expect(await tradeswarm(line.replace('AAPL', symbol))).toMatchObject({
      code: 1,
      errors: expect.stringContaining(symbol),
    })
  // Nothing is noted of it.
  expect((await tradeswarm(line.replace('AAPL', 'NOPE'))).code).toBe(1)
})
