import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger } from './ledger.js'
import { baseCurrency, historyArbitrary, isFill, lotMethod } from './ledger-events.test-support.js'

test('I23 a fill that is taken back leaves the books as if it had never come, and may come again', () => {
  fc.assert(
    fc.property(historyArbitrary(), lotMethod, fc.nat(), (events, lots, at) => {
      const [one, other] = [
        createLedger({ currency: baseCurrency, lots }),
        createLedger({ currency: baseCurrency, lots }),
      ]
      const fills = events.filter(isFill)
      const taken = fills[at % Math.max(1, fills.length)]
      for (const event of events) {
        if (event === taken) {
          const before = canonicalJson(one.snapshot())
          if (applied(() => one.apply(event).status === 'applied')) one.takeBack(event)
          expect(canonicalJson(one.snapshot())).toBe(before)
        }
        expect(applied(() => one.apply(event).status === 'applied')).toBe(
          applied(() => other.apply(event).status === 'applied'),
        )
      }
      expect(canonicalJson(one.snapshot())).toBe(canonicalJson(other.snapshot()))
    }),
  )
})

test('what was not booked last is not taken back', () => {
  const ledger = createLedger({ currency: 'USD' })
  const fill = {
    type: 'fill',
    account: 'paper',
    tradeId: 't1',
    symbol: 'AAPL',
    asset: 'AAPL',
    orderId: 'order-1',
    side: 'buy',
    price: '10',
    quantity: '1',
    fee: '0',
    feeCurrency: 'USD',
    eventId: 'event-1',
    time: 1,
  } as const
  ledger.apply(fill)
  ledger.apply({ ...fill, eventId: 'event-2', tradeId: 't2' })
  expect(() => ledger.takeBack(fill)).toThrow(expect.objectContaining({ code: 'INVALID_LEDGER_EVENT' }))
})

function applied(apply: () => boolean): boolean {
  try {
    return apply()
  } catch {
    return false
  }
}
