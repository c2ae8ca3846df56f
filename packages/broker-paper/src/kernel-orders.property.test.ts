import { decimal, decimalText, verifyBooks, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openWorld, tradedHere, type World } from './kernel-on-paper.test-support.js'
import { act, carryOut, type Memory, passDay, priceOf, reborn, step, symbols } from './order-steps.test-support.js'

async function atVenue(world: World): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await world.venue.balances()).map(({ asset, total }) => [asset, total]))
}

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

type KnownOrder = {
  readonly header: {
    readonly orderId: string
    readonly request: { readonly clientOrderId: string; readonly type: string; readonly timeInForce: string }
  }
  readonly state: { readonly status: string; readonly filledQuantity: string }
}

/** Or never sent, since a permit that nobody used is given back with the next assessment; or lost before it was, of which nobody may ever know. */
const ended: ReadonlySet<string> = new Set([
  'filled',
  'canceled',
  'expired',
  'rejected',
  'denied',
  'permitted',
  'unknown',
])

function ordersOf(world: World): readonly KnownOrder[] {
  return (JSON.parse(world.kernel.snapshot()) as { readonly orders: readonly KnownOrder[] }).orders
}

/** All is cancelled, and the venue has a few quiet days. */
async function comeToRest(world: World, memory: Memory): Promise<void> {
  world.die()
  await world.restart()
  await world.kernel.unfreeze({ ...act, secret: '' }).catch(() => undefined)
  for (const { header } of ordersOf(world)) await world.kernel.cancel(header.orderId, 'the end').catch(() => undefined)
  for (let round = 0; round < 3; round += 1) {
    await passDay(world, memory, round, 3)
    for (const each of symbols) await world.price(each, priceOf(each, round))
  }
  // What is on its way arrives.
  for (let wait = 0; wait < 3; wait += 1) await world.price('BTC-SWAP', priceOf('BTC-SWAP', 2))
  await world.kernel.reconcile()
  await world.kernel.settled()
}

test('I01 I07 I18 I20 I21 I23 whatever is ordered, for whatever time, tied together, worked, amended, halted, busted or corrected, through any crash: books and venue agree', async () => {
  const executed = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 8, maxLength: 60, size: 'max' }),
      fc.constantFrom('currency' as const, 'bought' as const),
      fc.constantFrom(0, 0, 1_500),
      fc.constantFrom(undefined, '0.2'),
      async (steps, chargedIn, latencyMs, maximumVolumeFraction) => {
        const bound = maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction }
        const fees = { basisPoints: '7', chargedIn }
        const world = await openWorld(
          { fees, latencyMs, contractLeverage: '5', allowShorts: true, ...bound },
          { contractLeverage: 5, allowShorts: true },
        )
        const memory: Memory = { orderIds: [], intentIds: [], day: 0 }
        for (const [index, each] of steps.entries()) {
          await carryOut(world, each, memory, index)
          if (!world.isKilled()) continue
          world.die(index % 3)
          await reborn(world, index)
        }
        await comeToRest(world, memory)
        expect(inBooks(world)).toEqual(await atVenue(world))
        expect(world.kernel.tradingState().reasons.filter((reason) => reason.includes('books'))).toEqual([])
        expect(world.kernel.externalOrders()).toEqual([])
        const entries = world.entries().filter(({ kind }) => kind === 'ledger')
        const booked = entries.map(({ payload }) => (payload as { entry: unknown }).entry)
        expect(verifyBooks(booked)).toMatchObject({ ok: true })
        expect(world.rebuilt()).toBe(world.kernel.snapshot())
        for (const { total, free, locked } of Object.values(world.kernel.portfolio().cash))
          expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
        const orders = ordersOf(world)
        const resting = orders.filter(({ state }) => !ended.has(state.status))
        const atVenueNow = (await world.venue.openOrders()).map(({ clientOrderId }) => clientOrderId)
        expect(resting.map(({ header }) => header.request.clientOrderId).sort()).toEqual(atVenueNow.sort())
        for (const { header, state } of orders) {
          if (state.filledQuantity === '0') continue
          executed.add(header.request.type).add(header.request.timeInForce)
        }
      },
    ),
    { numRuns: 60 },
  )
  for (const kind of ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop'])
    expect(executed, `executed: ${[...executed].join()}`).toContain(kind)
  for (const time of ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'])
    expect(executed, `executed: ${[...executed].join()}`).toContain(time)
}, 120_000)
