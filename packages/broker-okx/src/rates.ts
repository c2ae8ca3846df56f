import type { VenueRate } from '@tradeswarm/broker-kit'

/** How many requests of an endpoint OKX takes, and whether it counts them for each instrument. */
type EndpointRate = VenueRate & { readonly perInstrument?: true }

const per2s = (calls: number): EndpointRate => ({ calls, perMs: 2_000 })
const each = (calls: number): EndpointRate => ({ calls, perMs: 2_000, perInstrument: true })

/** As documented. */
const rates: Readonly<Record<string, EndpointRate>> = {
  'POST /api/v5/trade/order': each(60),
  'POST /api/v5/trade/cancel-order': each(60),
  'POST /api/v5/trade/amend-order': each(60),
  'POST /api/v5/trade/cancel-batch-orders': each(15),
  'GET /api/v5/trade/order': each(60),
  'GET /api/v5/trade/orders-pending': per2s(60),
  'GET /api/v5/trade/orders-history': per2s(40),
  'GET /api/v5/trade/orders-history-archive': per2s(20),
  'GET /api/v5/trade/fills': per2s(60),
  'GET /api/v5/trade/fills-history': per2s(10),
  'POST /api/v5/trade/order-algo': each(20),
  'POST /api/v5/trade/cancel-algos': each(20),
  'POST /api/v5/trade/amend-algos': each(20),
  'GET /api/v5/trade/order-algo': per2s(20),
  'GET /api/v5/trade/orders-algo-pending': per2s(20),
  'GET /api/v5/trade/orders-algo-history': per2s(20),
  'GET /api/v5/account/balance': per2s(10),
  'GET /api/v5/account/positions': per2s(10),
  'GET /api/v5/account/config': per2s(5),
  'GET /api/v5/account/trade-fee': per2s(5),
  'GET /api/v5/account/instruments': per2s(20),
  'GET /api/v5/account/bills': per2s(10),
  'GET /api/v5/account/bills-archive': per2s(5),
  'GET /api/v5/market/ticker': per2s(20),
  'GET /api/v5/market/tickers': per2s(20),
  'GET /api/v5/market/books': per2s(40),
  'GET /api/v5/market/candles': per2s(40),
  'GET /api/v5/market/history-candles': per2s(20),
  'GET /api/v5/market/mark-price-candles': per2s(20),
  'GET /api/v5/market/trades': per2s(100),
  'GET /api/v5/market/history-trades': per2s(20),
  'GET /api/v5/public/instruments': per2s(20),
  'GET /api/v5/public/price-limit': per2s(20),
  'GET /api/v5/public/time': per2s(10),
  'GET /api/v5/public/mark-price': per2s(10),
  'GET /api/v5/public/funding-rate': per2s(10),
  'GET /api/v5/public/funding-rate-history': per2s(10),
}

/** For what nobody has written down. */
const careful = per2s(5)

/** Whether OKX counts a bucket by the address that asks, whoever it is, and not by account: what anybody may ask for. */
export function isCountedByAddress(bucket: string): boolean {
  return bucket.startsWith('GET /api/v5/market/') || bucket.startsWith('GET /api/v5/public/')
}

/** The bucket in which OKX counts a request, and its rate. `name` is method and path. */
export function rateOf(name: string, instId: string, multiplier: number): VenueRate & { readonly bucket: string } {
  const { calls, perMs, perInstrument } = rates[name] ?? careful
  return { bucket: perInstrument === true ? `${name} ${instId}` : name, calls: calls * multiplier, perMs }
}
