import { createSeededRandom } from '@tradeswarm/core'
import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'

const order = fc.record({
  kind: fc.constant('order' as const),
  swap: fc.boolean(),
  isolated: fc.boolean(),
  side: fc.constantFrom('buy', 'sell'),
  ordType: fc.constantFrom('market', 'limit', 'limit', 'post_only', 'ioc', 'fok'),
  px: fc.integer({ min: 90, max: 110 }).map(String),
  sz: fc.integer({ min: 1, max: 40 }).map(String),
})
const price = fc.record({
  kind: fc.constant('price' as const),
  swap: fc.boolean(),
  bid: fc.integer({ min: 92, max: 107 }),
  size: fc.integer({ min: 1, max: 30 }).map(String),
  isTrade: fc.boolean(),
})
const change = fc.record({
  kind: fc.constantFrom('cancel' as const, 'amend' as const, 'funding' as const, 'lever' as const),
  pick: fc.nat({ max: 30 }),
  px: fc.integer({ min: 90, max: 110 }).map(String),
  sz: fc.integer({ min: 1, max: 40 }).map(String),
})
type Step = typeof order | typeof price | typeof change extends fc.Arbitrary<infer Value> ? Value : never
const step: fc.Arbitrary<Step> = fc.oneof(order, price, change)

const nameOf = (swap: boolean): string => (swap ? 'BTC-USDT-SWAP' : 'BTC-USDT')

async function carryOut(one: Step, fake: FakeOkx, client: OkxClient): Promise<void> {
  if (one.kind === 'order') {
    const { swap, isolated, side, ordType, px, sz } = one
    const isMarket = ordType === 'market'
    const target = isMarket && !swap ? { tgtCcy: 'base_ccy' } : {}
    const instId = nameOf(swap)
    await client.place({
      instId,
      tdMode: swap ? (isolated ? 'isolated' : 'cross') : 'cash',
      side,
      ordType,
      px: isMarket ? '' : px,
      sz,
      ...target,
    })
  } else if (one.kind === 'price') {
    const { swap, bid, size, isTrade } = one
    if (isTrade) await fake.market.trade(nameOf(swap), String(bid), size)
    else await fake.market.quote(nameOf(swap), String(bid), String(bid + 1), { bidSize: size, askSize: size })
  } else if (one.kind === 'funding') {
    const time = fake.market.now()
    await fake.market.emit({ type: 'funding', symbol: nameOf(true), time, rate: '0.0001', price: one.px })
  } else if (one.kind === 'lever') {
    const lever = { instId: nameOf(true), mgnMode: 'isolated', lever: String(1 + (one.pick % 7)) }
    await client.post('account/set-leverage', lever)
  } else {
    const { ordId, instId } = fake.orders()[one.pick] ?? {}
    const named = { instId: instId ?? 'BTC-USDT', ordId: ordId ?? '1' }
    if (one.kind === 'cancel') await client.post('trade/cancel-order', named)
    else await client.post('trade/amend-order', { ...named, newPx: one.px, newSz: one.sz })
  }
}

const sum = (rows: readonly Node[], field: string): Decimal =>
  rows.reduce((total: Decimal, row) => total.plus(decimal(row[field] as string)), zero)
const rows = async (client: OkxClient, target: string): Promise<readonly Node[]> => {
  const all: Node[] = []
  for (let after = ''; ; ) {
    const { data } = await client.get(`${target}${target.includes('?') ? '&' : '?'}limit=7${after}`)
    all.push(...data)
    if (data.length < 7) return all
    after = `&after=${String(data.at(-1)?.['billId'])}`
  }
}

/**
 * What is held is what there was and what was billed, and so is what is set aside; an order has filled what its fills say; positions are the sum
 * of theirs, each margin mode by itself.
 */
