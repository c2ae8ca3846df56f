import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeAlpaca, createFakeOkx } from '@tradeswarm/testing/fakes'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { runCommandLine } from '../run-command-line.js'
import { accessFrom, venueNamed } from '../venues/venues.js'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-live-'))
// Accounts are kept for one run at a time there.
vi.stubEnv('TMPDIR', folder)
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const run = (
  words: string,
  environment: Readonly<Record<string, string>> = {},
  interrupted: boolean | 'when running' = false,
) => tradeswarm(`run ${words}`, environment, interrupted)

async function tradeswarm(
  words: string,
  environment: Readonly<Record<string, string>>,
  interrupted: boolean | 'when running' | ((stop: () => void) => void) = false,
) {
  const out: string[] = []
  const errors: string[] = []
  let stop = (): void => undefined
  const code = await runCommandLine(words.split(' '), {
    clock: { now: () => Date.UTC(2026, 0, 2) },
    isInteractive: false,
    workingDirectory: folder,
    environment,
    print: (line) => void out.push(line),
    complain(line) {
      errors.push(line)
      if (interrupted === 'when running' && line.startsWith('running:')) queueMicrotask(stop)
    },
    draw: () => undefined,
    onInterrupt(callback) {
      stop = callback
      if (interrupted === true) queueMicrotask(callback)
      else if (typeof interrupted === 'function') interrupted(callback)
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
  [
    '--broker alpaca --fake --pace fast',
    /--pace fast: write the milliseconds that a session takes, from 50 to 86400000/,
  ],
  ['--broker alpaca --fake --from 2014-02-01 --to 2014-01-01', /--from 2014-02-01 is after --to 2014-01-01/],
  ['--broker alpaca --fake --mode live', /--mode goes without --fake/],
  ['--broker alpaca --fake --symbols AAPL', /--symbols goes without --fake/],
  ['--broker alpaca --pace 100', /--pace goes with --fake only/],
  ['--broker alpaca --symbols AAPL --overwrite', /--overwrite goes with --fake only/],
  ['--broker alpaca --mode lively', /--mode lively: write paper, or live for real money/],
  ['--broker alpaca --mode live', /--mode live trades real money: say so a second time with --allow-live/],
  ['--broker alpaca --allow-live', /--allow-live goes with --mode live only/],
  ['--broker alpaca --symbols aapl', /--symbols aapl: write symbols such as AAPL or BTC-USD/],
  ['--brocker alpaca', /there is no option --brocker; did you mean --broker\?; see tradeswarm run --help/],
  ['--broker alpaca --symbol AAPL', /there is no option --symbol; did you mean --symbols\?/],
  ['--broker Alpaca', /there is no such broker; did you mean alpaca\?/],
  ['--broker okx --sandbox', /there is no option --sandbox; see tradeswarm run --help/],
  ['--broker alpaca --symbols', /--symbols needs a value; see tradeswarm run --help/],
  ['--broker alpaca --json=yes', /--json takes no value; see tradeswarm run --help/],
  [
    '--broker alpaca --symbols AAPL, MSFT',
    /--symbols: one of them is empty: write symbols .* with commas and without spaces/,
  ],
  ['--broker alpaca --symbols AAPL,MSFT,AAPL', /--symbols: AAPL is given twice/],
  [
    '--broker alpaca --symbols AAPL',
    /APCA_API_KEY_ID and APCA_API_SECRET_KEY are not set.*, or add --fake to trade at its double/,
  ],
  ['--broker okx --symbols BTC-USDT', /OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE are not set/],
  ['okx --fake', /--fake goes with --broker: write --broker okx$/],
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

const alpacaKeys = { APCA_API_KEY_ID: 'PK1', APCA_API_SECRET_KEY: 'hush1' }
const okxKeys = { OKX_API_KEY: 'k1', OKX_SECRET_KEY: 'hush1', OKX_PASSPHRASE: 'hush2' }
const refused = async (broker: string): Promise<Readonly<Record<string, string>>> => {
  const double = broker === 'alpaca' ? await createFakeAlpaca() : await createFakeOkx()
  closing.push(() => double.close())
  return broker === 'alpaca'
    ? { ...alpacaKeys, APCA_API_BASE_URL: double.url, APCA_API_DATA_URL: double.url }
    : { ...okxKeys, OKX_API_KEY: (double as { keyId: string }).keyId, OKX_API_URL: double.url }
}

test.each([
  ['alpaca', 'APCA_API_KEY_ID', 'P K', 2, /^tradeswarm: APCA_API_KEY_ID: use the text that Alpaca gave you/],
  ['alpaca', 'APCA_API_SECRET_KEY', 'hush1\n', 2, /^tradeswarm: APCA_API_SECRET_KEY: use the text/],
  ['alpaca', undefined, '', 1, /401\): check APCA_API_KEY_ID and APCA_API_SECRET_KEY, and --mode/],
  [
    'alpaca',
    'APCA_API_BASE_URL',
    'http://127.0.0.1:1',
    1,
    /check the network and APCA_API_BASE_URL and APCA_API_DATA_URL, and ask again/,
  ],
  [
    'alpaca',
    'APCA_API_BASE_URL',
    'https://api.alpaca.markets/v2',
    2,
    /^tradeswarm: APCA_API_BASE_URL: api\.alpaca\.markets trades real money, and --mode is paper/,
  ],
  [
    'alpaca',
    'APCA_API_BASE_URL',
    'https://me:hush@proxy.test',
    2,
    /^tradeswarm: APCA_API_BASE_URL: leave out what stands before/,
  ],
  ['okx', 'OKX_API_URL', 'https://proxy.test?hush=1', 2, /^tradeswarm: OKX_API_URL: leave out the query/],
  ['okx', 'OKX_API_KEY', 'k\té', 2, /^tradeswarm: OKX_API_KEY: use the text that OKX gave you/],
  ['okx', 'OKX_SECRET_KEY', 'hush 1', 2, /^tradeswarm: OKX_SECRET_KEY: use the text/],
  ['okx', 'OKX_PASSPHRASE', 'hush 2', 2, /^tradeswarm: OKX_PASSPHRASE: use the text/],
  ['okx', 'OKX_API_KEY', 'k2', 1, /50111\): check OKX_API_KEY/],
  ['okx', undefined, '', 1, /50105\): check OKX_PASSPHRASE: it is not that of OKX_API_KEY/],
  ['okx', 'OKX_API_URL', 'http://127.0.0.1:1', 1, /check the network and OKX_API_URL, and ask again/],
] as const)('%s: what is wrong with %s is said by its name', async (broker, variable, value, code, message) => {
  const environment = { ...(await refused(broker)), ...(variable === undefined ? {} : { [variable]: value }) }
  const wrong = await run(`--broker ${broker} --symbols ${broker === 'okx' ? 'BTC-USDT' : 'AAPL'}`, environment)
  expect(wrong.errors).toMatch(message)
  expect(wrong.code).toBe(code)
  expect(wrong.errors).not.toMatch(/hush|keyId|\bsecret\b|\bpassphrase\b|\burls\b|createAlpaca|createOkx/)
})

test.each([
  ['run --broker alpaca --symbols AAPL', { APCA_API_BASE_URL: '' }, /^tradeswarm: APCA_API_BASE_URL is empty: write/],
  ['run --broker alpaca --symbols AAPL', { APCA_API_DATA_URL: '' }, /^tradeswarm: APCA_API_DATA_URL is empty: write/],
  ['run --broker okx --symbols BTC-USDT', { OKX_API_URL: '' }, /^tradeswarm: OKX_API_URL is empty: write the URL/],
  [
    'fetch --broker okx --symbol BTC-USDT --timeframe 1d --from 2025-03-03 --to 2025-03-04 --out bars',
    { OKX_API_URL: '' },
    /^tradeswarm: OKX_API_URL is empty: write the URL/,
  ],
  [
    'run --broker alpaca --symbols AAPL',
    { APCA_API_BASE_URL: 'http://127.0.0.1:1' },
    /^tradeswarm: APCA_API_BASE_URL leads away from alpaca, and APCA_API_DATA_URL is not set, so that prices would/,
  ],
  [
    'run --broker alpaca --symbols AAPL',
    { APCA_API_BASE_URL: 'http://127.0.0.1:1', APCA_API_DATA_URL: '' },
    /APCA_API_DATA_URL is empty/,
  ],
  [
    'run --broker alpaca --symbols AAPL',
    { APCA_API_DATA_URL: 'https://alpaca.markets.proxy.test' },
    /^tradeswarm: APCA_API_DATA_URL leads away from alpaca, and APCA_API_BASE_URL is not set, so that orders would/,
  ],
  [
    'fetch --broker alpaca --symbol AAPL --timeframe 1d --from 2025-03-03 --to 2025-03-04 --out bars',
    { APCA_API_BASE_URL: 'http://127.0.0.1:1' },
    /^tradeswarm: APCA_API_BASE_URL leads away from alpaca, and APCA_API_DATA_URL is not set/,
  ],
])('%s with %j asks nobody, where the keys would go to the venue itself', async (words, variables, message) => {
  const given = { ...alpacaKeys, ...okxKeys, ...variables }
  expect(await tradeswarm(words, given)).toMatchObject({ code: 2, errors: expect.stringMatching(message) })
})

test("Alpaca's own address of paper leads nowhere else", () => {
  const environment = { ...alpacaKeys, APCA_API_BASE_URL: 'https://paper-api.alpaca.markets/v2' }
  expect(accessFrom(venueNamed('alpaca'), { environment })).toMatchObject({
    tradingUrl: 'https://paper-api.alpaca.markets/v2',
  })
})

test('an address with the version of the API, as Alpaca shows it, serves all that is asked', async () => {
  const fake = await createFakeAlpaca()
  closing.push(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50')
  const environment = {
    APCA_API_KEY_ID: fake.keyId,
    APCA_API_SECRET_KEY: fake.secret,
    APCA_API_BASE_URL: `${fake.url}/v2`,
    APCA_API_DATA_URL: `${fake.url}/v2`,
  }
  const { code, errors } = await run('--broker alpaca --symbols AAPL --out versioned', environment, true)
  expect(errors).not.toMatch(/calendar/)
  expect(code).toBe(130)
  expect(fake.requests.filter(({ status }) => status === 404)).toEqual([])
})

test('fetch names the variables too', async () => {
  const day = '--symbol AAPL --timeframe 1d --from 2025-03-03 --to 2025-03-04 --out bars'
  const wrong = await tradeswarm(`fetch --broker alpaca ${day}`, await refused('alpaca'))
  expect(wrong.errors).toMatch(/403\): check APCA_API_KEY_ID and APCA_API_SECRET_KEY/)
  const odd = await tradeswarm(`fetch --broker alpaca ${day}`, { ...alpacaKeys, APCA_API_KEY_ID: 'P K' })
  expect(odd).toMatchObject({ code: 2, errors: expect.stringMatching(/^tradeswarm: APCA_API_KEY_ID: use the text/) })
  const away = { ...alpacaKeys, APCA_API_DATA_URL: 'http://127.0.0.1:1' }
  const lost = await tradeswarm(`fetch --broker alpaca ${day}`, away)
  expect(lost.errors).toMatch(/check the network and APCA_API_DATA_URL, and ask again/)
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

test('a second run on an account is refused wherever its books lie, until the first has ended', async () => {
  const [fake, other] = [await createFakeOkx(), await createFakeOkx()]
  for (const one of [fake, other]) {
    closing.push(() => one.close())
    await one.market.quote('BTC-USDT', '60000', '60001')
  }
  const environmentOf = ({ keyId, secret, passphrase, url }: typeof fake) => ({
    OKX_API_KEY: keyId,
    OKX_SECRET_KEY: secret,
    OKX_PASSPHRASE: passphrase,
    OKX_API_URL: url,
  })
  const words = '--broker okx --symbols BTC-USDT --out'
  const begun = Promise.withResolvers<() => void>()
  const first = tradeswarm(`run ${words} ok-1`, environmentOf(fake), (stop) => begun.resolve(stop))
  const stop = await begun.promise
  for (const out of ['ok-1', 'ok-2']) {
    const second = await run(`${words} ${out}`, environmentOf(fake))
    expect(second).toMatchObject({
      code: 1,
      errors: expect.stringMatching(
        /the demo account of these keys at okx is traded by the run in \S*ok-1 already.*BUSY]/,
      ),
    })
    expect(second.errors).not.toMatch(/another --out|fake-/)
  }
  // Another account is another's.
  expect((await run(`${words} ok-3`, environmentOf(other), true)).code).toBe(130)
  stop()
  expect((await first).code).toBe(130)
  expect((await run(`${words} ok-2`, environmentOf(fake), true)).code).toBe(130)
})

test('an account that holds what is not among the symbols is traded, and that is said', async () => {
  const fake = await createFakeAlpaca()
  closing.push(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50')
  await fake.market.quote('BTC/USD', '60000', '60001')
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const order = { symbol: 'AAPL', qty: '3', side: 'buy', type: 'market', time_in_force: 'day' }
  await fetch(`${fake.url}/v2/orders`, { method: 'POST', headers, body: JSON.stringify(order) })
  await fake.market.quote('AAPL', '187.40', '187.50')
  const environment = {
    APCA_API_KEY_ID: fake.keyId,
    APCA_API_SECRET_KEY: fake.secret,
    APCA_API_BASE_URL: fake.url,
    APCA_API_DATA_URL: fake.url,
  }
  const first = await run('--broker alpaca --symbols AAPL --out changed', environment, 'when running')
  expect(first.errors).not.toMatch(/not among the symbols/)
  const second = await run('--broker alpaca --symbols BTC-USD --out changed', environment, 'when running')
  expect(second.errors).toMatch(/^held on the account, and not among the symbols: 3 AAPL: no agent minds it/m)
  expect(second.errors).toMatch(/^running: the session of .* closes at .*; no price yet of BTC-USD$/m)
})
