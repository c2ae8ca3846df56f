// What a caller does on purpose before it asks for an order: onto the grid, into parts, and which kind of order to send.
import { chooseOrder, nextTwapChildren, roundToGrid } from '@tradeswarm/trading'

const wanted = { symbol: 'AAPL', side: 'buy', type: 'limit', timeInForce: 'day' } as const
const { terms, changes } = roundToGrid(
  { ...wanted, quantity: '100.7', limitPrice: '187.123' },
  { tickSize: '0.01', lotSize: '1' },
)
console.log(terms.quantity, 'at', terms.limitPrice, changes)

const parent = { terms, lotSize: '1', startAt: 0, endAt: 60_000 }
for (const now of [0, 20_000, 40_000]) {
  const done = { filledQuantity: String(now / 1_000), outstandingQuantity: '0' }
  const [child] = nextTwapChildren(parent, done, { slices: 3, now })
  console.log(`after ${now / 1_000} s: ${child?.quantity ?? 'nothing'}`)
}

const market = { bid: '187.10', ask: '187.12', askSize: '20' }
console.log(chooseOrder({ ...wanted, quantity: '33' }, market, { urgency: 'high', tickSize: '0.01' }))
