import type { Payload } from '@tradeswarm/broker-kit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBestPrices, parseTrade } from './parse-market-data.js'
import { PushReader } from './read-push.js'

const symbols = ['BTC-USDT', 'BTC-USDT-SWAP']
const reader = new PushReader(symbols)

/** As the venue's documentation shows them. */
const quote =
  '{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[["8476.98","415","0","13"]],"bids":[["8476.97","256","0","12"]],"ts":"1597026383085","seqId":123456}]}'
const trade =
  '{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897","count":"3"}]}'

type Push = { readonly arg: { readonly channel: string; readonly instId: string }; readonly data: readonly unknown[] }

/** What `JSON.parse` and its checks make of a text; undefined for what is no push with one row of the channel. */
function slowly(text: string): unknown {
  try {
    const { arg, data } = JSON.parse(text) as Push
    if (data.length !== 1) return undefined
    if (arg.channel === 'bbo-tbt') return parseBestPrices(arg.instId, data[0] as Payload)
    return arg.channel === 'trades' ? parseTrade(data[0]) : undefined
  } catch {
    return undefined
  }
}

describe('a push is read without JSON.parse', () => {
  it('where it is a quote or a trade in the form of the venue', () => {
    expect(reader.quote(quote)).toEqual(slowly(quote))
    expect(reader.trade(trade)).toEqual(slowly(trade))
    expect(reader.trade(trade)).toEqual({
      symbol: 'BTC-USDT',
      time: 1_630_048_897_897,
      price: '42219.9',
      quantity: '0.12060306',
      side: 'buy',
      id: '130639474',
    })
  })

  it.each([
    quote.replace('BTC-USDT', 'ETH-USDT'),
    quote.replace('[["8476.98","415","0","13"]]', '[]'),
    quote.replace('"13"]]', '"13"],["8477","1","0","1"]]'),
    quote.replace('8476.98', '8,476.98'),
    quote.replace('"415"', '"-415"'),
    quote.replace('1597026383085', '15970263830851'),
    quote.replace('}]}', '},{"asks":[],"bids":[],"ts":"1597026383086"}]}'),
    quote.slice(0, -1),
    trade.replace('"side":"buy"', '"side":"both"'),
    trade.replace('"data":[{"instId":"BTC-USDT"', '"data":[{"instId":"BTC-USDT-SWAP"'),
    trade.replace('}]}', `},${trade.slice(trade.indexOf('[') + 1, -2)}]}`),
    trade.replace('"px":"42219.9","sz":"0.12060306"', '"sz":"0.12060306","px":"42219.9"'),
    trade.replaceAll('"', ''),
    '',
    'pong',
  ])('and left alone in any other form: %s', (text) => {
    expect(reader.quote(text)).toBe(undefined)
    expect(reader.trade(text)).toBe(undefined)
  })

  it('as JSON.parse and its checks read it, whatever is changed of it', () => {
    const piece = fc.constantFrom('"', '0', '.', ']', '[', '{', '}', ',', '-', '\\', ':', '', ' ', '77')
    const change = fc.record({ at: fc.nat(200), length: fc.nat(3), piece })
    fc.assert(
      fc.property(fc.constantFrom<string>(quote, trade), fc.array(change, { maxLength: 2 }), (text, changes) => {
        const changed = changes.reduce<string>(
          (left, { at, length, piece: by }) => left.slice(0, at) + by + left.slice(at + length),
          text,
        )
        const read = reader.quote(changed) ?? reader.trade(changed)
        // What follows the instant is not looked at, and no part of what is told.
        const whole = changed.replace(/("ts":"\d{13}").*$/, '$1}]}')
        if (read !== undefined) expect(read).toEqual(slowly(whole))
      }),
      { numRuns: 2_000 },
    )
  })
})
