import { Alpaca } from '@alpacahq/alpaca-trade-api'
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import ccxt from 'ccxt'

/** What places a limit order of one share of AAPL at 90 under an id of its own, in each client's own way. */
export const alpacaClients = {
  async ours({ url, keyId, secret }) {
    const guard = createOpenGuard()
    const broker = await createAlpacaBroker({
      keyId,
      secret,
      symbols: ['AAPL'],
      urls: { trading: url },
      requestsPerMinute: 1_000_000,
    }).open({
      clock: createSystemClock(),
      ids: createSystemIds(),
      random: createSystemRandom(),
      logger: createSilentLogger(),
      feed: createManualFeed(),
      guard,
    })
    const order = {
      account: 'alpaca',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      quantity: '1',
      limitPrice: '90',
      timeInForce: 'gtc',
      reduceOnly: false,
    }
    return {
      // The permit is the risk authority's work, and measured with it.
      prepare: (clientOrderId) => guard.permit({ ...order, clientOrderId }),
      place: (permitted) => broker.place(permitted),
      close: () => broker.close(),
    }
  },
  async sdk({ url, keyId, secret }) {
    const fetchApi = (target, init) => fetch(String(target).replace('https://paper-api.alpaca.markets', url), init)
    const alpaca = new Alpaca({ keyId, secret, fetchApi, rateLimit: false })
    return {
      prepare: (clientOrderId) => ({
        symbol: 'AAPL',
        qty: '1',
        side: 'buy',
        limitPrice: '90',
        timeInForce: 'gtc',
        clientOrderId,
      }),
      place: (order) => alpaca.trading.orders.limit(order),
      close: async () => undefined,
    }
  },
  async ccxt({ url, keyId, secret }) {
    const exchange = new ccxt.alpaca({ apiKey: keyId, secret, enableRateLimit: false })
    exchange.urls.api.trader = url
    // It knows crypto alone, and its markets are asked for once.
    await exchange.loadMarkets()
    return {
      prepare: (clientOrderId) => clientOrderId,
      place: (clientOrderId) => exchange.createOrder('BTC/USD', 'limit', 'buy', 0.001, 30_000, { clientOrderId }),
      close: async () => undefined,
    }
  },
}