async function expectBooks(fake: FakeOkx, client: OkxClient, cash: Readonly<Record<string, string>>): Promise<void> {
  const [bills, fills] = [await rows(client, 'account/bills'), await rows(client, 'trade/fills')]
  const [balance = {}] = (await client.get('account/balance')).data
  const details = balance['details'] as readonly Node[]
  for (const [ccy, start] of Object.entries(cash)) {
    const held = details.find((one) => one['ccy'] === ccy)?.['cashBal'] ?? '0'
    const billed = sum(
      bills.filter((one) => one['ccy'] === ccy),
      'balChg',
    )
    expect(decimal(start).plus(billed).toString(), ccy).toBe(decimal(held as string).toString())
  }
  for (const one of fake.orders()) {
    const own = fills.filter(({ ordId }) => ordId === one['ordId'])
    expect(sum(own, 'fillSz').toString()).toBe(decimal(one['accFillSz'] as string).toString())
    expect(sum(own, 'fee').toString()).toBe(decimal(one['fee'] as string).toString())
  }
  const positions = (await client.get('account/positions')).data
  const modeOf = new Map(fake.orders().map(({ ordId, tdMode }) => [ordId, tdMode]))
  for (const mode of ['cross', 'isolated']) {
    const position = positions.find(({ mgnMode }) => mgnMode === mode)
    const own = fills.filter(({ instType, ordId }) => instType === 'SWAP' && modeOf.get(ordId) === mode)
    const sold = own.filter(({ side }) => side === 'sell')
    expectAmount(position?.['pos'], sum(own, 'fillSz').minus(sum(sold, 'fillSz').times(two)), mode)
    const margin = position?.['margin'] === '' ? '0' : position?.['margin']
    expectAmount(
      margin,
      sum(
        bills.filter(({ mgnMode }) => mgnMode === mode),
        'posBalChg',
      ),
      mode,
    )
  }
  const money = details.find(({ ccy }) => ccy === 'USDT') ?? {}
  const setAside = decimal(money['isoEq'] as string).minus(decimal(money['isoUpl'] as string))
  expectAmount(positions.find(({ mgnMode }) => mgnMode === 'isolated')?.['margin'], setAside, 'set aside')
  const worth = decimal(money['cashBal'] as string).plus(setAside)
  expectAmount(money['eq'], worth.plus(decimal(money['upl'] as string)), 'equity')
}

const two = decimal('2')

function expectAmount(told: unknown, wanted: Decimal, what: string): void {
  expect(decimal((told as string | undefined) ?? '0').toString(), what).toBe(wanted.toString())
}

/** Each order's messages: what it has filled only grows, each trade comes once, and nothing follows its end but what it was. */
function expectStream(listener: OkxListener, fake: FakeOkx): void {
  const told = listener.heard.flatMap(({ data }) => (data ?? []) as readonly Node[])
  for (const one of fake.orders()) {
    const own = told.filter(({ ordId }) => ordId === one['ordId'])
    const filled = own.map(({ accFillSz }) => Number(accFillSz))
    expect(filled).toEqual(filled.toSorted((a, b) => a - b))
    const trades = own.map(({ tradeId }) => tradeId).filter((id) => id !== '')
    expect(new Set(trades).size).toBe(trades.length)
    expect(own.filter(({ state }) => state === 'filled' || state === 'canceled').length).toBeLessThanOrEqual(1)
    if (one['state'] !== 'live') expect(own.at(-1)).toMatchObject({ state: one['state'], accFillSz: one['accFillSz'] })
  }
}

test('whatever is traded, the books agree and the stream tells of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), fc.nat(), async (steps, seed) => {
      const cash = { USDT: '20000', BTC: '50' }
      const fake = await createFakeOkx({ cash, random: createSeededRandom(seed), rateMultiplier: 1_000 })
      const client = createOkxClient(fake)
      try {
        const listener = await client.connect('private')
        await listener.login()
        await listener.subscribe({ channel: 'orders', instType: 'ANY' })
        for (const swap of [false, true])
          await fake.market.quote(nameOf(swap), '99', '100', { bidSize: '20', askSize: '20' })
        for (const one of steps) await carryOut(one, fake, client)
        await expectBooks(fake, client, cash)
        await expect.poll(() => fake.unsent).toBe(0)
        // Whatever was sent before it has been heard when the answer comes.
        listener.send('ping')
        await listener.next(({ pong }) => pong === true)
        expectStream(listener, fake)
      } finally {
        await fake.close()
      }
    }),
    { numRuns: 25 },
  )
})
