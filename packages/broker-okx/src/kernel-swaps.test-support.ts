import { type Decimal, decimal, decimalText, type FundingEvent, type MarketEvent, zero } from '@tradeswarm/trading'
import { expect } from 'vitest'
import { type Act, beginning, type CrashMarket, end, first, quote, second } from './kernel-crash.test-support.js'
import type { OkxLife } from './kernel-life.test-support.js'

export const [btc, eth] = ['BTC-USDT-SWAP', 'ETH-USDT-SWAP'] as const
const prices = { [btc]: '50000', [eth]: '2500' }

/** Contracts of 0.01 and of 0.1 coins, in parts, at fees of a maker and a taker. */
export const swaps: CrashMarket = {
  symbols: [btc, eth],
  currency: 'USDT',
  instruments: [
    { instId: btc, tickSz: '0.1', lotSz: '0.01', minSz: '0.01', ctVal: '0.01' },
    { instId: eth, tickSz: '0.01', lotSz: '0.01', minSz: '0.01', ctVal: '0.1' },
  ],
  fees: { makerBasisPoints: '2', takerBasisPoints: '5' },
  prices,
  assetOf: (symbol) => symbol,
}

const hour = 3_600_000
const funding = (symbol: string, time: number, rate: string, price: string): FundingEvent => ({
  type: 'funding',
  symbol,
  time,
  rate,
  price,
})

/** What the long position is quoted at on the second day, and whether an agent leaves it then. */
export type Leaving = { readonly bid: string; readonly ask: string; readonly byAgent?: true }

/** Leaves the long position, where there is one. */
async function leave(life: OkxLife): Promise<void> {
  const held = life.kernel.portfolio().positions.find(({ symbol }) => symbol === btc)
  if (held === undefined) return
  const terms = { side: 'sell', quantity: held.quantity, reduceOnly: true, exits: undefined } as const
  await life.enter(terms as unknown as Parameters<OkxLife['enter']>[0])
}

/** A long position that fills at two prices and a short one: both are covered, pay or are paid funding twice, and are left. */
export function program({ bid, ask, byAgent }: Leaving): readonly (MarketEvent | Act)[] {
  const long = { symbol: btc, type: 'limit', limitPrice: '50010.3', timeInForce: 'gtc', quantity: '7.53' } as const
  const short = { symbol: eth, side: 'sell', type: 'market', quantity: '11.07' } as const
  const quoted = (time: number): readonly MarketEvent[] => [quote(eth, time, '2500.03', '2500.07')]
  return [
    ...beginning(first, prices),
    { ...quote(btc, first.open + 60_000, '49999.9', '50000.1'), askSize: '2.51' } as MarketEvent,
    ...quoted(first.open + 60_000),
    (life) => life.enter({ ...long, exits: { stopPrice: '47500', targetPrice: '53000', maximumSessions: 5 } }),
    (life) => life.enter({ ...short, exits: { stopPrice: '2600', targetPrice: '2400', maximumSessions: 5 } }),
    quote(btc, first.open + 120_000, '50003.6', '50003.7'),
    funding(btc, first.open + 8 * hour, '0.000123', '50123.4'),
    funding(eth, first.open + 8 * hour, '-0.00007', '2511.93'),
    ...end(first, prices),
    ...beginning(second, prices),
    funding(btc, second.open + hour, '-0.000211', '50017.9'),
    funding(eth, second.open + hour, '0.00031', '2507.21'),
    quote(btc, second.open + 2 * hour, bid, ask),
    ...quoted(second.open + 2 * hour),
    ...(byAgent ? [leave] : []),
    quote(eth, second.open + 3 * hour, '2399.5', '2399.9'),
  ]
}

/** Each funding that the venue has booked is in the books once, and is what it was there. */
export async function fundingBookedOnce(life: OkxLife): Promise<void> {
  const paid = (await life.broker()?.movements(0)) ?? []
  const { ledger } = JSON.parse(life.kernel.snapshot()) as { ledger: { seen: readonly (readonly [eventId: string])[] } }
  const booked = ledger.seen.map(([eventId]) => eventId).filter((eventId) => eventId.includes('funding'))
  expect(booked.sort()).toEqual(paid.map(({ eventId }) => `venue-funding-${eventId}`).sort())
  const income = paid.reduce((sum: Decimal, { amount }) => sum.plus(decimal(amount)), zero)
  expect(life.kernel.portfolio().income).toBe(decimalText(income))
}

type Known = {
  readonly header: { readonly request: { readonly symbol: string; readonly side: string; readonly quantity: string } }
  readonly state: { readonly status: string }
}

/**
 * What a death has kept from being left is covered whole: by exits that live, or of which nobody knows whether they arrived, as the venue knows
 * no deadline for a pair, so that it is never sent a second time.
 */
export function noneBare({ kernel }: OkxLife): void {
  const { orders } = JSON.parse(kernel.snapshot()) as { orders: readonly Known[] }
  for (const { symbol, quantity } of kernel.portfolio().positions) {
    const held = decimal(quantity)
    const exits = orders.filter(
      ({ header: { request }, state }) =>
        request.symbol === symbol &&
        request.side === (held.isNegative() ? 'buy' : 'sell') &&
        ['accepted', 'unknown'].includes(state.status),
    )
    const covered = exits.reduce((sum: Decimal, { header }) => sum.plus(decimal(header.request.quantity)), zero)
    expect(decimalText(covered), symbol).toBe(decimalText(held.abs()))
  }
}
