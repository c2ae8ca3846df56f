import { decimal, decimalText, verifyBooks, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openWorld, tradedHere, type World } from './kernel-on-paper.test-support.js'

const symbol = fc.constantFrom(...tradedHere.map((instrument) => instrument.symbol))
const perpetual = fc.constantFrom('BTC-SWAP', 'SAP-SWAP')
const side = fc.constantFrom<'buy' | 'sell'>('buy', 'sell')
const usual: Readonly<Record<string, number>> = { 'BTC-SWAP': 30_000, SAP: 200, 'SAP-SWAP': 200, 'EUR-USD': 1.1 }
/** Tenths of a per cent off the usual price. */
const change = fc.integer({ min: -60, max: 60 })

type Step =
  | {
      readonly do: 'order'
      readonly symbol: string
      readonly side: 'buy' | 'sell'
      readonly quantity: number
      readonly limit: boolean
    }
  | { readonly do: 'price'; readonly symbol: string; readonly change: number }
  | { readonly do: 'funding'; readonly symbol: string; readonly rate: number; readonly change: number }
  | { readonly do: 'bust' }
  | { readonly do: 'convert'; readonly quantity: number }
  | { readonly do: 'kill'; readonly awaits: number }
  | { readonly do: 'die'; readonly lost: number }
  | { readonly do: 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      symbol,
      side,
      quantity: fc.integer({ min: 1, max: 60 }),
      limit: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('price' as const), symbol, change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('funding' as const),
      symbol: perpetual,
      rate: fc.integer({ min: -75, max: 75 }),
      change,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bust' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('convert' as const), quantity: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), awaits: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), lost: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'restart' }) },
)

const priceOf = (name: string, tenths: number): string =>
  ((usual[name] ?? 1) * (1 + tenths / 1_000)).toFixed(name === 'EUR-USD' ? 4 : 1)

async function carryOut(world: World, each: Step, done: number): Promise<void> {
  switch (each.do) {
    case 'order': {
      const { do: _, limit, quantity, ...order } = each
      const terms = limit ? { type: 'limit' as const, limitPrice: priceOf(order.symbol, 0) } : {}
      const exits =
        order.side === 'buy'
          ? { stopPrice: priceOf(order.symbol, -40), targetPrice: priceOf(order.symbol, 40), maximumSessions: 5 }
          : { stopPrice: priceOf(order.symbol, 40), targetPrice: priceOf(order.symbol, -40), maximumSessions: 5 }
      await world.order({ ...order, ...terms, quantity: String(quantity), ...(done % 2 === 0 ? { exits } : {}) })
      return
    }
    case 'price':
      return world.price(each.symbol, priceOf(each.symbol, each.change))
    case 'funding': {
      const rate = `${each.rate < 0 ? '-' : ''}0.${String(Math.abs(each.rate)).padStart(6, '0')}`
      return world.funding(each.symbol, rate, priceOf(each.symbol, each.change))
    }
    case 'bust': {
      const last = ((await world.venue.executions?.(0)) ?? []).findLast(({ change }) => change?.type !== 'busted')
      if (last === undefined || world.isKilled()) return
      await world.venue.bust(last.execution.tradeId)
      await world.attempt(() => world.kernel.settled())
      return
    }
    case 'convert': {
      const act = { operator: 'ann', reason: 'for euros' }
      const conversion = { eventId: `c${done}`, symbol: 'EUR-USD', quantity: String(each.quantity) }
      await world.attempt(() => world.kernel.book({ type: 'conversion', ...conversion }, act).catch(() => undefined))
      return
    }
    case 'kill':
      world.killIn(each.awaits)
      return
    case 'die':
      world.die(each.lost)
      return
    case 'restart':
      world.die()
      return world.restart()
  }
}

/** What the venue holds, by asset. */
async function atVenue(world: World): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await world.venue.balances()).map(({ asset, total }) => [asset, total]))
}

/** The same by the books: cash of each currency and units of each symbol. */
function inBooks(world: World): Readonly<Record<string, string>> {
  const { cash, positions } = world.kernel.portfolio()
  const sums = new Map(Object.entries(cash).map(([asset, { total }]) => [asset, decimal(total)]))
  for (const { symbol: held, quantity } of positions) {
    const asset = tradedHere.find((instrument) => instrument.symbol === held)?.asset ?? held
    sums.set(asset, (sums.get(asset) ?? zero).plus(decimal(quantity)))
  }
  return Object.fromEntries(
    [...sums].filter(([, total]) => !total.isZero()).map(([asset, total]) => [asset, decimalText(total)]),
  )
}

const cent = { basisPoints: '0' }

test('I07 I18 I21 I24 contracts, funding and several currencies: books and venue agree to the last digit, through every crash', async () => {
  let killed = 0
  let contracts = 0
  let funded = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 24 }),
      fc.constantFrom('0', '5', '7.5'),
      fc.boolean(),
      async (steps, basisPoints, tellsMovements) => {
        const world = await openWorld(
          { fees: { basisPoints }, slippage: cent, contractLeverage: '5' },
          { contractLeverage: 5 },
          tellsMovements,
        )
        for (const [index, each] of steps.entries()) {
          await carryOut(world, each, index)
          if (world.isKilled() && each.do !== 'die') {
            killed += 1
            // A killed kernel stays away for the next few steps, which the venue goes on with.
            if (index % 3 > 0) await world.price('BTC-SWAP', priceOf('BTC-SWAP', (index % 7) - 3))
            world.die(index % 3)
            await world.restart()
          }
        }
        world.die()
        await world.restart()
        for (const [name, tenths] of [
          ['BTC-SWAP', 1],
          ['SAP', 2],
          ['SAP-SWAP', 3],
          ['EUR-USD', 0],
        ] as const)
          await world.price(name, priceOf(name, tenths))
        await world.kernel.reconcile()
        await world.kernel.settled()
        expect(inBooks(world)).toEqual(await atVenue(world))
        expect(world.kernel.tradingState().reasons.filter((reason) => reason.includes('books'))).toEqual([])
        const entries = world.entries().filter(({ kind }) => kind === 'ledger')
        const verdict = verifyBooks(entries.map(({ payload }) => (payload as { entry: unknown }).entry))
        expect(verdict).toMatchObject({ ok: true })
        expect(world.rebuilt()).toBe(world.kernel.snapshot())
        expect(await world.recaptured()).toBe(world.kernel.snapshot())
        const bookedFunding = entries.filter(
          ({ payload }) => (payload as { event: { type: string } }).event.type === 'funding',
        )
        const told = (await world.venue.movements?.(0)) ?? []
        expect(bookedFunding.length).toBe(told.length)
        funded += told.length
        contracts += world.kernel.portfolio().positions.filter(({ settlement }) => settlement === 'margin').length
        const { cash } = world.kernel.portfolio()
        for (const { total, free, locked } of Object.values(cash))
          expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
      },
    ),
    { numRuns: 120 },
  )
  expect(Math.min(killed, contracts, funded)).toBeGreaterThan(10)
}, 120_000)
