import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeAlpaca, type FakeAlpaca, type FakeAlpacaBar } from '@tradeswarm/testing/fakes'
import { createUsEquityCalendar } from '@tradeswarm/trading'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../run-command-line.js'
import type { Terminal } from '../terminal.js'

const dayMs = 86_400_000
let folder: string
let fake: FakeAlpaca
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradeswarm-tails-'))
})
afterEach(async () => {
  await fake.close()
  rmSync(folder, { recursive: true, force: true })
})

const bar = (t: string): FakeAlpacaBar => ({ t, o: 100, h: 102, l: 99, c: 101, v: 3, n: 4, vw: 100 })

/** The sessions from a day to another. */
function sessions(from: string, to: string): readonly FakeAlpacaBar[] {
  const calendar = createUsEquityCalendar()
  const count = (Date.parse(to) - Date.parse(from)) / dayMs + 1
  return Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * dayMs).toISOString())
    .filter((instant) => calendar.session(instant.slice(0, 10)))
    .map((instant) => bar(instant.replace('T00:', 'T05:')))
}

/** A venue with days of AAPL, and minutes of bitcoin. */
async function venueWith(days: readonly FakeAlpacaBar[], minutes: readonly FakeAlpacaBar[] = []): Promise<void> {
  if (fake !== undefined) await fake.close()
  fake = await createFakeAlpaca({
    bars: { AAPL: { '1Day': days }, 'BTC/USD': { '1Min': minutes } },
    dataRequestsPerMinute: 100_000,
  })
}

