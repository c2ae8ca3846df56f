import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'

// Where the venue's own descriptions lie; they are not part of the repository.
const folder = join(process.env['TRADESWARM_DATA'] ?? 'nowhere', 'captures')

type Node = Readonly<Record<string, unknown>>
const load = (name: string): Node | undefined => {
  const file = join(folder, 'alpaca', name)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Node) : undefined
}
const trading = load('trading-api.openapi.json')
const data = load('market-data-api.openapi.json')

const at = (root: Node | undefined, ...path: readonly string[]): Node =>
  path.reduce<Node>((node, part) => {
    const next = (node[part] ?? {}) as Node
    const reference = next['$ref']
    return typeof reference === 'string' ? at(root, ...reference.slice(2).split('/')) : next
  }, root ?? {})

/** Options, which the fake does not have, and swaps. */
const left = /^(ratio_qty|avg_entry_swap_rate|prev_swap_rate|swap_rate|usd|expires_at)$/

/** Every field of the sample is there, with a value of the same type; null and a text stand for one another, as in the venue's own answers. */
function expectShape(actual: unknown, sample: unknown, where: string): void {
  if (Array.isArray(sample)) {
    expect(Array.isArray(actual), where).toBe(true)
    const [first] = actual as readonly unknown[]
    if (sample.length > 0 && first !== undefined) expectShape(first, sample[0], `${where}[0]`)
    return
  }
  if (typeof sample !== 'object' || sample === null) {
    if (sample !== null && actual !== null) expect(typeof actual, where).toBe(typeof sample)
    return
  }
  const object = actual as Node
  for (const [field, value] of Object.entries(sample)) {
    if (left.test(field)) continue
    expect(Object.keys(object), `${where}: ${field}`).toContain(field)
    expectShape(object[field], value, `${where}.${field}`)
  }
}

/** Every field that the schema requires, and each of its fields with the type that it names. */
function expectSchema(actual: Node, schema: Node, where: string): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Node>>
  for (const field of (schema['required'] ?? []) as readonly string[])
    expect(Object.keys(actual), `${where}: ${field}`).toContain(field)
  for (const [field, value] of Object.entries(actual)) {
    const type = properties[field]?.['type']
    if (type === undefined || value === null) continue
    const actualType = Array.isArray(value) ? 'array' : typeof value
    expect(actualType, `${where}.${field}`).toBe(type === 'integer' ? 'number' : type)
  }
}

