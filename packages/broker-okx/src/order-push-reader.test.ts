import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderPushReader } from './order-push-reader.js'
import { parseOrderUpdate } from './parse-order.js'

/** A push as the venue writes it, shortened by what nobody reads. */
const row = {
  accFillSz: '0',
  algoClOrdId: '',
  algoId: '',
  amendResult: '',
  attachAlgoOrds: [],
  avgPx: '0',
  cTime: '1746947317401',
  cancelSource: '',
  clOrdId: 'ts0123456789abcdef0123456789abcd',
  execType: '',
  fillFee: '0',
  fillFeeCcy: '',
  fillPnl: '0',
  fillPx: '',
  fillSz: '0',
  fillTime: '',
  instId: 'BTC-USDT',
  instType: 'SPOT',
  lastPx: '50000',
  linkedAlgoOrd: { algoId: '' },
  ordId: '2497956918703120384',
  ordType: 'limit',
  px: '50000.10',
  reqId: '',
  side: 'buy',
  state: 'live',
  sz: '0.0300',
  tag: '',
  tgtCcy: '',
  tradeId: '',
  uTime: '1746947317401',
}
const fields = fc.record(
  {
    accFillSz: fc.constantFrom('0', '0.01', '0.0300', ''),
    algoId: fc.constantFrom('', '706620792746729472'),
    algoClOrdId: fc.constantFrom('', 'stop'),
    linkedAlgoOrd: fc.constantFrom({ algoId: '' }, { algoId: '706620792746729473' }, {}),
    amendResult: fc.constantFrom('', '0', '-1'),
    avgPx: fc.constantFrom('0', '', '50000.1'),
    cancelSource: fc.constantFrom('', '31'),
    cTime: fc.constantFrom('1746947317401', '174694731740', '12345678901234567'),
    uTime: fc.constantFrom('', '1746947317402', '-1', 'x'),
    fillSz: fc.constantFrom('0', '0.01', ''),
    fillPx: fc.constantFrom('50000.1', '1.0'),
    fillFee: fc.constantFrom('-0.001', '0', ''),
    fillTime: fc.constantFrom('', '1746947317402'),
    tradeId: fc.constantFrom('', '0', '1518905529'),
    instType: fc.constantFrom('SPOT', 'SWAP'),
    lastPx: fc.constantFrom('50000', '1'),
    ordId: fc.constantFrom('1', '2497956918703120384', '2497956918703120385', ''),
    clOrdId: fc.constantFrom('', 'mine', 'ts0123456789abcdef0123456789abcd'),
    ordType: fc.constantFrom('limit', 'market'),
    side: fc.constantFrom('buy', 'sell'),
    state: fc.constantFrom('live', 'filled'),
    tgtCcy: fc.constantFrom('', 'quote_ccy'),
    execType: fc.constantFrom('', 'M', 'T'),
    sz: fc.constantFrom('0.0300', '1', '1e5'),
    reqId: fc.constantFrom('', 'ts1'),
  },
  { requiredKeys: [] },
)
const known = { id: '2497956918703120384', clientOrderId: 'mine' }

function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (thrown) {
    return (thrown as Error).message
  }
}

test('a push is read as JSON.parse and its checks read it, or left alone', () => {
  let read = 0
  fc.assert(
    fc.property(fc.array(fields, { minLength: 5, maxLength: 60 }), (all) => {
      const reader = new OrderPushReader((id) => (id === known.id ? known : undefined))
      for (const one of all) {
        const data = [{ ...row, ...one }]
        const found = outcome(() => reader.read(JSON.stringify({ arg: { channel: 'orders', instType: 'ANY' }, data })))
        if (found === undefined) continue
        read += 1
        expect(found).toEqual(outcome(() => parseOrderUpdate(data[0])))
      }
    }),
    { numRuns: 50 },
  )
  expect(read).toBeGreaterThan(50)
})