async function tradeswarm(line: string, given: Partial<Terminal> = {}) {
  const out: string[] = []
  const errors: string[] = []
  let time = Date.UTC(2026, 0, 2)
  const code = await runCommandLine(line.split(' '), {
    clock: { now: () => (time += 3_000) },
    isInteractive: false,
    workingDirectory: folder,
    environment: {
      APCA_API_KEY_ID: fake.keyId,
      APCA_API_SECRET_KEY: fake.secret,
      APCA_API_DATA_URL: fake.url,
    },
    print: (text) => void out.push(text),
    complain: (text) => void errors.push(text),
    draw: () => undefined,
    onInterrupt: () => () => undefined,
    ...given,
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

const days = (from: string, to: string, more = '') =>
  tradeswarm(`fetch --broker alpaca --symbol AAPL --timeframe 1d --out bars --from ${from} --to ${to}${more}`)
const minutes = (from: string, to: string) =>
  tradeswarm(`fetch --broker alpaca --symbol BTC-USD --timeframe 1m --out bars --from ${from} --to ${to}`)

const noted = (): readonly (readonly [string, string])[] => {
  const { ranges } = JSON.parse(readFileSync(join(folder, 'bars', 'fetched.json'), 'utf8')) as {
    readonly ranges: readonly { readonly from: string; readonly to: string }[]
  }
  return ranges.map(({ from, to }) => [from.slice(0, 10), to.slice(0, 10)])
}
const rows = (): number =>
  readFileSync(join(folder, 'bars', 'bars-1d.csv'), 'utf8')
    .trimEnd()
    .split('\n').length - 1

test('a tail that the venue does not have yet is said, not noted, and there as soon as the venue has it', async () => {
  await venueWith(sessions('2024-01-02', '2024-02-09'))
  const short = await days('2024-01-02', '2024-02-20')
  expect(short).toMatchObject({
    code: 0,
    out: 'bars/bars-1d.csv: 28 bars of AAPL from 2024-01-02 to 2024-02-20; alpaca has none after 2024-02-09 yet: what follows is not noted as fetched, and asked for again',
  })
  expect(noted()).toEqual([['2024-01-02', '2024-02-09']])
  // Still nothing: the same is said.
  expect(await days('2024-01-02', '2024-02-20')).toMatchObject({ code: 0, out: short.out })
  expect(JSON.parse((await days('2024-01-02', '2024-02-20', ' --json')).out)).toMatchObject({
    status: 'completed',
    bars: 28,
    fetched: 0,
    noneAfter: '2024-02-09T00:00:00.000Z',
  })
  await venueWith(sessions('2024-01-02', '2024-03-15'))
  const whole = await days('2024-01-02', '2024-02-20')
  expect(whole).toMatchObject({ code: 0, out: 'bars/bars-1d.csv: 34 bars of AAPL from 2024-01-02 to 2024-02-20' })
  expect(rows()).toBe(34)
  expect(noted()).toEqual([['2024-01-02', '2024-02-20']])
})

test('a range without any bar is an error, and not noted, also where the folder holds others of the symbol', async () => {
  await venueWith(sessions('2024-01-02', '2024-02-09'))
  await days('2024-01-02', '2024-02-09')
  for (const [from, to] of [
    ['2024-02-12', '2024-02-20'],
    ['2023-11-01', '2023-11-30'],
  ] as const) {
    const { code, errors } = await days(from, to)
    expect(code).toBe(1)
    expect(errors).toMatch(
      new RegExp(`alpaca has no 1d bars of AAPL from ${from} to ${to}: it has some of another time, .*\\[NO_BARS\\]`),
    )
    expect(noted()).toEqual([['2024-01-02', '2024-02-09']])
  }
  expect(rows()).toBe(28)
  await venueWith(sessions('2024-01-02', '2024-03-15'))
  expect(await days('2024-02-12', '2024-02-20')).toMatchObject({
    code: 0,
    out: 'bars/bars-1d.csv: 6 bars (of 34 in the table) of AAPL from 2024-02-12 to 2024-02-20',
  })
})

test('a tail in which the market is closed is whole, and never asked for again', async () => {
  await venueWith(sessions('2024-01-02', '2024-02-09'))
  // The tenth is a Saturday.
  expect((await days('2024-01-02', '2024-02-11')).out).toMatch(/28 bars of AAPL from 2024-01-02 to 2024-02-11$/)
  expect(noted()).toEqual([['2024-01-02', '2024-02-11']])
  const asked = fake.requests.length
  expect((await days('2024-01-02', '2024-02-11')).out).toMatch(/already$/)
  expect(fake.requests.length).toBe(asked)
  // What was there on Friday goes on over the weekend without an error.
  rmSync(join(folder, 'bars'), { recursive: true })
  await days('2024-01-02', '2024-02-09')
  expect((await days('2024-01-02', '2024-02-11')).code).toBe(0)
  expect(noted()).toEqual([['2024-01-02', '2024-02-11']])
})

test('what was noted of a table that is gone is fetched anew', async () => {
  await venueWith(sessions('2024-01-02', '2024-02-09'))
  await days('2024-01-02', '2024-02-09')
  rmSync(join(folder, 'bars', 'bars-1d.csv'))
  expect((await days('2024-01-02', '2024-02-09')).out).toMatch(/^bars.bars-1d\.csv: 28 bars/)
  expect(rows()).toBe(28)
})

test('a hole that bars follow is known to be one, before the first bar too', async () => {
  await venueWith([...sessions('2024-01-10', '2024-01-19'), ...sessions('2024-02-05', '2024-02-09')])
  expect((await days('2023-12-01', '2024-02-09')).code).toBe(0)
  expect(noted()).toEqual([['2023-12-01', '2024-02-09']])
  // The end of a request within the hole: bars that are there follow it.
  rmSync(join(folder, 'bars'), { recursive: true })
  await days('2024-02-05', '2024-02-09')
  expect((await days('2024-01-10', '2024-01-31')).out).not.toContain('none after')
  expect(noted()).toEqual([
    ['2024-01-10', '2024-01-31'],
    ['2024-02-05', '2024-02-09'],
  ])
})

test('of a market that never closes a tail of minutes is asked for again', async () => {
  const from = Date.parse('2024-01-01T00:00Z')
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => bar(new Date(from + index * 60_000).toISOString()))
  await venueWith([], some(90))
  expect((await minutes('2024-01-01', '2024-01-01T02:00Z')).out).toContain('none after 2024-01-01T01:29Z yet')
  await venueWith([], some(150))
  expect((await minutes('2024-01-01', '2024-01-01T02:00Z')).out).toMatch(/120 bars of BTC-USD [^;]*$/)
})

test('a fetch that goes on says so, and counts what is there', async () => {
  const from = Date.parse('2024-01-01T00:00Z')
  await venueWith(
    [],
    Array.from({ length: 20 * 1_440 }, (_, index) => bar(new Date(from + index * 60_000).toISOString())),
  )
  const abort = new Set<() => void>()
  const lines: string[] = []
  const line = 'fetch --broker alpaca --symbol BTC-USD --timeframe 1m --out bars --from 2024-01-01 --to 2024-01-20'
  const stopped = await tradeswarm(line, {
    onInterrupt(callback) {
      abort.add(callback)
      return () => void abort.delete(callback)
    },
    complain(text) {
      lines.push(text)
      for (const callback of abort) callback()
    },
  })
  expect(stopped.code).toBe(130)
  const [bars] = /[\d,]+ bars$/.exec(lines[0] ?? '') ?? []
  expect(bars).not.toBe('0 bars')
  const { code, errors } = await tradeswarm(line)
  expect(code).toBe(0)
  expect(errors.split('\n')[0]).toContain(`  ${bars}, going on`)
})

test.each([
  ['was cut short', (text: string) => text.slice(0, text.indexOf('\n', text.length / 2) + 1)],
  ['is empty', () => ''],
  ['has a row that is none', (text: string) => text.replace('2024-01-02T', 'when?')],
])('a piece of a fetch before that %s is fetched anew', async (_, harm) => {
  const from = Date.parse('2024-01-01T00:00Z')
  const count = 10 * 1_440
  await venueWith(
    [],
    Array.from({ length: count }, (_, index) => bar(new Date(from + index * 60_000).toISOString())),
  )
  const line = 'fetch --broker alpaca --symbol BTC-USD --timeframe 1m --out bars --from 2024-01-01 --to 2024-01-10'
  let stop = (): void => undefined
  const stopped = await tradeswarm(line, {
    onInterrupt(callback) {
      stop = callback
      return () => undefined
    },
    complain: () => stop(),
  })
  expect(stopped.code).toBe(130)
  const parts = join(folder, 'bars', '.fetch', 'alpaca-BTC-USD-1m')
  const [first = ''] = readdirSync(parts)
  const text = readFileSync(join(parts, first), 'utf8')
  writeFileSync(join(parts, first), harm(text))
  expect((await tradeswarm(line)).code).toBe(0)
  expect(
    readFileSync(join(folder, 'bars', 'bars-1m.csv'), 'utf8')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(count + 1)
})

test('bars of one symbol that came from elsewhere are not mixed with those of a venue that has none of then', async () => {
  await venueWith(sessions('2024-01-02', '2024-02-09'))
  expect((await days('2024-02-01', '2024-02-09')).code).toBe(0)
  const path = join(folder, 'bars', 'bars-1d.csv')
  const own = 'AAPL,2010-01-04,30,31,29,30.5,30.5,100\nAAPL,2024-01-03,7,8,6,7,7,100\n'
  const table = readFileSync(path, 'utf8').replace('\nAAPL', `\n${own}AAPL`)
  writeFileSync(path, table)
  const { code, errors } = await days('2024-01-02', '2024-01-31')
  expect(code).toBe(1)
  expect(errors).toMatch(
    /bars-1d\.csv holds a bar of AAPL of 2010-01-04 that alpaca does not have, and that no fetch has noted: .*--overwrite \[FETCH_FOREIGN\]/,
  )
  expect(readFileSync(path, 'utf8')).toBe(table)
  expect((await days('2024-01-02', '2024-01-31', ' --overwrite')).code).toBe(0)
})
