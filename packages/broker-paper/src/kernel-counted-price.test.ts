import type { OrderIntent, RiskPolicyInput } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { acme, openWorld, tradedHere } from './kernel-on-paper.test-support.js'

/** Of 122,000: 122 shares at 100. */
const tenth: RiskPolicyInput = { maxPositionFraction: 0.1, maxOrderFraction: 0.1, allowShorts: true }
const long = { stopPrice: '90', targetPrice: '120', maximumSessions: 3 }
const short = { stopPrice: '110', targetPrice: '80', maximumSessions: 3 }

test.each([
  ['a buy stop below the market', { side: 'buy', type: 'stop', stopPrice: '95', exits: long }],
  [
    'a trailing buy with a level below the market',
    { side: 'buy', type: 'trailing-stop', trailAmount: '1', stopPrice: '95', exits: long },
  ],
  ['a short sale with a limit below the market', { side: 'sell', type: 'limit', limitPrice: '95', exits: short }],
] as const satisfies readonly [string, Partial<OrderIntent>][])(
  'I12 %s counts at what it trades at',
  async (_, terms) => {
    const world = await openWorld({ instruments: [...tradedHere, acme], allowShorts: true }, tenth)
    await world.price('ACME', '100')
    expect(await world.order({ symbol: 'ACME', quantity: '123', ...terms })).toMatchObject({
      status: 'denied',
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'MAX_POSITION', value: '12300', limit: '12200' }),
      ]),
    })
    expect(await world.order({ symbol: 'ACME', quantity: '121', ...terms })).toMatchObject({ status: 'submitted' })
    const worth = world.kernel.portfolio().positions.map(({ marketValue }) => Math.abs(Number(marketValue)))
    expect(worth).toEqual([12_100])
  },
)

test('I11 a buy stop below the market sets aside what it will cost', async () => {
  const world = await openWorld({ instruments: [...tradedHere, acme] }, { reservationBufferFraction: 0 })
  await world.price('ACME', '100')
  expect(
    await world.order({ symbol: 'ACME', side: 'buy', quantity: '1001', type: 'stop', stopPrice: '95', exits: long }),
  ).toMatchObject({
    status: 'denied',
    findings: [expect.objectContaining({ code: 'NOTIONAL_EXCEEDS_FREE_BALANCE' })],
  })
})
