import { expect, test } from 'vitest'
import { okxErrors } from './okx-error.js'
import { PlacementDesk, type PlacementDeskParts } from './placement-desk.js'

test('a stop that is past its level, and whose time is over before it can be sent as an order, is refused', async () => {
  let now = 1_000
  const refused: unknown[] = []
  const desk = new PlacementDesk({
    settings: { requestLifetimeMs: 1_000, outcomeWaitsMs: [], connection: { clock: { now: () => now } } },
    client: {
      submitAlgo: async () => {
        now = 2_000
        throw okxErrors.refused({ status: 200, venueCode: '51280', message: 'past it', details: {} }, 'POST')
      },
    },
    book: { listing: () => ({ isSwap: false }) },
    refusals: { order: async (request: unknown, why: unknown) => void refused.push([request, why]) },
    clock: { now: () => now },
    venueNow: () => now,
    noteSetOff: () => undefined,
    expectSize: () => undefined,
  } as unknown as PlacementDeskParts)
  const stop = {
    account: 'okx',
    clientOrderId: 'one',
    symbol: 'BTC-USDT',
    side: 'sell',
    type: 'stop-limit',
    quantity: '1',
    stopPrice: '100',
    limitPrice: '99',
    timeInForce: 'gtd',
    expiresAt: 2_000,
    reduceOnly: true,
  } as const
  await desk.place(stop)
  expect(refused).toMatchObject([[{ clientOrderId: 'one' }, { code: 'INVALID_ORDER', message: /expiresAt/ }]])
})
