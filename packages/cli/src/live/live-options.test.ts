import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFakeAlpaca, createFakeOkx } from '@tradeswarm/testing/fakes'
import { expect, test } from 'vitest'
import { accessFrom, venueNamed } from '../venues/venues.js'
import { closing, folder, run, tradeswarm } from './live-command.test-support.js'

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
