import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './run-command-line.js'
import type { Terminal } from './terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Outcome = {
  readonly code: number
  readonly out: readonly string[]
  readonly errors: readonly string[]
  readonly drawn: string
}

async function tradeswarm(
  line: string,
  options: { readonly interrupted?: boolean; readonly isInteractive?: boolean } = {},
): Promise<Outcome> {
  const out: string[] = []
  const errors: string[] = []
  const drawn: string[] = []
  let time = Date.UTC(2026, 0, 2, 3, 4, 5)
  const terminal: Terminal = {
    clock: { now: () => (time += 250) },
    isInteractive: options.isInteractive === true,
    workingDirectory: folder,
    print: (text) => void out.push(text),
    complain: (text) => void errors.push(text),
    draw: (text) => void drawn.push(text),
    onInterrupt(callback) {
      if (options.interrupted === true) callback()
      return () => undefined
    },
  }
  const code = await runCommandLine(
    line.split(' ').filter((word) => word !== ''),
    terminal,
  )
  return { code, out, errors, drawn: drawn.join('') }
}

const controlCharacters = /\p{Cc}/u

describe('a run', () => {
  beforeAll(async () => {
    expect((await tradeswarm('run --to 2014-03-31 --out first')).code).toBe(0)
  })

  test('ends with a table, the files and the labels, without control characters', async () => {
    const { code, out, errors, drawn } = await tradeswarm('run --to 2014-01-31 --out table')
    expect({ code, errors, drawn }).toEqual({ code: 0, errors: [], drawn: '' })
    const text = out.join('\n')
    for (const part of [
      'return',
      'Sharpe',
      'max drawdown',
      'buy and hold',
      'same exposure',
      'orders',
      'messages in',
      'synthetic',
      'nobody can trade',
      join('table', 'report.html'),
      join('table', 'run.db'),
    ]) {
      expect(text).toContain(part)
    }
    expect(out.some((line) => controlCharacters.test(line))).toBe(false)
    expect((await stat(join(folder, 'table', 'report.html'))).size).toBeGreaterThan(10_000)
  })

  test('shows its progress to a person', async () => {
    const { drawn } = await tradeswarm('run --to 2014-01-31 --out drawn', { isInteractive: true })
    expect(drawn).toMatch(/2014-01-/)
  })

  test('with --json prints one document and nothing else', async () => {
    const { out } = await tradeswarm('run --to 2014-01-31 --out json --json')
    expect(out).toHaveLength(1)
    const document = JSON.parse(out[0] ?? '') as Record<string, unknown>
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['journalHash', 'statistics', 'benchmark', 'counts', 'files']),
    )
    expect(document.files).toEqual({
      report: join(folder, 'json', 'report.html'),
      database: join(folder, 'json', 'run.db'),
    })
  })

  test('goes to runs/<time> unless told otherwise, and the latest one is found there', async () => {
    const { out } = await tradeswarm('run --to 2014-01-10')
    expect(out.join('\n')).toContain(join('runs', '20260102-030405', 'run.db'))
    expect((await tradeswarm('verify')).out[0]).toContain('entries hold')
  })

  test('never overwrites a run unasked', async () => {
    const before = await readFile(join(folder, 'first', 'run.db'))
    const refused = await tradeswarm('run --to 2014-01-31 --out first')
    expect(refused.code).toBe(2)
    expect(refused.errors).toEqual([
      expect.stringMatching(/first.run\.db exists: --resume goes on with it, --overwrite replaces it/),
    ])
    expect((await readFile(join(folder, 'first', 'run.db'))).equals(before)).toBe(true)
    await tradeswarm('run --to 2014-01-31 --out again')
    expect((await tradeswarm('run --to 2014-01-10 --out again --overwrite')).code).toBe(0)
  })

  test('stopped and resumed it ends with the same hash', async () => {
    const whole = JSON.parse((await tradeswarm('run --to 2014-01-31 --out whole --json')).out[0] ?? '') as {
      journalHash: string
    }
    const stopped = await tradeswarm('run --to 2014-01-31 --out stopped', { interrupted: true })
    expect(stopped.code).toBe(130)
    expect(stopped.out.join('\n')).toMatch(/Stopped .*--resume --out stopped/)
    const resumed = JSON.parse((await tradeswarm('run --resume --out stopped --json')).out[0] ?? '') as {
      journalHash: string
      status: string
    }
    expect(resumed).toMatchObject({ status: 'completed', journalHash: whole.journalHash })
    const other = await tradeswarm('run --resume --out stopped --seed 7')
    expect(other.code).toBe(2)
    expect(other.errors[0]).toMatch(/started with something else.*tape\.hash|seed/)
  })

  test('can be replayed, listed, verified and explained from its database alone', async () => {
    expect((await tradeswarm('replay first')).out[0]).toMatch(/^The same: \d+ entries, journal hash [0-9a-f]{64}$/)
    const orders = JSON.parse((await tradeswarm('orders first --json')).out[0] ?? '') as {
      orderId: string
      status: string
      time: string
    }[]
    expect(orders.length).toBeGreaterThan(3)
    expect(orders.map((order) => order.time)).toEqual(
      orders.map((order) => order.time).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    )
    for (const listing of ['fills', 'ledger', 'signals'])
      expect(JSON.parse((await tradeswarm(`${listing} first --json`)).out[0] ?? '')).not.toEqual([])
    expect((await tradeswarm('fills first')).out[0]).toMatch(/^time +orderId +tradeId/)
    const filled = orders.find((order) => order.status === 'filled')?.orderId ?? ''
    const explained = (await tradeswarm(`explain ${filled} --run first`)).out.join('\n')
    for (const part of [
      'Books',
      'assets:cash',
      'Permit',
      'bound to order hash',
      'Intent',
      'Recommendation',
      'Signal',
      'Posts',
      '[synthetic]',
    ])
      expect(explained).toContain(part)
    expect((await tradeswarm(`explain ${filled} first`)).out.join('\n')).toBe(explained)
    const verified = await tradeswarm('verify first')
    expect(verified.code).toBe(0)
    expect(verified.out.join('\n')).toMatch(
      /Hash chain: \d+ entries hold[\s\S]*Texts: \d+ are what was read[\s\S]*each balanced to 0/,
    )
  })

  test('that was tampered with is found out, wherever it was', async () => {
    const changes: readonly (readonly [change: string, complaint: RegExp])[] = [
      [
        `UPDATE journal SET text = replace(text, '"side":"buy"', '"side":"sell"') WHERE kind = 'ledger'`,
        /^Hash chain: broken at entry \d+/,
      ],
      ['DELETE FROM journal WHERE sequence > 1500', /^Hash chain: broken at entry 1\d+: .*were written together/],
      [
        `DELETE FROM journal WHERE sequence >=
          (SELECT min(sequence) FROM journal WHERE hash = (SELECT hash FROM journal WHERE sequence = 1500))`,
        /^End: the run was closed with \d+ entries/,
      ],
      ["UPDATE blobs SET text = text || '!' WHERE rowid = 3", /^Texts: the one under [0-9a-f]{64} was altered/],
      [
        "UPDATE blobs SET text = text || '!' WHERE rowid = 3",
        /^Rows: .*run\.db is damaged: the row "[0-9a-f]{64}" of table blobs/,
      ],
      [
        "UPDATE key_value SET value = '1' WHERE key = 'run/end'",
        /^Rows: .*the row "run\/end" of table key_value was altered/,
      ],
    ]
    for (const [change, complaint] of changes) {
      await tradeswarm('run --to 2014-01-31 --out tampered --overwrite')
      const database = new DatabaseSync(join(folder, 'tampered', 'run.db'))
      expect(Number(database.prepare(change).run().changes)).toBeGreaterThan(0)
      database.close()
      const { code, out } = await tradeswarm('verify tampered')
      expect(code).toBe(1)
      expect(out).toContainEqual(expect.stringMatching(complaint))
    }
  })

  test('that somebody else is writing is not overwritten, nor is a report of another run', async () => {
    const database = join(folder, 'busy', 'run.db')
    await tradeswarm('run --to 2014-01-10 --out busy')
    const writer = await createSqliteStorage(database).open({ clock: { now: () => 0 } })
    const refused = await tradeswarm('run --to 2014-01-10 --out busy --overwrite')
    expect(refused.code).toBe(1)
    expect(refused.errors).toEqual([expect.stringMatching(/busy.run\.db: a run is at work on it.*STORAGE_LOCKED/)])
    await writer.close()
    expect((await tradeswarm('verify busy')).code).toBe(0)
    expect((await tradeswarm('run --to 2014-01-10 --out busy --overwrite')).code).toBe(0)
    writeFileSync(join(folder, 'busy', 'report.html'), 'a report of somebody else')
    expect((await tradeswarm('run --to 2014-01-10 --out busy --overwrite')).code).toBe(0)
    expect((await stat(join(folder, 'busy', 'report.html'))).size).toBeGreaterThan(10_000)
    rmSync(database)
    expect((await tradeswarm('run --out busy')).errors[0]).toMatch(/busy.report\.html exists: --overwrite replaces it/)
  })

  test('that begins in the same second as another gets a folder of its own', async () => {
    const { out } = await tradeswarm('run --to 2014-01-10 --json')
    expect((JSON.parse(out[0] ?? '') as { files: { database: string } }).files.database).toContain(
      join('runs', '20260102-030405-2'),
    )
  })
})

