import { describe, expect, onTestFinished, test } from 'vitest'
import { createFakeAlpaca } from '../alpaca/create-fake-alpaca.js'
import { createFakeOkx } from '../okx/create-fake-okx.js'

const refused = (message: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })

type BookAnswer =
  | { readonly data: readonly { readonly bids: string[][]; readonly asks: string[][] }[] }
  | { readonly orderbooks: Readonly<Record<string, { b: { p: number; s: number }[]; a: { p: number; s: number }[] }>> }

const sides = (...both: (readonly string[][] | undefined)[]) =>
  both.flatMap((side) => side?.map(([price, size]) => `${price} x ${size}`) ?? ['none'])

describe.each([
  ['Alpaca', createFakeAlpaca, 'BTC/USD', '/v1beta3/crypto/us/latest/orderbooks?symbols=BTC/USD'],
  ['OKX', createFakeOkx, 'BTC-USDT', '/api/v5/market/books?instId=BTC-USDT&sz=5'],
] as const)('the market of the fake of %s', (_, create, symbol, bookPath) => {
  async function open() {
    const fake = await create()
    onTestFinished(() => fake.close())
    return fake
  }

  // The book of the venue's answer as "price x size" of each level, bids before asks. Only the book is looked at: a
  // price may stand by chance in the instant or the sequence number beside it.
  async function levels({ url, keyId, secret }: Awaited<ReturnType<typeof open>>) {
    const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret }
    const answer = (await (await fetch(`${url}${bookPath}`, { headers })).json()) as BookAnswer
    if ('data' in answer) return sides(answer.data[0]?.bids, answer.data[0]?.asks)
    const book = answer.orderbooks[symbol]
    const texts = (side?: { p: number; s: number }[]) => side?.map(({ p, s }) => [`${p}`, `${s}`])
    return sides(texts(book?.b), texts(book?.a))
  }

  test('refuses a symbol that is not listed, and names the one that may be meant', async () => {
    const { market, book } = await open()
    const meant = refused(`there is no BTC-USD; did you mean ${symbol}?`)
    await expect(market.quote('BTC-USD', '1', '2')).rejects.toEqual(meant)
    await expect(market.trade('BTC-USD', '1')).rejects.toEqual(meant)
    await expect(book('BTC-USD', [['1', '1']], [['2', '1']])).rejects.toEqual(meant)
    const event = { type: 'quote', symbol: 'BTC-USD', time: 0, bid: '1', ask: '2' } as const
    await expect(market.emit(event)).rejects.toEqual(meant)
    await expect(market.quote('ZZZ', '1', '2')).rejects.toEqual(refused('market.quote: there is no ZZZ; there are: '))
  })

  test.each([
    [['2', '1'], 'market.quote: bid 2 is above ask 1'],
    [[1, '2'], 'market.quote: bid is 1; it must be a decimal text above 0, such as "12.50"'],
    [['1', undefined], 'market.quote: ask is undefined; it must be'],
    [['1', '0'], 'market.quote: ask is "0"; it must be'],
    [['1', '2', { bidSize: 5 }], 'market.quote: bidSize is 5; it must be'],
    [['1', '2', { askSice: '5' }], 'market.quote: there is no option askSice; did you mean askSize?'],
  ])('refuses a quote of %j', async (said, message) => {
    const { market } = await open()
    const [bid, ask, sizes] = said as [string, string, object]
    await expect(market.quote(symbol, bid, ask, sizes)).rejects.toEqual(refused(message))
  })

  test('takes a quote whose sides are one, and refuses a price of a trade that is none', async () => {
    const { market } = await open()
    await market.quote(symbol, '2', '2')
    await expect(market.trade(symbol, 'dear')).rejects.toEqual(refused('market.trade: price is "dear"'))
    await expect(market.trade(symbol, '2', '-1')).rejects.toEqual(refused('market.trade: quantity is "-1"'))
  })

  test.each([
    [{ type: 'quote', bid: '1', ask: '2' }, 'market.emit: time is undefined; it must be an instant in milliseconds'],
    [{ type: 'trade', time: '0', price: '1', quantity: '1' }, 'market.emit: time is "0"; it must be an instant'],
    [{ type: 'quot', time: 0 }, 'market.emit: type is "quot"; did you mean quote?'],
    [{ type: 'quote', time: 0, bid: '1', ask: '2', askSice: '3' }, 'there is no option askSice; did you mean askSize?'],
    [
      { type: 'split', time: 0, sessionDate: '2026-02-30', numerator: 2, denominator: 1 },
      'sessionDate is "2026-02-30"',
    ],
  ])('refuses an event such as %j', async (event, message) => {
    const { market } = await open()
    await expect(market.emit({ symbol, ...event } as never)).rejects.toEqual(refused(message))
  })

  test('a book that is no book is refused', async () => {
    const fake = await open()
    const sides = { bids: [['1', '1']], asks: [['2', '1']] }
    await expect(fake.book(symbol, sides as never, undefined as never)).rejects.toEqual(
      refused('book: bids is {"bids"'),
    )
    const deep = [['1', '1'], ['0.9']] as never
    await expect(fake.book(symbol, deep, [['2', '1']])).rejects.toEqual(refused('book: bids[1] is ["0.9"]; it must be'))
  })

  test('a book that is refused leaves nothing behind', async () => {
    const fake = await open()
    await expect(fake.book(symbol, [['777', '1']], [['2', '1']])).rejects.toEqual(refused('bid 777 is above ask 2'))
    await fake.market.quote(symbol, '1', '2')
    expect(await levels(fake)).toEqual(['1 x 100', '2 x 100'])
    await fake.book(symbol, [['777', '1']], [['778', '1']])
    expect(await levels(fake)).toEqual(['777 x 1', '778 x 1'])
  })

  test('a quote makes a book of its two sides, in place of the one that was said whole', async () => {
    const fake = await open()
    await fake.market.quote(symbol, '771', '772', { bidSize: '31' })
    expect(await levels(fake)).toEqual(['771 x 31', '772 x 100'])
    await fake.book(
      symbol,
      [
        ['773', '1'],
        ['770', '1'],
      ],
      [['774', '1']],
    )
    expect(await levels(fake)).toEqual(['773 x 1', '770 x 1', '774 x 1'])
    await fake.market.quote(symbol, '771', '772')
    expect(await levels(fake)).toEqual(['771 x 100', '772 x 100'])
  })
})

test('a book that there is not is refused', async () => {
  const [alpaca, okx] = [await createFakeAlpaca(), await createFakeOkx()]
  onTestFinished(() => alpaca.close())
  onTestFinished(() => okx.close())
  const shares = refused('fake Alpaca: book: AAPL is no pair of crypto, and has no book; say market.quote')
  await expect(alpaca.book('AAPL', [['1', '1']], [['2', '1']])).rejects.toEqual(shares)
  await alpaca.book('BTC/USD', [['1', '1']], [])
  await expect(okx.book('BTC-USDT', [['1', '1']], [])).rejects.toEqual(refused('fake OKX: book: BTC-USDT has no asks'))
  expect(() => okx.setState('BTC-USDX', 'suspend')).toThrow('setState: there is no BTC-USDX; did you mean BTC-USDT?')
  expect(() => okx.disturbBook('BTC-USDX', 'gap')).toThrow('did you mean BTC-USDT?')
})
