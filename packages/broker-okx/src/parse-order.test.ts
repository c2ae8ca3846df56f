import { describe, expect, test } from 'vitest'
import { parseBalances, parsePosition } from './parse-account.js'
import { parseFill, parseOrder, parseOrderUpdate } from './parse-order.js'

const order = {
  ordId: '11',
  clOrdId: 'mine',
  instId: 'BTC-USDT',
  instType: 'SPOT',
  side: 'buy',
  ordType: 'limit',
  state: 'live',
  sz: '1',
  px: '100',
  accFillSz: '0',
  cTime: '1000',
}
const fill = { ordId: '11', instId: 'BTC-USDT', tradeId: '1', fillPx: '100', fillSz: '1', fee: '-0.1', ts: '1000' }

describe('an amount that cannot be read is taken for no other', () => {
  test.each([
    ['what was filled', () => parseOrder({ ...order, accFillSz: '1e-8' })],
    ['the price', () => parseOrder({ ...order, px: '1e5' })],
    ['the fee', () => parseFill({ ...fill, feeCcy: 'USDT', fee: '-1e-9' })],
    ['the currency of a fee', () => parseFill(fill)],
    ['a position', () => parsePosition({ instId: 'BTC-USDT-SWAP', pos: '1e3' })],
  ])('%s', (_, parse) => {
    expect(parse).toThrow(expect.objectContaining({ code: 'BROKER_BAD_PAYLOAD' }))
  })

  test('balances that are not told of are not none', () => {
    expect(() => parseBalances({ totalEq: '1' })).toThrow(expect.objectContaining({ code: 'BROKER_BAD_PAYLOAD' }))
    expect(parseBalances({ details: [] })).toEqual([])
  })

  test('what is not there is nothing', () => {
    expect(parseOrder({ ...order, accFillSz: '', px: '' })).toMatchObject({ filledQuantity: '0', price: undefined })
    expect(parseFill({ ...fill, fee: '', feeCcy: '' })).toMatchObject({ fee: '0', feeCurrency: '' })
    expect(parsePosition({ instId: 'BTC-USDT-SWAP', pos: '' })).toMatchObject({ quantity: '0' })
    expect(parseOrderUpdate({ ...order, tradeId: '', fillSz: '', fillFee: '' }).fill).toBeUndefined()
  })
})