describe.runIf(trading !== undefined && data !== undefined)('the fake answers as Alpaca does', () => {
  let fake: FakeAlpaca
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const text = await (await fetch(`${fake.url}${path}`, { method, headers, ...init })).text()
    return text === '' ? undefined : JSON.parse(text)
  }
  const order = (fields: Node): Promise<unknown> =>
    ask('POST', '/v2/orders', {
      symbol: 'AAPL',
      side: 'buy',
      type: 'market',
      time_in_force: 'day',
      qty: '3',
      ...fields,
    })
  const schema = (name: string): Node => at(trading, 'components', 'schemas', name)
  const sample = (name: string): Node => at(trading, 'components', 'examples', name, 'value')
  const first = (list: unknown): Node => (list as readonly Node[])[0] ?? {}

  beforeEach(async () => {
    fake = await createFakeAlpaca()
    await fake.market.quote('AAPL', '99.9', '100.1')
    await fake.market.trade('AAPL', '100', '25')
    await fake.book('BTC/USD', [['49990', '1']], [['50010', '0.5']])
    await fake.market.trade('BTC/USD', '50000', '0.5')
  })
  afterEach(() => fake.close())

  it('orders of equities and crypto, new, replaced and filled', async () => {
    const limit = { type: 'limit', limit_price: '90', time_in_force: 'gtc' }
    const placed = (await order(limit)) as Node
    expectShape(placed, sample('EquityOrderResponse'), 'order')
    expectShape(
      await order({ ...limit, symbol: 'BTC/USD', qty: '0.02', limit_price: '2100' }),
      sample('CryptoOrderResponse'),
      'crypto order',
    )
    const replaced = await ask('PATCH', `/v2/orders/${String(placed['id'])}`, { qty: '4' })
    expectShape(replaced, sample('EquityOrderResponse'), 'replaced order')
    await order({})
    for (const one of (await ask('GET', '/v2/orders?status=all')) as readonly Node[]) {
      expectSchema(one, schema('Order'), 'order')
      expect(at(trading, 'components', 'schemas', 'OrderStatus')['enum']).toContain(one['status'])
    }
  })

  it('account, positions, assets, activities, clock and calendar', async () => {
    await order({})
    const account = (await ask('GET', '/v2/account')) as Node
    const path = ['paths', '/v2/account', 'get', 'responses', '200', 'content', 'application/json', 'example']
    expectShape(account, at(trading, ...path), 'account')
    expectSchema(account, schema('Account'), 'account')
    const position = first(await ask('GET', '/v2/positions'))
    expectSchema(position, schema('Position'), 'position')
    for (const one of Object.values(schema('Position')['x-examples'] ?? {})) expectShape(position, one, 'position')
    for (const query of ['', '?asset_class=crypto'])
      expectSchema(first(await ask('GET', `/v2/assets${query}`)), schema('Assets'), 'asset')
    const fill = first(await ask('GET', '/v2/account/activities/FILL'))
    for (const one of Object.values(schema('TradingActivities')['x-examples'] ?? {})) expectShape(fill, one, 'fill')
    const clock = (await ask('GET', '/v2/clock')) as Node
    expectSchema(clock, schema('legacy_clock'), 'clock')
    expect(clock['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[45]:00$/)
    const day = first(await ask('GET', '/v2/calendar?start=2026-03-02&end=2026-03-06'))
    expectSchema(day, schema('legacy_calendar_day'), 'day')
    expect(Object.keys(day)).toEqual(
      expect.arrayContaining(Object.keys(schema('legacy_calendar_day')['properties'] ?? {})),
    )
  })

  it('activities that are no trades', async () => {
    await fake.pay({ type: 'DIV', subType: 'CDIV', symbol: 'AAPL', netAmount: '1.02' })
    const activity = first(await ask('GET', '/v2/account/activities?category=non_trade_activity'))
    expectSchema(activity, schema('NonTradeActivities'), 'activity')
    const ofActivities = ['components', 'schemas', 'NonTradeActivities'] as const
    const { per_share_amount: _, qty: __, ...sample } = at(trading, ...ofActivities, 'x-examples', 'example-1')
    expectShape(activity, sample, 'activity')
  })

  it('cancelled orders and closed positions', async () => {
    await order({})
    await order({ type: 'limit', limit_price: '90' })
    expectSchema(first(await ask('DELETE', '/v2/orders')), schema('CanceledOrderResponse'), 'cancelled order')
    // Until it is gone, the sale would be a trade with oneself.
    await expect.poll(() => fake.underWay).toBe(0)
    const closed = first(await ask('DELETE', '/v2/positions'))
    expectSchema(closed, schema('PositionClosedReponse'), 'closed position')
    const examples = Object.values(schema('PositionClosedReponse')['x-examples'] ?? {})
    if (examples.length > 0) expectShape(closed, examples[0], 'closed position')
  })

  it.each([
    ['/v2/stocks/bars', '?symbols=AAPL&timeframe=1Min', 'bars'],
    ['/v2/stocks/quotes', '?symbols=AAPL', 'quotes'],
    ['/v2/stocks/trades', '?symbols=AAPL', 'trades'],
    ['/v2/stocks/quotes/latest', '?symbols=AAPL', 'quotes'],
    ['/v2/stocks/trades/latest', '?symbols=AAPL', 'trades'],
    ['/v2/stocks/bars/latest', '?symbols=AAPL', 'bars'],
    ['/v1beta3/crypto/{loc}/bars', '?symbols=BTC/USD&timeframe=1Min', 'bars'],
    ['/v1beta3/crypto/{loc}/quotes', '?symbols=BTC/USD', 'quotes'],
    ['/v1beta3/crypto/{loc}/trades', '?symbols=BTC/USD', 'trades'],
    ['/v1beta3/crypto/{loc}/latest/quotes', '?symbols=BTC/USD', 'quotes'],
    ['/v1beta3/crypto/{loc}/latest/orderbooks', '?symbols=BTC/USD', 'orderbooks'],
  ])('market data: %s', async (path, query, kind) => {
    const examples = at(data, 'paths', path, 'get', 'responses', '200', 'content', 'application/json', 'examples')
    const answered = (await ask('GET', `${path.replace('{loc}', 'us')}${query}`)) as Node
    const rows = Object.values(answered[kind] as Node)[0]
    const wanted = Object.values(examples).flatMap((one) => {
      const example = (one as Node)['$ref'] === undefined ? (one as Node) : resolve(one as Node)
      return Object.values(((example['value'] as Node)[kind] ?? {}) as Node)
    })
    expect(wanted.length).toBeGreaterThan(0)
    expect(rows).toBeDefined()
    for (const one of wanted) expectShape(rows, one, path)
    if (!path.includes('latest')) expect(answered).toHaveProperty('next_page_token')
  })

  const resolve = (reference: Node): Node => at(data, ...String(reference['$ref']).slice(2).split('/'))
})

test('what is asked of a path that is none is answered with 404', async () => {
  const fake = await createFakeAlpaca()
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const answer = await fetch(`${fake.url}/v2/nothing`, { headers })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('X-Request-ID')).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.headers.get('X-RateLimit-Remaining')).toBe('199')
  await fake.close()
})
