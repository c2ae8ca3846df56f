/** So many requests in so many milliseconds, counted for the account, or for each instrument (or tag, or instrument type) that a request names. */
export type RateRule = {
  readonly limit: number
  readonly windowMs: number
  readonly per?: 'instId' | 'instType' | 'tag'
  /** What the bucket is called, where it is not the request itself. */
  readonly bucket?: string
}

const perTwoSeconds = (limit: number, per?: RateRule['per']): RateRule => ({
  limit,
  windowMs: 2_000,
  ...(per === undefined ? {} : { per }),
})

/** The limits as the API's documentation states them, by method and path. */
export const rateTable: Readonly<Record<string, RateRule>> = {
  'POST trade/order': perTwoSeconds(60, 'instId'),
  'POST trade/cancel-order': perTwoSeconds(60, 'instId'),
  'POST trade/amend-order': perTwoSeconds(60, 'instId'),
  'GET trade/order': perTwoSeconds(60, 'instId'),
  'POST trade/batch-orders': perTwoSeconds(300, 'instId'),
  'POST trade/cancel-batch-orders': perTwoSeconds(300, 'instId'),
  'POST trade/amend-batch-orders': perTwoSeconds(300, 'instId'),
  'POST trade/close-position': perTwoSeconds(20, 'instId'),
  'GET trade/orders-pending': perTwoSeconds(60),
  'GET trade/orders-history': perTwoSeconds(40),
  'GET trade/orders-history-archive': perTwoSeconds(20),
  'GET trade/fills': perTwoSeconds(60),
  'GET trade/fills-history': perTwoSeconds(10),
  'POST trade/cancel-all-after': { limit: 1, windowMs: 1_000, per: 'tag' },
  'GET trade/account-rate-limit': { limit: 1, windowMs: 1_000 },
  'POST trade/order-algo': perTwoSeconds(20, 'instId'),
  'POST trade/cancel-algos': perTwoSeconds(20, 'instId'),
  'POST trade/amend-algos': perTwoSeconds(20, 'instId'),
  'GET trade/order-algo': perTwoSeconds(20),
  'GET trade/orders-algo-pending': perTwoSeconds(20),
  'GET trade/orders-algo-history': perTwoSeconds(20),
  'GET account/balance': perTwoSeconds(10),
  'GET account/positions': perTwoSeconds(10),
  'GET account/config': perTwoSeconds(5),
  'GET account/trade-fee': perTwoSeconds(5),
  'POST account/set-position-mode': perTwoSeconds(5),
  'POST account/set-leverage': perTwoSeconds(20),
  'GET account/leverage-info': perTwoSeconds(20),
  'GET account/instruments': perTwoSeconds(20, 'instType'),
  'GET account/max-size': perTwoSeconds(20),
  'GET account/max-avail-size': perTwoSeconds(20),
  'GET account/bills': { limit: 5, windowMs: 1_000 },
  'GET account/bills-archive': perTwoSeconds(5),
  'GET asset/balances': { limit: 6, windowMs: 1_000 },
  'GET market/ticker': perTwoSeconds(20),
  'GET market/tickers': perTwoSeconds(20),
  'GET market/books': perTwoSeconds(40),
  'GET market/candles': perTwoSeconds(40),
  'GET market/history-candles': perTwoSeconds(20),
  'GET market/trades': perTwoSeconds(100),
  'GET market/history-trades': perTwoSeconds(20),
  'GET public/instruments': perTwoSeconds(20, 'instType'),
  'GET public/price-limit': perTwoSeconds(20),
  'GET public/time': perTwoSeconds(10),
  'GET public/mark-price': perTwoSeconds(10),
  'GET public/funding-rate': perTwoSeconds(10, 'instId'),
  'GET public/funding-rate-history': perTwoSeconds(10, 'instId'),
  'GET system/status': { limit: 1, windowMs: 5_000 },
}

/** A batch of one counts as the endpoint for single orders. */
export const singleOf: Readonly<Record<string, string>> = {
  'POST trade/batch-orders': 'POST trade/order',
  'POST trade/cancel-batch-orders': 'POST trade/cancel-order',
  'POST trade/amend-batch-orders': 'POST trade/amend-order',
}

/** New and amended orders of derivatives, all endpoints together. */
export const accountRate = { limit: 1_000, windowMs: 2_000 } as const
