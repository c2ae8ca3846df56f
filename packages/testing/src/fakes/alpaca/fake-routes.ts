const series = ['bars', 'quotes', 'trades'].flatMap((kind) => [kind, `${kind}/latest`])
const pairs = ['bars', 'quotes', 'trades'].flatMap((kind) => [kind, `latest/${kind}`])

/** All that the fake answers: a method and a path, with a part in braces for what may be anything. */
export const alpacaRoutes: readonly string[] = [
  'POST /v2/orders',
  'GET /v2/orders',
  'DELETE /v2/orders',
  'GET /v2/orders/{id}',
  'PATCH /v2/orders/{id}',
  'DELETE /v2/orders/{id}',
  'GET /v2/orders:by_client_order_id',
  'GET /v2/positions',
  'DELETE /v2/positions',
  'GET /v2/positions/{symbol}',
  'DELETE /v2/positions/{symbol}',
  'GET /v2/account',
  'GET /v2/account/activities',
  'GET /v2/account/activities/{type}',
  'GET /v2/clock',
  'GET /v2/calendar',
  'GET /v2/assets',
  'GET /v2/assets/{symbol}',
  'GET /v1/corporate-actions',
  ...series.map((kind) => `GET /v2/stocks/${kind}`),
  ...series.map((kind) => `GET /v2/stocks/{symbol}/${kind}`),
  ...['us', 'us-1', 'eu-1'].flatMap((venue) =>
    [...pairs, 'latest/orderbooks'].map((kind) => `GET /v1beta3/crypto/${venue}/${kind}`),
  ),
]