test('wrong usage gets one line that says what to do, and 2', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['fly', /no command "fly"; there are: run/],
    ['run --fast', /there is no option --fast; see tradeswarm run --help/],
    ['run somewhere', /somewhere: there is no such file/],
    ['run okx', /run okx: there is no such definition; to trade at okx, write run --broker okx/],
    ['run some where', /"where" is one word too many/],
    ['run --to 2014-02-30', /--to 2014-02-30: write a day as YYYY-MM-DD/],
    ['run --from 2015-01-01 --to 2014-01-01', /--from 2015-01-01 is after --to 2014-01-01/],
    ['run --cash -5', /--cash needs a value that does not begin with a dash/],
    ['run --seed 1 --seed 2', /--seed is given twice/],
    ['run --cash none', /--cash none: write an amount above 0/],
    ['run --seed x', /--seed x: write a whole number/],
    ['run --resume --overwrite', /exclude each other/],
    ['run --resume --out nowhere', /no run to resume/],
    ['backtest', /backtest needs --tape DIR/],
    ['replay nowhere', /nowhere: there is no such run/],
    ['fills order-9', /order-9: there is no such run; an order is no run: .* see tradeswarm explain order-9/],
    ['explain', /explain needs the id of an order/],
    ['explain order-1 here --run there', /--run there and here: which run is meant\?/],
    ['explain order-1 here there', /"there" is one word too many/],
  ]
  for (const [line, message] of wrong) {
    const { code, errors, out } = await tradeswarm(line)
    expect({ line, code, out, lines: errors.length }).toEqual({ line, code: 2, out: [], lines: 1 })
    expect(errors[0]).toMatch(message)
    expect(errors[0]).not.toContain('\n')
  }
  expect((await tradeswarm('')).code).toBe(2)
})

