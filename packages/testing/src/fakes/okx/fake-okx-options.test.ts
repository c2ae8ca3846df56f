import { expect, test } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkxOptions } from './fake-okx-options.js'

test.each<[object, string]>([
  [{ environmnt: 'live' }, 'there is no option environmnt; did you mean environment?'],
  [{ environment: 'paper' }, 'environment: "paper" is not one of demo, live'],
  [{ port: 70_000 }, 'port: 70000 is not a whole number from 0 to 65535'],
  [{ idleMs: 0 }, 'idleMs: 0 is not a whole number from 1'],
  [{ rateMultiplier: 0 }, 'rateMultiplier: 0 is not a number above 0'],
  [{ secret: '' }, 'secret: "" is not a text that is not empty'],
  [{ takerBasisPoints: '-1' }, 'takerBasisPoints: "-1" is not a decimal text from 0'],
  [{ contractLeverage: '0.5' }, 'contractLeverage: "0.5" is not a decimal text from 1'],
  [{ priceLimitFraction: '2' }, 'priceLimitFraction: "2" is not a decimal text above 0, up to 1'],
  [{ cash: { USDT: 'much' } }, 'cash.USDT: "much" is not a decimal text from 0'],
  [{ instruments: [] }, 'instruments: [] is not a list of at least one'],
  [{ instruments: [{ instId: 'btcusdt' }] }, 'instruments.instId: "btcusdt" is not such as BTC-USDT'],
  [{ instruments: [{ instId: 'A-B', tickSz: '1', lotSz: '1', minSize: '1' }] }, 'there is no option minSize'],
  [
    { instruments: [{ instId: 'A-B', tickSz: '1', lotSz: '1', minSz: '1', listTime: 'noon' }] },
    'instruments.listTime: "noon" is not milliseconds since 1970',
  ],
  [{ candles: { 'NO-USDT': {} } }, 'candles: "NO-USDT" is not of a listed instrument'],
  [{ candles: { 'BTC-USDT': { '7m': [] } } }, 'candles.BTC-USDT: "7m" is not of a bar'],
  [{ candles: { 'BTC-USDT': { '1m': [['1', '2']] } } }, 'candles.BTC-USDT.1m: ["1","2"] is not eight numbers'],
  [{ feeBasisPoints: 'few' }, 'feeBasisPoints: "few" is not a decimal text from 0'],
  [{ funding: { rates: { 'BTC-USDT': '0.1' } } }, 'funding.rates: "BTC-USDT" is not of a listed swap'],
])('an option that there is not, or out of its range, is refused by name: %o', async (options, message) => {
  await expect(createFakeOkx(options as FakeOkxOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(`fake OKX: ${message}`.replace('fake OKX: there is', 'there is')),
  })
})

test.each<[string, FakeOkxOptions, number]>([
  ['by default', {}, Date.UTC(2021, 0, 29, 10, 40, 28)],
  [
    'that has a candle of before',
    { candles: { 'BTC-USDT': { '1Dutc': [[String(Date.UTC(2014, 0, 2)), '1', '1', '1', '1', '1', '1', '1']] } } },
    Date.UTC(2014, 0, 2),
  ],
  ['as it is said', { instruments: [{ instId: 'BTC-USDT', tickSz: '1', lotSz: '1', minSz: '1', listTime: '5' }] }, 5],
])('an instrument is listed since a time: %s', async (_, options, since) => {
  const fake = await createFakeOkx(options)
  const path = '/api/v5/public/instruments?instType=SPOT&instId=BTC-USDT'
  const { data } = (await (await fetch(`${fake.url}${path}`)).json()) as { data: { listTime: string }[] }
  expect(Number(data[0]?.listTime)).toBe(since)
  await fake.close()
})

test('a condition that there is not is refused, and so is a fault', async () => {
  const fake = await createFakeOkx()
  const set = (name: string, value: unknown) => () => {
    ;(fake.conditions as unknown as Record<string, unknown>)[name] = value
  }
  expect(set('maintenence', true)).toThrow(
    'fake OKX: conditions: there is no option maintenence; did you mean maintenance?',
  )
  expect(set('clockSkewMs', 'much')).toThrow('fake OKX: conditions: clockSkewMs is "much"; it must be a number')
  expect(set('clockSkewMs', 5)).not.toThrow()
  expect(() => fake.fail({ kind: 'cod' } as never)).toThrow('fake OKX: fail: there is no fault of the kind cod')
  expect(() => fake.fail({ kind: 'code', code: '50004', wen: 'after' } as never)).toThrow('did you mean when?')
  await fake.close()
})

test('candles with the ninth column of the API are refused with the eight that are wanted', async () => {
  const candles = { 'BTC-USDT': { '1m': [['60000', '1', '1', '1', '1', '1', '1', '1', '1']] } }
  await expect(createFakeOkx({ candles } as unknown as FakeOkxOptions)).rejects.toThrow(
    'is not eight numbers as texts (ts, open, high, low, close, vol, volCcy, volCcyQuote, without the confirm of the API)',
  )
})

test('a book that is no two sides of levels is refused with how it is given', async () => {
  const fake = await createFakeOkx()
  const book = fake.book as (...given: unknown[]) => Promise<void>
  await expect(book('BTC-USDT', { bids: [['1', '1']], asks: [['2', '1']] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^fake OKX: book: bids is .*; it must be a list of levels/),
  })
  await expect(book('BTC-USDT', [{ price: '1', size: '1' }], [['2', '1']])).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/bids\[0\] is .*; it must be a price and a size, decimal texts above 0/),
  })
  await fake.close()
})
