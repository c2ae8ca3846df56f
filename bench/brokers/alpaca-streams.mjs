import { streaming } from '@alpacahq/alpaca-trade-api'
import { encode } from '@msgpack/msgpack'
import { createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import ccxt from 'ccxt'
import { handSocket } from './hand-socket.mjs'

const start = Date.UTC(2026, 0, 5, 15)
const symbols = ['BTC/USD', 'ETH/USD', 'AVAX/USD']
let next = 0

/** Frames of the crypto stream, quotes and trades by turns, no two alike. */
function frames(messages, perFrame) {
  const all = []
  for (let done = 0; done < messages; done += perFrame) {
    const frame = []
    for (let index = 0; index < perFrame && done + index < messages; index += 1) frame.push(message())
    all.push(frame)
  }
  return all
}

function message() {
  next += 1
  const S = symbols[next % symbols.length]
  const t = new Date(start + next).toISOString()
  const price = 50_000 + (next % 977) / 100
  if (next % 2 === 0) return { T: 't', S, p: price, s: 0.0123, t, i: next, tks: 'B' }
  return { T: 'q', S, bp: price, bs: 0.5, ap: price + 10, as: 0.25, t }
}

export const alpacaStreams = {
  frames,
  clients: {
    async ours() {
      const socket = handSocket()
      const hear = (text) => socket.emit('message', { data: text })
      const market = createAlpacaMarketData({
        keyId: 'K',
        secret: 'S',
        symbols: ['BTC-USD', 'ETH-USD', 'AVAX-USD'],
        transport: { connect: () => socket },
      })
      const opening = market.open({ random: createSystemRandom(), logger: createSilentLogger() })
      socket.emit('open')
      hear('[{"T":"success","msg":"authenticated"}]')
      hear('[{"T":"subscription"}]')
      const feed = await opening
      let heard = 0
      feed.subscribe(() => {
        heard += 1
      })
      return { encode: JSON.stringify, hear, told: () => feed.settled(), heard: () => heard, close: () => feed.close() }
    },
    async sdk() {
      const socket = handSocket()
      const stream = new streaming.CryptoDataStream({
        credentials: { keyId: 'K', secret: 'S' },
        wsFactory: () => socket,
      })
      let heard = 0
      stream.onQuote(() => {
        heard += 1
      })
      stream.onTrade(() => {
        heard += 1
      })
      stream.connect()
      socket.emit('open')
      // It agrees with the venue on msgpack, instants included.
      const packed = (frame) => Buffer.from(encode(frame.map((message) => ({ ...message, t: new Date(message.t) }))))
      const hear = (bytes) => socket.emit('message', bytes)
      hear(Buffer.from(encode([{ T: 'success', msg: 'authenticated' }])))
      return {
        encode: packed,
        hear,
        told: () => undefined,
        heard: () => heard,
        close: async () => stream.disconnect?.(),
      }
    },
    async ccxt() {
      const exchange = new ccxt.pro.alpaca()
      exchange.setMarkets(
        symbols.map((id) =>
          exchange.parseMarket({ id, symbol: id, class: 'crypto', tradable: true, status: 'active' }),
        ),
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
      const hear = (text) => exchange.handleMessage(client, JSON.parse(text))
      return { encode: JSON.stringify, hear, told: () => undefined, heard: () => heard, close: async () => undefined }
    },
  },
}