test('every command has a help that names it', async () => {
  for (const name of ['run', 'backtest', 'replay', 'explain', 'orders', 'fills', 'ledger', 'signals', 'verify']) {
    const { code, out } = await tradeswarm(`${name} --help`)
    expect(code).toBe(0)
    expect(out[0]).toContain(`tradeswarm ${name}`)
    // Where none is named, it is the latest run.
    expect(out[0]).not.toMatch(/ RUN/)
  }
  expect((await tradeswarm('--help')).out.join('\n')).toContain('explain ORDER')
})

test("a definition of one's own is run, resumed and replayed with its code", async () => {
  const agents = JSON.stringify(import.meta.resolve('@tradeswarm/agents'))
  writeFileSync(
    join(folder, 'swarm.config.mjs'),
    `import { Analyst, defineTradingSwarm } from ${agents}
     class Silent extends Analyst { onStart() {} }
     export default defineTradingSwarm({ symbols: ['SPX'], replace: { analyst: Silent } })`,
  )
  writeFileSync(join(folder, 'empty.config.mjs'), 'export const nothing = 1')
  writeFileSync(join(folder, 'broken.config.mjs'), 'export default (')
  expect((await tradeswarm('run empty.config.mjs')).errors[0]).toMatch(/empty.*no definition as its default export/)
  expect((await tradeswarm('run broken.config.mjs')).errors).toEqual([
    expect.stringMatching(/broken.*could not be loaded/),
  ])
  const run = await tradeswarm('run swarm.config.mjs --to 2014-01-31 --out own --json')
  expect(JSON.parse(run.out[0] ?? '')).toMatchObject({ status: 'completed', counts: { recommendations: 0 } })
  expect(await tradeswarm('replay own')).toMatchObject({
    code: 1,
    errors: [expect.stringMatching(/analyst.*definition/)],
  })
  expect((await tradeswarm('replay own --config swarm.config.mjs')).out[0]).toMatch(/^The same/)
  expect((await tradeswarm('run --resume --out own')).code).toBe(0)
})

