import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAccount, parseAsset, parseClock, parsePosition } from './parse-account.js'
import { parseBar, parseBook, parseLatest, parsePage, parseQuote, parseTrade } from './parse-market-data.js'
import { parseFillActivity, parseOrder } from './parse-order.js'
import { fromVenueSymbol } from './symbols.js'

// Where the venue's own descriptions lie; they are not part of the repository.
const folder = join(process.env['TRADESWARM_DATA'] ?? 'nowhere', 'captures', 'alpaca')
type Node = { readonly [field: string]: Node }

/** A part of a description of the API, by its path. */
function partOf(name: string, ...path: readonly string[]): Node {
  const whole = JSON.parse(readFileSync(join(folder, `${name}.openapi.json`), 'utf8')) as Node
  return path.reduce((part, field) => part[field] ?? {}, whole)
}

const answer = ['get', 'responses', '200', 'content', 'application/json'] as const
const schemas = ['components', 'schemas'] as const
const examplesOf = (name: string): readonly Node[] =>
  Object.values(partOf('trading-api', ...schemas, name, 'x-examples'))

/** The first example of what a path of market data answers with. */
function marketExample(path: string): Node {
  const [example] = Object.values(partOf('market-data-api', 'paths', path, ...answer, 'examples'))
  const { $ref = '', value } = (example ?? {}) as { readonly $ref?: string; readonly value?: Node }
  return value ?? partOf('market-data-api', ...$ref.slice(2).split('/'))['value'] ?? {}
}

describe.runIf(existsSync(folder))("the venue's own examples are read: ", () => {
  it.each([
    ['CryptoOrderResponse', { symbol: 'ETH-USD', isCrypto: true, quantity: '0.02', status: 'pending_new' }],
    ['EquityOrderResponse', { symbol: 'AAPL', type: 'limit', quantity: '2', filledQuantity: '0' }],
    ['IPOOrderResponse', { type: 'market', quantity: undefined, notional: '500' }],
    ['OptionOrderResponse', { symbol: 'AAPL250620C00100000', status: 'pending_new' }],
    ['MultilegOptionsOrderResponse', { orderClass: 'mleg', symbol: '', legs: [{ quantity: '3' }, { side: 'sell' }] }],
  ])('%s', (name, order) => {
    const example = partOf('trading-api', 'components', 'examples', name, 'value')
    expect(parseOrder(example)).toMatchObject(order)
  })

  it('account, positions, executions, assets and the clock', () => {
    const account = partOf('trading-api', 'paths', '/v2/account', ...answer, 'example')
    expect(parseAccount(account)).toMatchObject({ currency: 'USD', cash: '122086.5', isBlocked: false })
    expect(examplesOf('Position').map(parsePosition)).toMatchObject([{ quantity: '5' }, { quantity: '2' }])
    expect(examplesOf('TradingActivities').map(parseFillActivity)).toMatchObject([{ price: '174.78', cumulative: '2' }])
    expect(examplesOf('Assets').map(parseAsset)).toMatchObject([{ symbol: 'AAPL', fractionable: true }])
    expect(parseClock(partOf('trading-api', ...schemas, 'legacy_clock', 'example'))).toMatchObject({ isOpen: true })
  })

  it('bars, quotes, trades and books', () => {
    const page = <Row>(path: string, kind: string, parse: (symbol: string, value: unknown) => Row) =>
      parsePage(marketExample(path), kind, fromVenueSymbol, parse).rows
    const latest = <Row>(path: string, kind: string, parse: (symbol: string, value: unknown) => Row) =>
      parseLatest(marketExample(path), kind, fromVenueSymbol, parse)
    expect(page('/v2/stocks/bars', 'bars', parseBar)).toMatchObject([{ symbol: 'AAPL', open: '178.26', trades: 65 }])
    // A side without an offer is 0.
    expect(page('/v2/stocks/quotes', 'quotes', parseQuote)).toMatchObject([{ ask: '0' }, { bid: '177.92' }])
    expect(page('/v2/stocks/trades', 'trades', parseTrade)).toMatchObject([{ price: '178.26' }, { id: '2' }])
    const crypto = '/v1beta3/crypto/{loc}'
    expect(page(`${crypto}/bars`, 'bars', parseBar)).toMatchObject([{ symbol: 'BTC-USD', vwap: '29001' }])
    expect(page(`${crypto}/trades`, 'trades', parseTrade)).toHaveLength(3)
    expect(latest(`${crypto}/latest/quotes`, 'quotes', parseQuote)).toMatchObject([
      { bid: '29058' },
      { symbol: 'ETH-USD' },
    ])
    const [book] = latest(`${crypto}/latest/orderbooks`, 'orderbooks', parseBook)
    expect(book).toMatchObject({
      symbol: 'BTC-USD',
      bids: [
        ['20846', '0.1902'],
        ['20350', '0'],
      ],
    })
  })
})
