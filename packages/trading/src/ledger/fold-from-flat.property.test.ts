import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger, restoreLedger } from './ledger.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
import { baseCurrency, lotMethod } from './ledger-events.test-support.js'

const step = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('trade' as const) },
    { weight: 1, arbitrary: fc.constantFrom('bust' as const, 'correction' as const, 'split' as const) },
    { weight: 2, arbitrary: fc.constant('forget' as const) },
  ),
  of: fc.nat(),
  quantity: fc.integer({ min: 1, max: 3 }),
  price: fc.integer({ min: 1, max: 500 }),
  leaves: fc.boolean(),
})

/** Round trips, most of them from flat to flat, some of which are taken back or changed later. */
const steps = fc.array(step, { minLength: 20, maxLength: 90, size: 'max' })

test('I23 what is folded from a place where nothing was held is what a walk over all of the history comes to', () => {
  fc.assert(
    fc.property(steps, lotMethod, (list, lots) => {
      const ledger = createLedger({ currency: baseCurrency, lots })
      const fills: FillEvent[] = []
      let held = 0
      for (const [time, { kind, of, quantity, price, leaves }] of list.entries()) {
        const target = fills[of % Math.max(1, fills.length)]
        if (kind === 'forget') {
          // Books that were restored know of no such place: they walk over all of it.
          const walked = restoreLedger(JSON.parse(JSON.stringify(ledger.snapshot())))
          const before = Math.max(0, time - (of % 30))
          expect(ledger.forgetBefore(before)).toBe(walked.forgetBefore(before))
          expect(canonicalJson(ledger.snapshot())).toBe(canonicalJson(walked.snapshot()))
          continue
        }
        if (kind !== 'trade') {
          if (target !== undefined) attempt(() => ledger.apply(changeOf(target, kind, time, price)))
          held = Number(ledger.quantity('AAPL'))
          continue
        }
        const units = leaves && Number.isInteger(held) && held !== 0 ? -held : quantity
        const fill = fillOf(time, units, price)
        fills.push(fill)
        ledger.apply(fill)
        held = Number(ledger.quantity('AAPL'))
      }
    }),
  )
})

function fillOf(time: number, units: number, price: number): FillEvent {
  return {
    type: 'fill',
    eventId: `event-${time}`,
    time,
    account: 'paper',
    symbol: 'AAPL',
    asset: 'AAPL',
    tradeId: `trade-${time}`,
    orderId: `order-${time}`,
    side: units > 0 ? 'buy' : 'sell',
    quantity: String(Math.abs(units)),
    price: String(price),
    fee: '0.25',
    feeCurrency: time % 7 === 0 ? 'EUR' : baseCurrency,
  }
}

function changeOf(
  { account, symbol, tradeId, quantity }: FillEvent,
  kind: 'bust' | 'correction' | 'split',
  time: number,
  price: number,
): LedgerEvent {
  const base = { eventId: `event-${time}`, time, symbol }
  if (kind === 'split') return { ...base, type: 'split', numerator: 2, denominator: 1 }
  if (kind === 'bust') return { ...base, type: 'bust', account, tradeId }
  return { ...base, type: 'correction', account, tradeId, quantity, price: String(price), fee: '0', feeCurrency: 'USD' }
}

/** What was folded takes neither busts nor corrections any more. */
function attempt(apply: () => unknown): void {
  try {
    apply()
  } catch {
    return
  }
}