test('a command that is misspelt is answered with the nearest that there is', async () => {
  const { code, errors } = await tradeswarm('exlpain order-1')
  expect({ code, errors }).toEqual({
    code: 2,
    errors: ['tradeswarm: there is no command "exlpain"; did you mean explain?'],
  })
  expect((await tradeswarm('xyzzy')).errors[0]).toMatch(/there is no command "xyzzy"; there are: run, backtest/)
})

test('what a library tells a program to do is told in flags of the command line', async () => {
  await mkdir(join(folder, 'worded'), { recursive: true })
  writeFileSync(join(folder, 'worded', 'posts.jsonl'), '')
  writeFileSync(
    join(folder, 'worded', 'bars-1d.csv'),
    'symbol,date,open,high,low,close,adjClose,volume\nAAPL,2014-01-02,x,1,1,1,1,1\n',
  )
  const [tapeLine] = (await tradeswarm('run --tape worded --out worded-run')).errors
  expect(tapeLine).toMatch(
    /bars-1d\.csv, line 2.*; correct the row, or give --lenient to count and skip such rows \[TAPE_/,
  )
  await mkdir(join(folder, 'held'), { recursive: true })
  const lock = new DatabaseSync(join(folder, 'held', 'run.db-lock'))
  lock.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
  const [storageLine] = (await tradeswarm('run --to 2014-01-10 --out held')).errors
  lock.close()
  // In the words of a run that is refused before it begins.
  expect(storageLine).toMatch(
    /run\.db: a run is at work on it, here or in another process; stop that first, or name another --out \[STORAGE_LOCKED\]/,
  )
})

test('a bad tape is refused with file, line and field; --lenient counts it instead', async () => {
  await mkdir(join(folder, 'bad'), { recursive: true })
  const dates = ['2014-01-02', '2014-01-03', '2014-01-06', '2014-01-07', '2014-01-08']
  const rows = dates.map((date, index) => `AAPL,${date},10,${index === 3 ? 9 : 11},9.5,10.5,10.5,1000000`)
  writeFileSync(
    join(folder, 'bad', 'bars-1d.csv'),
    `symbol,date,open,high,low,close,adjClose,volume\n${rows.join('\n')}\n`,
  )
  writeFileSync(
    join(folder, 'bad', 'posts.jsonl'),
    `${JSON.stringify({ id: '1', createdAt: '2014-01-02T13:00:00Z', symbol: 'AAPL', text: '$AAPL up', author: 'a', followers: 1 })}\n`,
  )
  const strict = await tradeswarm('run --tape bad --out bad-run')
  expect(strict.code).toBe(1)
  expect(strict.errors).toEqual([expect.stringMatching(/bars-1d\.csv.*5.*high/)])
  const lenient = await tradeswarm('run --tape bad --out bad-run --lenient')
  expect(lenient.code).toBe(0)
  expect(lenient.out.join('\n')).toMatch(/1 row skipped as TAPE_BAR/)
  expect((await tradeswarm('run --tape missing --out bad-run-2')).errors[0]).toMatch(/missing/)
})
