import { createSeededRandom } from '@tradeswarm/core'
import {
  createFakeOkx,
  type FakeOkx,
  type FakeOkxFault,
  type FakeOkxInstrument,
  type FakeOkxOptions,
} from '@tradeswarm/testing/fakes'
import { decimal, decimalText, type MarketEvent } from '@tradeswarm/trading'
import { expect } from 'vitest'
import { stopLater } from './fake-account.test-support.js'
import { beginLife, calendar, type OkxLife, tellMarket } from './kernel-life.test-support.js'

type OrderRecord = {
  readonly header: { readonly request: { readonly clientOrderId: string } }
  readonly state: { readonly revisions?: Readonly<Record<string, unknown>> }
}

export const symbols = ['AAA-USD', 'BBB-USD'] as const
export const first = calendar.nextSession(Date.UTC(2024, 0, 10, 12))
export const second = calendar.nextSession(first.open)

/** The orders at a fake without its algo orders: each that was placed, or that an algo order became. */
export const plainOrders = (fake: FakeOkx): readonly Readonly<Record<string, unknown>>[] =>
  fake.orders().filter(({ accFillSz }) => accFillSz !== undefined)

/** What a run trades, on an account of 100,000. */
export type CrashMarket = {
  readonly symbols: readonly [string, ...string[]]
  readonly currency: string
  readonly instruments: readonly FakeOkxInstrument[]
  readonly fees: Pick<FakeOkxOptions, 'makerBasisPoints' | 'takerBasisPoints'>
  /** What each has stood at before, by symbol. */
  readonly prices: Readonly<Record<string, string>>
  /** What the margin of swaps is taken from; `cross` where it is left out. */
  readonly marginMode?: 'cross' | 'isolated'
  /** What a balance of a symbol is called. */
  assetOf(symbol: string): string
}

/** Coins on a grid of whole units, at no fee. */
const coins: CrashMarket = {
  symbols,
  currency: 'USD',
  instruments: symbols.map((instId) => ({ instId, tickSz: '0.01', lotSz: '1', minSz: '1' })),
  fees: { makerBasisPoints: '0', takerBasisPoints: '0' },
  prices: Object.fromEntries(symbols.map((symbol) => [symbol, '100'])),
  assetOf: (symbol) => symbol.slice(0, 3),
}

class World {
  now = first.open - 1_000_000

  async start({ instruments, currency, fees }: CrashMarket, bounds: CrashRun['bounds'] = {}): Promise<FakeOkx> {
    const fake = await createFakeOkx({
      instruments: instruments.map((one) => ({ ...one, ...bounds })),
      cash: { [currency]: '100000' },
      ...fees,
      clock: { now: () => this.now },
      rateMultiplier: 1_000,
      connectionsPerSecond: 1_000,
      random: createSeededRandom(3),
    })
    stopLater(() => fake.close())
    return fake
  }
}

export const session = (phase: 'pre-open' | 'open' | 'close', of: typeof first, time: number): MarketEvent => ({
  type: 'session',
  phase,
  calendar: 'always-open',
  sessionDate: of.date,
  time,
})
export const opening = (symbol: string, of: typeof first, price: string): MarketEvent => ({
  type: 'open',
  symbol,
  sessionDate: of.date,
  time: of.open,
  price,
})
export const quote = (symbol: string, time: number, bid: string, ask: string): MarketEvent => ({
  type: 'quote',
  symbol,
  time,
  bid,
  ask,
})
const bar = (symbol: string, of: typeof first, price: string): MarketEvent => ({
  type: 'bar',
  symbol,
  timeframe: '1d',
  sessionDate: of.date,
  start: of.open,
  time: of.close,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '1000000',
})

/** What everything stands at, or each symbol by itself. */
type Prices = string | Readonly<Record<string, string>>

const priced = (prices: Prices): readonly (readonly [symbol: string, price: string])[] =>
  typeof prices === 'string' ? symbols.map((symbol) => [symbol, prices]) : Object.entries(prices)

export const beginning = (day: typeof first, prices: Prices): readonly MarketEvent[] => [
  session('pre-open', day, day.open),
  session('open', day, day.open),
  ...priced(prices).map(([symbol, price]) => opening(symbol, day, price)),
]
export const end = (day: typeof first, prices: Prices): readonly MarketEvent[] => [
  ...priced(prices).map(([symbol, price]) => bar(symbol, day, price)),
  session('close', day, day.close),
]

/** Some days at what everything stands at, so that prices are known. */
async function warmUp(world: World, fake: FakeOkx, life: OkxLife, prices: Prices): Promise<void> {
  for (
    let day = calendar.previousSession(first.open - 2 * 86_400_000);
    day.open < first.open;
    day = calendar.nextSession(day.open)
  )
    for (const event of [...beginning(day, prices), ...end(day, prices)]) {
      world.now = event.time
      await fake.market.emit(event)
      await life.kernel.onMarket(event)
    }
}

