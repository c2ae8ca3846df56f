import { createFakeAlpaca, createFakeOkx } from '@tradeswarm/testing/fakes'
import { expect, test } from 'vitest'
import { closing, run } from './live-command.test-support.js'

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
  const first = run(`${words} ok-1`, environmentOf(fake), (stop) => begun.resolve(stop))
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
