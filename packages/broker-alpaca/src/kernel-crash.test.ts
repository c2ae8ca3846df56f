import { createSeededRandom } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeAlpaca, type FakeFault } from '@tradeswarm/testing/fakes'
import { decimal, decimalText, type MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { type AlpacaLife, beginLife, calendar, tellMarket } from './kernel-life.test-support.js'

afterEach(stopAll)

type OrderRecord = {
  readonly header: { readonly request: { readonly clientOrderId: string; readonly quantity: string } }
  readonly state: { readonly filledQuantity: string; readonly revisions?: Readonly<Record<string, unknown>> }
}

const first = calendar.nextSession(Date.UTC(2024, 0, 10))

class World {
  now = first.open - 1_000_000
  readonly clock = createManualFeed({ startTime: this.now })
  fake: FakeAlpaca | undefined

  async start(fractionable: boolean): Promise<FakeAlpaca> {
    this.fake = await createFakeAlpaca({
      assets: ['AAA', 'BBB'].map((symbol) => ({ symbol, fractionable })),
      clock: { now: () => this.now },
      requestsPerMinute: 1_000_000,
      random: createSeededRandom(3),
    })
    const { fake } = this
    stopLater(() => fake.close())
    return fake
  }
}

const session = (phase: 'pre-open' | 'open' | 'close', of: typeof first, time: number): MarketEvent => ({
  type: 'session',
  phase,
  calendar: 'us-equity',
  sessionDate: of.date,
  time,
})
const opening = (symbol: string, of: typeof first, price: string): MarketEvent => ({
  type: 'open',
  symbol,
  sessionDate: of.date,
  time: of.open,
  price,
})
const quote = (symbol: string, time: number): MarketEvent => ({
  type: 'quote',
  symbol,
  time,
  bid: '99.9',
  ask: '100.1',
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

/** Some sessions at 100, so that prices are known. */
async function warmUp(world: World, fake: FakeAlpaca, life: AlpacaLife): Promise<void> {
  for (
    let day = calendar.previousSession(first.open - 3 * 86_400_000);
    day.open < first.open;
    day = calendar.nextSession(day.close)
  )
    for (const event of dayOf(day, '100')) {
      world.now = event.time
      await fake.market.emit(event)
      await life.kernel.onMarket(event)
    }
}

const dayOf = (day: typeof first, price: string): readonly MarketEvent[] => [
  session('pre-open', day, day.open - 900_000),
  session('open', day, day.open),
  ...['AAA', 'BBB'].map((symbol) => opening(symbol, day, price)),
  ...['AAA', 'BBB'].map((symbol) => bar(symbol, day, price)),
  session('close', day, day.close),
]

type Sweep = {
  /** What goes wrong with the first requests, and with those from the exits on. */
  readonly faults?: readonly FakeFault[]
  readonly faultsOfExits?: readonly FakeFault[]
  /** The open of the second session: at the stop or at the target. */
  readonly leavesAt?: string
  readonly entry?: Entry
}

type Act = (life: AlpacaLife) => Promise<unknown>
type Entry = Parameters<AlpacaLife['enter']>[0]

/** A position entered, protected and left at the open of the second session, by stop or target, and an order that is amended and cancelled. */
function program({
  fake,
  faultsOfExits = [],
  leavesAt = '94',
  entry = {},
}: Sweep & { fake: FakeAlpaca }): readonly (MarketEvent | Act)[] {
  const second = calendar.nextSession(first.close)
  let resting: string | undefined
  const terms = { symbol: 'BBB', type: 'limit', limitPrice: '97', timeInForce: 'gtc', quantity: '20' } as const
  return [
    session('pre-open', first, first.open - 900_000),
    (life) => life.enter(entry),
    async () => {
      for (const fault of faultsOfExits) fake.fail(fault)
    },
    session('open', first, first.open),
    opening('AAA', first, '100'),
    opening('BBB', first, '100'),
    // What is for the day ends with the session in which it met a price.
    ...(entry.sizedIn === undefined ? [] : [quote('AAA', first.open + 60_000)]),
    async (life) => {
      resting = await life.enter({ ...terms, exits: { stopPrice: '92', targetPrice: '110', maximumSessions: 5 } })
    },
    (life) => life.kernel.amend(resting ?? '', { quantity: '25' }, 'test'),
    (life) => life.kernel.cancel(resting ?? '', 'test'),
    bar('AAA', first, '100'),
    bar('BBB', first, '100'),
    session('close', first, first.close),
    session('pre-open', second, second.open - 900_000),
    session('open', second, second.open),
    opening('AAA', second, leavesAt),
    opening('BBB', second, '100'),
  ]
}

const ordersOf = ({ kernel }: AlpacaLife): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const idsOf = ({ header, state }: OrderRecord): readonly string[] => [
  header.request.clientOrderId,
  ...Object.keys(state.revisions ?? {}),
]

/** No order of the venue's is unknown to the books, and no order of ours is there twice. */
function noneTwice(life: AlpacaLife, fake: FakeAlpaca): void {
  const orders = ordersOf(life)
  const known = new Set(orders.flatMap(idsOf))
  const isStop = (order: Readonly<Record<string, unknown>>): boolean =>
    order['order_class'] === 'oco' && order['type'] !== 'limit'
  // The stop of a pair goes by an id of the venue's, and there is one for each of our targets.
  const targets = fake.orders().filter((order) => order['order_class'] === 'oco' && !isStop(order))
  expect(fake.orders().filter(isStop).length).toBe(targets.length)
  const ours = fake.orders().filter((order) => !isStop(order))
  const held = new Map(ours.map((order) => [order['client_order_id'] as string, order]))
  for (const id of held.keys()) expect(known).toContain(id)
  const over = ['filled', 'canceled', 'expired', 'rejected', 'replaced']
  for (const order of orders) {
    const mine = idsOf(order)
      .map((id) => held.get(id))
      .filter((one) => one !== undefined)
    expect(mine.filter(({ status }) => !over.includes(status as string)).length).toBeLessThanOrEqual(1)
  }
}

async function booksAgree(life: AlpacaLife): Promise<void> {
  const { positions, cash } = life.kernel.portfolio()
  const balances = (await life.broker()?.balances()) ?? []
  const at = (asset: string): string => balances.find((one) => one.asset === asset)?.total ?? '0'
  for (const symbol of ['AAA', 'BBB'])
    expect(positions.find((one) => one.symbol === symbol)?.quantity ?? '0', symbol).toBe(at(symbol))
  expect(decimalText(decimal(String(cash.USD?.total)))).toBe(at('USD'))
}

/** Runs the program to the end, with a death at the given await; answers how many awaits there were. */
async function run(crashAt: number, sweep: Sweep): Promise<boolean> {
  const { faults = [], faultsOfExits = [], leavesAt = '94', entry = {} } = sweep
  const world = new World()
  const fractionalShares = entry.sizedIn !== undefined
  const fake = await world.start(fractionalShares)
  let isCrashed = false
  const fate = { left: -1, onDeath: () => (isCrashed = true) }
  const common = { fake, now: () => world.now, fractionalShares }
  let life = await beginLife({ ...common, number: 1, history: [], fate })
  await warmUp(world, fake, life)
  for (const fault of faults) fake.fail(fault)
  fate.left = crashAt
  for (const step of program({ ...sweep, fake })) {
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
    if (!life.isDead()) noneTwice(life, fake)
    else if (life.broker() !== undefined) {
      const history = life.survived()
      await life.end()
      life = await beginLife({ ...common, number: 2, history, fate: { left: -1, onDeath: () => undefined } })
      noneTwice(life, fake)
    }
  }
  // What has not died by now lives on.
  fate.left = -1
  fake.heal()
  const last = calendar.nextSession(first.close)
  for (let count = 0; count < 6; count += 1) {
    world.now += 60_000
    await tellMarket(fake, life, { ...opening('AAA', last, leavesAt), time: world.now })
    await tellMarket(fake, life, { ...opening('BBB', last, '100'), time: world.now })
    await life.kernel.reconcile()
    await life.quiet()
  }
  noneTwice(life, fake)
  await booksAgree(life)
  // The entry, its target and its stop, the order that rests, and what its amendment has made of it. Of parts of a share a stop rests alone,
  // ends with each session, and another one follows.
  if (!isCrashed && faults.length + faultsOfExits.length === 0) expect(fake.orders().length).toBe(5)
  expect(life.kernel.externalOrders()).toEqual([])
  await life.end()
  await fake.close()
  return isCrashed
}

const sweeps: readonly (readonly [name: string, sweep: Sweep])[] = [
  ['nothing else fails', {}],
  ['the answer to the first order is lost', { faults: [{ kind: 'cut', when: 'after', on: 'POST /v2/orders' }] }],
  ['the first order is lost', { faults: [{ kind: 'cut', on: 'POST /v2/orders' }] }],
  [
    'the answer to the amendment is lost',
    { faults: [{ kind: 'status', status: 504, when: 'after', on: 'PATCH /v2/orders' }] },
  ],
  [
    'the answer to the exits is lost, and the target is reached',
    { faultsOfExits: [{ kind: 'cut', when: 'after', on: 'POST /v2/orders' }], leavesAt: '111' },
  ],
  ['the exits are lost', { faultsOfExits: [{ kind: 'cut', on: 'POST /v2/orders' }] }],
]

describe('I07 a kernel over Alpaca that dies at any step leaves no order twice and none unknown', () => {
  it.each(sweeps)(
    'where %s',
    async (_name, sweep) => {
      let crashes = 0
      for (let crashAt = 1; await run(crashAt, sweep); crashAt += 1) crashes += 1
      expect(crashes).toBeGreaterThan(15)
    },
    300_000,
  )

  it('where the entry is for an amount, and its stop of parts of a share for the day', async () => {
    const entry = { quantity: '5025.01', sizedIn: 'quote' } as const
    let crashes = 0
    for (let crashAt = 1; await run(crashAt, { entry }); crashAt += 1) crashes += 1
    expect(crashes).toBeGreaterThan(15)
  }, 300_000)
})
