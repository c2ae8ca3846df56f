// Books of one's own: a trade with a fee in a third currency, a perpetual on margin, and what all of it is worth.
import { createLedger, portfolioChanges } from '@tradeswarm/trading'

const ledger = createLedger({ currency: 'USDT', lots: 'fifo' }) // or 'lifo', 'average'
const time = Date.UTC(2026, 0, 5)
const cited = (id: string) => ({ eventId: `event-${id}`, time, account: 'okx', orderId: `order-${id}`, tradeId: id })

ledger.apply({ type: 'deposit', eventId: 'd1', time, amount: '10000' })
ledger.apply({ type: 'deposit', eventId: 'd2', time, amount: '1', currency: 'BNB' })
const coins = ledger.apply({
  ...cited('t1'),
  type: 'fill',
  symbol: 'BTC-USDT',
  asset: 'BTC',
  side: 'buy',
  quantity: '0.01',
  price: '60000',
  fee: '0.0008',
  feeCurrency: 'BNB',
})
// Ten contracts of 0.01 coins each: nothing is paid for them but the fee.
const perpetual = { symbol: 'BTC-USDT-SWAP', asset: 'BTC-USDT-SWAP', multiplier: '0.01', settlement: 'margin' } as const
const terms = { ...perpetual, feeCurrency: 'USDT', type: 'fill' } as const
ledger.apply({ ...cited('t2'), ...terms, side: 'sell', quantity: '10', price: '60000', fee: '3' })
ledger.apply({ ...cited('t3'), ...terms, side: 'buy', quantity: '4', price: '59000', fee: '1.18' })
ledger.apply({ type: 'funding', eventId: 'f1', time, symbol: perpetual.symbol, amount: '0.36' })

console.log('cash', ledger.cash('USDT'), 'USDT and', ledger.cash('BNB'), 'BNB')
for (const { symbol, quantity, averagePrice, openCost } of ledger.positions())
  console.log(`${symbol}: ${quantity} at ${averagePrice}, cost ${openCost}`)
console.log(ledger.totals('USDT'))

const prices: Readonly<Record<string, string>> = { 'BTC-USDT': '59500', 'BTC-USDT-SWAP': '59500' }
const priceOf = (symbol: string) => prices[symbol]
console.log(ledger.valuation(priceOf))
console.log(ledger.valuation(priceOf, (currency) => (currency === 'BNB' ? '650' : undefined)))
if (coins.status === 'applied') console.log(portfolioChanges(coins.entry))

// Once fills are settled they are folded into their lots, and can no longer be busted.
console.log('folded', ledger.forgetBefore(time + 1, { keysBefore: time - 86_400_000 }), 'fills')
