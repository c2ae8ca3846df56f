import { createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import ccxt from 'ccxt'
import { WebsocketClient } from 'okx-api'
import { handSocket } from './hand-socket.mjs'

const start = Date.UTC(2026, 0, 5, 15)
const symbols = ['BTC-USDT', 'ETH-USDT', 'AVAX-USDT']
let next = 0

/** Pushes of `bbo-tbt` and `trades` by turns, no two alike. */
function frames(messages) {
  return Array.from({ length: messages }, message)
}

function message() {
  next += 1
  const instId = symbols[next % symbols.length]
  const ts = String(start + next)
  const cents = 5_000_000 + (next % 977)
  const price = (cents / 100).toFixed(2)
  if (next % 2 === 0) {
    const tradeId = String(130_639_474 + next)
    const trade = { instId, tradeId, px: price, sz: '0.0123', side: 'buy', ts, count: '1', source: '0', seqId: next }
    return { arg: { channel: 'trades', instId }, data: [trade] }
  }
  const asks = [[((cents + 1_000) / 100).toFixed(2), '0.25', '0', '1']]
  const bids = [[price, '0.5', '0', '2']]
  return { arg: { channel: 'bbo-tbt', instId }, data: [{ asks, bids, ts, seqId: next }] }
}

export const okxStreams = {
  frames,
  clients: {
    async ours() {
      const sockets = []
      const connect = (url) => {
        const socket = handSocket()
        sockets.push({ url, socket })
        return socket
      }
      const market = createOkxMarketData({ symbols, transport: { connect } })
      const opening = market.open({ random: createSystemRandom(), logger: createSilentLogger() })
      const at = (name) => sockets.find(({ url }) => url.endsWith(`/${name}`)).socket
      const subscribed = JSON.stringify({ event: 'subscribe', arg: {}, connId: 'a' })
      for (const name of ['public', 'business']) {
        at(name).emit('open')
        // Two channels a symbol.
        for (let count = 0; count < 2 * symbols.length; count += 1) at(name).emit('message', { data: subscribed })
      }
      const feed = await opening
      let heard = 0
      feed.subscribe(({ type }) => {
        if (type === 'quote' || type === 'trade') heard += 1
      })
      const socket = at('public')
      return {
        encode: JSON.stringify,
        hear: (text) => socket.emit('message', { data: text }),
        told: () => feed.settled(),
        heard: () => heard,
        close: () => feed.close(),
      }
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
        encode: JSON.stringify,
        // As its socket hands them over.
        hear: (data) => client.onWsMessage({ type: 'message', data }, 'prodPublic', socket),
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
        resolve: () => {
          heard += 1
        },
        reject: (error) => {
          throw error
        },
      }
      return {
        encode: JSON.stringify,
        hear: (text) => exchange.handleMessage(client, JSON.parse(text)),
        told: () => undefined,
        heard: () => heard,
        close: async () => undefined,
      }
    },
  },
}
