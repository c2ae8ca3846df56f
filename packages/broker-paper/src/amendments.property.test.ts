import { decimal, decimalText, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bookkeep, fillsOf, type Outcome, play, requestOf, scriptWithAmendments } from './venue-script.test-support.js'

const costs = { cash: '10000', fees: { basisPoints: '25', minimum: '1' }, slippage: { basisPoints: '10' } }

test('I43 I20 amendments leave cash and holdings what the fills add up to, and set aside what open orders need', async () => {
  let amended = 0
  await fc.assert(
    fc.asyncProperty(scriptWithAmendments, fc.boolean(), async (sessions, isThin) => {
      const outcome = await play(sessions, isThin ? { ...costs, maximumVolumeFraction: '0.1' } : costs, async (now) => {
        const { cash, held } = bookkeep(now, '10000')
        for (const [asset, total] of [['USD', cash], ...Object.entries(held)] as const) {
          expect(await now.bench.balance(asset)).toBe(decimalText(total))
          expect(total.gte(zero)).toBe(true)
        }
        await checkLocked(now)
      })
      amended += outcome.bench.events.filter((event) => event.type === 'replaced').length
    }),
    { numRuns: 120 },
  )
  expect(amended).toBeGreaterThan(100)
})

/** Nothing is locked without an open order, and what sales have set aside is exactly what they still offer. */
async function checkLocked({ bench, placed }: Outcome): Promise<void> {
  const open = await bench.broker.openOrders()
  for (const { asset, total, free, locked } of bench.operator.holdings()) {
    expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
    if (open.length === 0) expect(locked).toBe('0')
    if (asset === 'USD') continue
    const sales = open.filter(({ clientOrderId, symbol }) => {
      const request = placed.get(clientOrderId)?.request
      return symbol === asset && request?.side === 'sell' && !request.reduceOnly
    })
    if (sales.some(({ clientOrderId }) => placed.get(clientOrderId)?.request.sizedIn === 'quote')) continue
    const offered = sales.reduce(
      (sum, { quantity, filledQuantity }) => sum.plus(decimal(quantity)).minus(decimal(filledQuantity)),
      zero,
    )
    expect(locked).toBe(decimalText(offered))
  }
}

test('I41 over a chain of amendments the fills never exceed the size that was last permitted, and are counted once', async () => {
  await fc.assert(
    fc.asyncProperty(scriptWithAmendments, async (sessions) => {
      const { bench, placed } = await play(sessions, { ...costs, maximumVolumeFraction: '0.05' })
      // A word about an id that the venue never heard of has none.
      const venueOrderIds = new Set(bench.events.map((event) => event.venueOrderId).filter((one) => one !== ''))
      for (const venueOrderId of venueOrderIds) {
        const about = bench.events.filter((event) => event.venueOrderId === venueOrderId)
        const last = about.at(-1)?.clientOrderId ?? ''
        const current = about.findLast((event) => event.type === 'replaced')
        const id = current?.type === 'replaced' ? current.by : last
        const known = await bench.broker.order(id)
        if (known === undefined || placed.get(id)?.request.sizedIn === 'quote') continue
        const filled = fillsOf(about).reduce((sum, event) => sum.plus(decimal(event.execution.quantity)), zero)
        expect(known.filledQuantity).toBe(decimalText(filled))
        expect(filled.lte(decimal(known.quantity))).toBe(true)
        const lastWords = about.filter((event) => ['rejected', 'canceled', 'expired'].includes(event.type)).length
        expect(lastWords).toBe(known.status === 'open' || known.status === 'filled' ? 0 : 1)
      }
    }),
    { numRuns: 80 },
  )
})

test('I32 an amended order is filled by no price from before its amendment, unless it only got smaller', async () => {
  let fills = 0
  await fc.assert(
    fc.asyncProperty(scriptWithAmendments, async (sessions) => {
      const outcome = await play(sessions, { cash: '50000' })
      for (const event of fillsOf(outcome.bench.events)) {
        const { request, at } = requestOf(outcome, event)
        if (request.reduceOnly || request.timeInForce === 'at-close') continue
        expect(event.execution.referenceTime).toBeGreaterThan(at)
        fills += 1
      }
    }),
    { numRuns: 120 },
  )
  expect(fills).toBeGreaterThan(200)
})