/** Something that is done with a kernel in the course of a program. */
export type Act = (life: OkxLife) => Promise<unknown>

const ordersOf = ({ kernel }: OkxLife): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const idsOf = ({ header, state }: OrderRecord): readonly string[] => [
  header.request.clientOrderId,
  ...Object.keys(state.revisions ?? {}),
]

/** No order of the venue's is unknown to the books, and no order of ours is there twice. */
async function noneTwice(life: OkxLife, fake: FakeOkx): Promise<void> {
  const orders = ordersOf(life)
  const known = new Set(orders.flatMap(idsOf))
  for (const { clOrdId, algoClOrdId } of fake.orders()) expect(known).toContain(algoClOrdId || clOrdId)
  const live = ((await life.broker()?.openOrders()) ?? []).map(({ clientOrderId }) => clientOrderId)
  for (const id of live) expect(known).toContain(id)
  for (const order of orders) expect(live.filter((id) => idsOf(order).includes(id)).length).toBeLessThanOrEqual(1)
}

/** What is held and what there is of cash is the same in the books and at the venue, to the last digit. */
export async function booksAgree(life: OkxLife, { symbols: traded, currency, assetOf }: CrashMarket): Promise<void> {
  const { positions, cash } = life.kernel.portfolio()
  const balances = (await life.broker()?.balances()) ?? []
  const at = (asset: string): string => balances.find((one) => one.asset === asset)?.total ?? '0'
  for (const symbol of traded)
    expect(positions.find((one) => one.symbol === symbol)?.quantity ?? '0', symbol).toBe(at(assetOf(symbol)))
  expect(decimalText(decimal(String(cash[currency]?.total)))).toBe(at(currency))
}

export type CrashRun = {
  readonly program: readonly (MarketEvent | Act)[]
  readonly faults: readonly FakeOkxFault[]
  readonly outcomeWaitsMs: readonly number[]
  /** At which await the first life ends. */
  readonly crashAt: number
  /** What AAA is quoted at when everything has been done; below its stop where that is left out. */
  readonly leavesAt?: readonly [bid: string, ask: string]
  /** The most that the venue takes as one order; plenty where it is left out. */
  readonly bounds?: Pick<FakeOkxInstrument, 'maxLmtSz' | 'maxMktSz'>
  /** What is traded; coins where it is left out. */
  readonly market?: CrashMarket
  /** What everything is quoted at when everything has been done; by `leavesAt` where it is left out. */
  readonly settlesAt?: readonly (readonly [symbol: string, bid: string, ask: string])[]
  /** Looks at what it came to; `isCrashed` where the first life has ended. */
  readonly look?: (life: OkxLife, fake: FakeOkx, isCrashed: boolean) => Promise<void> | void
}

/** Runs a program to the end, with a death at the given await, and looks at books and venue; answers whether it came to that. */
export async function runWithCrash(run: CrashRun): Promise<boolean> {
  const { program, faults, outcomeWaitsMs, crashAt, leavesAt = ['94', '94.1'], market = coins, look } = run
  const settlesAt = run.settlesAt ?? [
    ['AAA-USD', ...leavesAt],
    ['BBB-USD', '99.9', '100'],
  ]
  const world = new World()
  const fake = await world.start(market, run.bounds)
  let isCrashed = false
  const fate = { left: -1, onDeath: () => (isCrashed = true) }
  const { symbols: traded, currency, marginMode = 'cross' } = market
  const common = { fake, now: () => world.now, outcomeWaitsMs, symbols: traded, currency, marginMode }
  let life = await beginLife({ ...common, number: 1, history: [], fate })
  await warmUp(world, fake, life, market.prices)
  for (const fault of faults) fake.fail(fault)
  fate.left = crashAt
  for (const step of program) {
    if (typeof step === 'function') {
      // A later life knows nothing of an order that the one before it had no time to make.
      const act = step(life).catch((thrown: unknown) => {
        if (!isCrashed) throw thrown
      })
      await life.orDeath(act)
      await life.quiet()
    } else {
      world.now = Math.max(world.now, step.time)
      await tellMarket(fake, life, step)
    }
    if (!life.isDead()) await noneTwice(life, fake)
    else if (life.broker() !== undefined) {
      const history = life.survived()
      await life.end()
      life = await beginLife({ ...common, number: 2, history, fate: { left: -1, onDeath: () => undefined } })
      await noneTwice(life, fake)
    }
  }
  // What has not died by now lives on.
  fate.left = -1
  fake.heal()
  for (let count = 0; count < 6; count += 1) {
    world.now += 60_000
    for (const [symbol, bid, ask] of settlesAt) await tellMarket(fake, life, quote(symbol, world.now, bid, ask))
    await life.kernel.reconcile()
    await life.quiet()
  }
  await noneTwice(life, fake)
  await booksAgree(life, market)
  await look?.(life, fake, isCrashed)
  expect(life.kernel.externalOrders()).toEqual([])
  await life.end()
  await fake.close()
  return isCrashed
}
