import { expect, test } from 'vitest'
import { acme, openWorld, tradedHere, type World } from './kernel-on-paper.test-support.js'

const operator = { operator: 'Ada', reason: 'test' }

type Risk = { readonly dayStartEquity: string; readonly peakEquity: string }

function riskOf(snapshot: string): Risk {
  return (JSON.parse(snapshot) as { risk: Risk }).risk
}

/** 100,000 dollars, and 20,000 euros at 1.1: 122,000. */
async function funded(policy: NonNullable<Parameters<typeof openWorld>[1]>): Promise<World> {
  const world = await openWorld({ instruments: [...tradedHere, acme] }, policy)
  await world.price('ACME', '100')
  return world
}

const exits = { stopPrice: '1', targetPrice: '9000', maximumSessions: 100 }

test('I15 a drawdown is measured from a peak within the session, to the cent', async () => {
  const world = await funded({ maxDrawdownFraction: 0.15 })
  await world.order({ symbol: 'ACME', side: 'buy', quantity: '900', exits })
  for (const price of ['150', '200', '175.01']) await world.price('ACME', price)
  const peak = Number(world.kernel.portfolio().equity) + 900 * (200 - 175.01)
  const limit = 200 - (0.15 * peak) / 900
  await world.price('ACME', (Math.ceil(limit * 100) / 100 + 0.01).toFixed(2))
  expect(world.kernel.tradingState().state).toBe('active')
  await world.price('ACME', (Math.floor(limit * 100) / 100).toFixed(2))
  expect(world.kernel.tradingState()).toMatchObject({
    state: 'reducing',
    reasons: [expect.stringContaining('drawdown')],
  })
  expect(Number(riskOf(world.kernel.snapshot()).peakEquity)).toBeCloseTo(peak, 6)
  expect(world.rebuilt()).toBe(world.kernel.snapshot())
})

test('I15 a peak within the session survives a restart, but for less than a hundredth of the drawdown allowed', async () => {
  const world = await funded({ maxDrawdownFraction: 0.15 })
  await world.order({ symbol: 'ACME', side: 'buy', quantity: '900', exits })
  for (let price = 100; price <= 200; price += 0.05) await world.price('ACME', price.toFixed(2))
  const peak = Number(world.kernel.portfolio().equity)
  const noted = world.entries().filter(({ payload }) => (payload as { type: string }).type === 'peak-reached').length
  expect(noted).toBeLessThan(600)
  world.die()
  await world.restart()
  const kept = Number(riskOf(world.kernel.snapshot()).peakEquity)
  expect(kept).toBeLessThanOrEqual(peak)
  expect(kept).toBeGreaterThan(peak * (1 - 0.15 / 100))
})

test('I15 a deposit hides no loss, and a withdrawal makes none: what was lost stays the same share', async () => {
  const deposited = await funded({ maxDailyLossFraction: 0.02, maxDrawdownFraction: 0.15 })
  await deposited.order({ symbol: 'ACME', side: 'buy', quantity: '100', exits })
  await deposited.price('ACME', '80')
  expect(deposited.kernel.tradingState().state).toBe('active')
  await deposited.kernel.book({ type: 'deposit', eventId: 'more', amount: '120000' }, operator)
  // With what was paid for the shares.
  expect(Number(riskOf(deposited.kernel.snapshot()).dayStartEquity)).toBeCloseTo(244_010, 0)
  await deposited.price('ACME', '72')
  expect(deposited.kernel.tradingState().state).toBe('active')
  // 4,000 below 240,000 × 122 / 120 × 2 %.
  await deposited.price('ACME', '71.2')
  expect(deposited.kernel.tradingState()).toMatchObject({
    state: 'reducing',
    reasons: [expect.stringContaining("the day's loss")],
  })
  expect(deposited.rebuilt()).toBe(deposited.kernel.snapshot())

  const withdrawn = await funded({ maxDailyLossFraction: 0.02, maxDrawdownFraction: 0.15 })
  await withdrawn.kernel.book({ type: 'withdrawal', eventId: 'rent', amount: '30000' }, operator)
  await withdrawn.kernel.book({ type: 'transfer', eventId: 'elsewhere', amount: '-30000' }, operator)
  await withdrawn.price('ACME', '100')
  expect(withdrawn.kernel.tradingState().state).toBe('active')
  expect(riskOf(withdrawn.kernel.snapshot())).toMatchObject({ dayStartEquity: '62000', peakEquity: '62000' })
  // Told once more it changes nothing.
  await withdrawn.kernel.book({ type: 'withdrawal', eventId: 'rent', amount: '30000' }, operator)
  expect(riskOf(withdrawn.kernel.snapshot())).toMatchObject({ dayStartEquity: '62000' })
})

test('I15 money in another currency, and a position that is adopted, are no gain', async () => {
  const world = await funded({ maxDailyLossFraction: 0.02 })
  await world.kernel.book({ type: 'deposit', eventId: 'euros', amount: '10000', currency: 'EUR' }, operator)
  expect(riskOf(world.kernel.snapshot())).toMatchObject({ dayStartEquity: '133000', peakEquity: '133000' })
  const balances = world.venue.balances.bind(world.venue)
  world.venue.balances = async () => [...(await balances()), { asset: 'ACME', total: '100' }]
  await world.kernel.adopt({ symbol: 'ACME', price: '60' }, operator)
  expect(riskOf(world.kernel.snapshot()).dayStartEquity).toBe('143000')
  await world.price('ACME', '71')
  expect(world.kernel.tradingState().reasons.join()).toContain("the day's loss")
  expect(world.rebuilt()).toBe(world.kernel.snapshot())
})
