import { createOkxBroker } from '@tradeswarm/broker-okx'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import ccxt from 'ccxt'
import { WebsocketClient } from 'okx-api'
import { handSocket } from './hand-socket.mjs'
import { openTapped } from './tapped-broker.mjs'

const symbols = ['BTC-USDT', 'ETH-USDT', 'AVAX-USDT']

/** Pushes of the channel `orders` as the venue writes them, with all that it says: two for each order, which rests, and then has filled. */
function frames(count, from) {
  return Array.from({ length: count }, (_, index) => from + index).flatMap((number) => {
    const time = String(1_767_600_000_000 + number)
    const px = ((5_000_000 + (number % 977)) / 100).toFixed(1)
    const sz = `0.00${1 + (number % 9)}`
    return [order(number, time, { px, sz }), order(number, time, { px, sz, ...fillAt(number, time, px, sz) })].map(
      (row) => JSON.stringify({ arg: { channel: 'orders', instType: 'ANY', uid: '1' }, data: [row] }),
    )
  })
}

function fillAt(number, time, fillPx, fillSz) {
  const filled = { accFillSz: fillSz, avgPx: fillPx, fillFee: '-0.0000008', fillFeeCcy: 'BTC', fillPx, fillSz }
  return { ...filled, fillTime: time, tradeId: String(300_000 + number), execType: 'T', state: 'filled' }
}

function order(number, time, terms) {
  const id = String(2_100_000_000_000_000 + number)
  return {
    accFillSz: '0',
    algoClOrdId: '',
    algoId: '',
    amendResult: '',
    amendSource: '',
    attachAlgoClOrdId: '',
    attachAlgoOrds: [],
    avgPx: '0',
    cTime: time,
    cancelSource: '',
    category: 'normal',
    ccy: '',
    clOrdId: `b${id}`,
    code: '0',
    execType: '',
    fee: '0',
    feeCcy: 'BTC',
    fillFee: '0',
    fillFeeCcy: '',
    fillFwdPx: '',
    fillMarkPx: '',
    fillMarkVol: '',
    fillNotionalUsd: '',
    fillPnl: '0',
    fillPx: '',
    fillPxUsd: '',
    fillPxVol: '',
    fillSz: '0',
    fillTime: '',
    instId: symbols[number % symbols.length],
    instType: 'SPOT',
    isTpLimit: 'false',
    lastPx: ((5_000_100 + (number % 89)) / 100).toFixed(1),
    lever: '0',
    linkedAlgoOrd: { algoId: '' },
    msg: '',
    notionalUsd: '50',
    ordId: id,
    ordType: 'limit',
    pnl: '0',
    posSide: '',
    px: '',
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: 'USDT',
    reduceOnly: 'false',
    reqId: '',
    side: number % 2 === 0 ? 'buy' : 'sell',
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: '',
    state: 'live',
    stpId: '',
    stpMode: 'cancel_maker',
    sz: '',
    tag: '',
    tdMode: 'cash',
    tgtCcy: '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    tradeId: '',
    tradeQuoteCcy: '',
    uTime: time,
    ...terms,
  }
}

export const okxOrderPushes = {
  frames,
  clients: {
    async ours() {
      const fake = await createFakeOkx({ rateMultiplier: 1_000 })
      const { keyId: key, secret, passphrase, url: rest } = fake
      const definition = (connect) =>
        createOkxBroker({
          key,
          secret,
          passphrase,
          symbols: ['BTC-USDT'],
          urls: { rest },
          rateMultiplier: 1_000,
          transport: { connect },
        })
      return openTapped(fake, definition, '/private')
    },
    async sdk() {
      const quiet = () => undefined
      const client = new WebsocketClient({}, { trace: quiet, info: quiet, error: quiet })
      let heard = 0
      client.on('update', () => {
        heard += 1
      })
      const socket = handSocket()
      return {
        hear: (data) => client.onWsMessage({ type: 'message', data }, 'prodPrivate', socket),
        told: () => undefined,
        heard: () => heard,
        close: async () => undefined,
      }
    },
    async ccxt() {
      const exchange = new ccxt.pro.okx()
      exchange.setMarkets(
        symbols.map((id) => {
          const [baseCcy, quoteCcy] = id.split('-')
          const terms = { tickSz: '0.01', lotSz: '0.00001', minSz: '0.00001', lever: '', listTime: '0', state: 'live' }
          return exchange.parseMarket({ instType: 'SPOT', instId: id, baseCcy, quoteCcy, ...terms })
        }),
      )
      let heard = 0
      const client = {
        subscriptions: {},
        resolve: (_, hash) => {
          if (hash === 'orders') heard += 1
        },
        reject: (error) => {
          throw error
        },
      }
      return {
        hear: (text) => exchange.handleMessage(client, JSON.parse(text)),
        told: () => undefined,
        heard: () => heard,
        close: async () => undefined,
      }
    },
  },
}
