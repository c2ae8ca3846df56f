import type { Instrument } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { openWorld, tradedHere } from './kernel-on-paper.test-support.js'

/** As fine as books can take: its fee in basis points has more decimals than they keep of one. */
const dust: Instrument = {
  symbol: 'DUST-USD',
  asset: 'DUST',
  kind: 'crypto-spot',
  currency: 'USD',
  tickSize: '0.000000000001',
  lotSize: '0.000001',
  minimumNotional: '0',
  calendar: 'always-open',
}

test('I18 a fee of more decimals than the books keep is rounded up by the venue, and booked', async () => {
  const world = await openWorld({ instruments: [...tradedHere, dust], fees: { basisPoints: '7' } })
  await world.price('DUST-USD', '0.000123456789')
  const exits = { stopPrice: '0.0001', targetPrice: '0.0002', maximumSessions: 3 }
  await world.order({ symbol: 'DUST-USD', side: 'buy', quantity: '1234.567891', exits })
  await world.kernel.settled()
  const { positions, fees } = world.kernel.portfolio()
  expect(positions).toMatchObject([{ symbol: 'DUST-USD', quantity: '1234.567891' }])
  expect(fees.split('.')[1]).toHaveLength(18)
  expect(world.events.filter(({ type }) => type === 'alert')).toEqual([])
  expect(world.kernel.tradingState().state).toBe('active')
  const balances = await world.venue.balances()
  expect(balances.find(({ asset }) => asset === 'USD')?.total).toBe(world.kernel.portfolio().cash.USD?.total)
})
