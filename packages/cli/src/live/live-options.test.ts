import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import { afterAll, expect, test } from 'vitest'
import { runCommandLine } from '../run-command-line.js'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-live-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(words: string, environment: Readonly<Record<string, string>> = {}, isInterrupted = false) {
  const out: string[] = []
  const errors: string[] = []
  const code = await runCommandLine(`run ${words}`.split(' '), {
    clock: { now: () => Date.UTC(2026, 0, 2) },
    isInteractive: false,
    workingDirectory: folder,
    environment,
    print: (line) => void out.push(line),
    complain: (line) => void errors.push(line),
    draw: () => undefined,
    onInterrupt(callback) {
      if (isInterrupted) queueMicrotask(callback)
      return () => undefined
    },
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

test.each([
  ['--broker nowhere', /--broker nowhere: there is no such broker; there are: alpaca/],
  ['--fake', /--fake goes with --broker: name one of alpaca, okx/],
  ['--pace 100', /--pace goes with --broker: name one of alpaca, okx/],
  ['--mode live', /--mode goes with --broker/],
  ['--broker alpaca --fake nosuch.config.ts', /nosuch\.config\.ts: there is no such file/],
  ['--broker alpaca --fake --resume', /goes on by itself when the same command is given again/],
  ['--broker alpaca --fake --pace 5', /--pace 5: write the milliseconds that a session takes, from 50 to 86400000/],
  ['--broker alpaca --fake --from 2014-02-01 --to 2014-01-01', /--from 2014-02-01 is after --to 2014-01-01/],
  ['--broker alpaca --fake --mode live', /--mode goes without --fake/],
  ['--broker alpaca --fake --symbols AAPL', /--symbols goes without --fake/],
  ['--broker alpaca --pace 100', /--pace goes with --fake only/],
  ['--broker alpaca --symbols AAPL --overwrite', /--overwrite goes with --fake only/],
  ['--broker alpaca --mode lively', /--mode lively: write paper, or live for real money/],
  ['--broker alpaca --mode live', /--mode live trades real money: say so a second time with --allow-live/],
  ['--broker alpaca --allow-live', /--allow-live goes with --mode live only/],
  ['--broker alpaca --symbols aapl', /--symbols aapl: write symbols such as AAPL or BTC-USD/],
  ['--broker alpaca --symbols AAPL', /APCA_API_KEY_ID and APCA_API_SECRET_KEY are not set/],
])('run %s is wrong usage', async (words, message) => {
  const { code, errors } = await run(words)
  expect(code).toBe(2)
  expect(errors).toMatch(message)
})

test('a definition that names what the tape lacks is refused before a double is started', async () => {
  const path = join(folder, 'apple.config.mjs')
  const definition = { kind: 'trading-swarm', symbols: ['AAPL'] }
  writeFileSync(path, `export default ${JSON.stringify(definition)}\n`)
  expect(await run(`${path} --broker okx --fake`)).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/symbols: "AAPL" is not on the tape bundled, which has SPX-USDT there/),
  })
})

test('without a definition the symbols are to be named', async () => {
  const keys = { APCA_API_KEY_ID: 'PK', APCA_API_SECRET_KEY: 'secret' }
  expect(await run('--broker alpaca', keys)).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/--broker alpaca needs --symbols, such as AAPL or BTC-USD, or a definition/),
  })
})

test('at a venue the swarm runs on the account as it is until it is stopped, twice on the same books', async () => {
  const fake = await createFakeAlpaca({ cash: '25000' })
  try {
    await fake.market.quote('AAPL', '187.40', '187.50')
    const environment = {
      APCA_API_KEY_ID: fake.keyId,
      APCA_API_SECRET_KEY: fake.secret,
      APCA_API_BASE_URL: fake.url,
      APCA_API_DATA_URL: fake.url,
    }
    for (let life = 0; life < 2; life += 1) {
      const { code, out, errors } = await run('--broker alpaca --symbols AAPL', environment, true)
      expect(errors).toMatch(/alpaca, paper: AAPL, books in runs\/alpaca-paper\/run\.db/)
      expect(out).toBe('books    agree with alpaca: 1 balance, 0 open orders, 0 executions')
      expect(code).toBe(130)
    }
    const wrong = await run('--broker alpaca --symbols NOPE', environment)
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringMatching(/NOPE cannot be traded at alpaca/) })
    const unknown = await run('--broker alpaca --symbols AAPL', { ...environment, APCA_API_SECRET_KEY: 'other' })
    expect(unknown).toMatchObject({ code: 1, errors: expect.stringMatching(/BROKER_UNAUTHORIZED/) })
    expect(unknown.errors).not.toContain('other')
    // Books of one account are not gone on with at another.
    const mixed = await run(
      '--broker alpaca --symbols AAPL --mode live --allow-live --out runs/alpaca-paper',
      environment,
    )
    expect(mixed).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/--out: runs\/alpaca-paper\/run\.db has the books of a run at alpaca \(paper\)/),
    })
    const lost = await run('--broker alpaca --symbols AAPL', {
      ...environment,
      APCA_API_BASE_URL: 'http://example.test',
    })
    expect(lost).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/APCA_API_BASE_URL is no address that keys may/),
    })
  } finally {
    await fake.close()
  }
})
