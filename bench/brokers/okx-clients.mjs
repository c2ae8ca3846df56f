import { createOkxBroker } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import ccxt from 'ccxt'
import { RestClient } from 'okx-api'

/** What places a limit order of 0.001 BTC at 30,000 USDT that takes what there is (there is nothing), under an id of its own, in each client's own way. */
export const okxClients = {
  async ours({ url, keyId, secret, passphrase }) {
    const guard = createOpenGuard()
    const broker = await createOkxBroker({
      key: keyId,
      secret,
      passphrase,
      symbols: ['BTC-USDT'],
      urls: { rest: url },
      rateMultiplier: 1_000,
    }).open({
      clock: createSystemClock(),
      ids: createSystemIds(),
      random: createSystemRandom(),
      logger: createSilentLogger(),
      feed: createManualFeed(),
      guard,
    })
    const order = {
      account: 'okx',
      symbol: 'BTC-USDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.001',
      limitPrice: '30000',
      timeInForce: 'ioc',
      reduceOnly: false,
    }
    return {
      prepare: (clientOrderId) => guard.permit({ ...order, clientOrderId }),
      place: (permitted) => broker.place(permitted),
      close: () => broker.close(),
    }
  },
  async sdk({ url, keyId, secret, passphrase }) {
    const client = new RestClient({
      apiKey: keyId,
      apiSecret: secret,
      apiPass: passphrase,
      demoTrading: true,
      baseUrl: url,
      keepAlive: true,
    })
    return {
      prepare: (clOrdId) => ({
        instId: 'BTC-USDT',
        tdMode: 'cash',
        side: 'buy',
        ordType: 'ioc',
        sz: '0.001',
        px: '30000',
        clOrdId,
      }),
      place: (order) => client.submitOrder(order),
      close: async () => undefined,
    }
  },
  async ccxt({ url, keyId, secret, passphrase }) {
    const exchange = new ccxt.okx({ apiKey: keyId, secret, password: passphrase, enableRateLimit: false })
    exchange.setSandboxMode(true)
    exchange.urls.api = { rest: url }
    exchange.options.fetchMarkets = { types: ['spot'] }
    await exchange.loadMarkets()
    return {
      prepare: (clientOrderId) => clientOrderId,
      place: (clientOrderId) =>
        exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.001, 30_000, {
          clientOrderId,
          tdMode: 'cash',
          timeInForce: 'IOC',
        }),
      close: async () => undefined,
    }
  },
}
