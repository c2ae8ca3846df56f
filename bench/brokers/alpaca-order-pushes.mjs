import { streaming } from '@alpacahq/alpaca-trade-api'
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import ccxt from 'ccxt'
import { handSocket } from './hand-socket.mjs'
import { openTapped } from './tapped-broker.mjs'

const symbols = ['BTC/USD', 'ETH/USD', 'AVAX/USD']
const start = Date.UTC(2026, 0, 5, 15)
const encoder = new TextEncoder()

/** Frames of `trade_updates` as the paper environment sends them, JSON in bytes: two for each order, which rests, and then has filled. */
function frames(count, from) {
  return Array.from({ length: count }, (_, index) => from + index).flatMap((number) => {
    const at = new Date(start + number).toISOString()
    const price = ((5_000_000 + (number % 977)) / 100).toFixed(2)
    const qty = `0.00${1 + (number % 9)}`
    const resting = order(number, at, price, qty)
    const filled = { ...resting, filled_avg_price: price, filled_qty: qty, filled_at: at, status: 'filled' }
    return [
      {
        at,
        event: 'new',
        event_id: ulid(2 * number),
        execution_id: uuid('e', 2 * number),
        order: resting,
        timestamp: at,
      },
      {
        at,
        event: 'fill',
        event_id: ulid(2 * number + 1),
        execution_id: uuid('e', 2 * number + 1),
        order: filled,
        position_qty: qty,
        price,
        qty,
        timestamp: at,
      },
    ].map((data) => encoder.encode(JSON.stringify({ stream: 'trade_updates', data })).buffer)
  })
}

function order(number, at, price, qty) {
  return {
    id: uuid('a', number),
    client_order_id: `ts${String(number).padStart(30, '0')}`,
    created_at: at,
    updated_at: at,
    submitted_at: at,
    filled_at: null,
    expired_at: null,
    canceled_at: null,
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: uuid('c', number % symbols.length),
    symbol: symbols[number % symbols.length],
    asset_class: 'crypto',
    notional: null,
    qty,
    filled_qty: '0',
    filled_avg_price: null,
    order_class: '',
    order_type: 'limit',
    type: 'limit',
    side: number % 2 === 0 ? 'buy' : 'sell',
    position_intent: number % 2 === 0 ? 'buy_to_open' : 'sell_to_close',
    time_in_force: 'gtc',
    limit_price: price,
    stop_price: null,
    status: 'new',
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
    expires_at: at,
  }
}

function uuid(kind, number) {
  return `${kind}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

function ulid(number) {
  return `01KE${String(number).padStart(22, '0')}`
}

export const alpacaOrderPushes = {
  frames,
  clients: {
    async ours() {
      const fake = await createFakeAlpaca()
      const { keyId, secret, url: trading } = fake
      const definition = (connect) =>
        createAlpacaBroker({ keyId, secret, symbols: ['BTC-USD'], urls: { trading }, transport: { connect } })
      return openTapped(fake, definition, '/stream')
    },
    async sdk() {
      const socket = handSocket()
      const stream = new streaming.TradingStream({
        credentials: { keyId: 'K', secret: 'S' },
        wsFactory: () => socket,
      })
      let heard = 0
      stream.onTradeUpdate(() => {
        heard += 1
      })
      stream.connect()
      socket.emit('open')
      const hear = (bytes) => socket.emit('message', Buffer.from(bytes))
      hear(encoder.encode(JSON.stringify({ stream: 'authorization', data: { status: 'authorized' } })).buffer)
      return { hear, told: () => undefined, heard: () => heard, close: async () => stream.disconnect?.() }
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
        resolve: (_, hash) => {
          if (hash === 'orders') heard += 1
        },
        reject: (error) => {
          throw error
        },
      }
      const decoder = new TextDecoder()
      const hear = (bytes) => exchange.handleMessage(client, JSON.parse(decoder.decode(bytes)))
      return { hear, told: () => undefined, heard: () => heard, close: async () => undefined }
    },
  },
}
