import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFakeAlpaca } from '../alpaca/create-fake-alpaca.js'
import { createFakeOkx } from '../okx/create-fake-okx.js'

const instant = Date.UTC(2026, 0, 5, 15)

/** What may stand anywhere in a body: most of it is right somewhere, and wrong elsewhere. */
const value = fc.oneof(
  fc.constantFrom<unknown>('12.50', '0', '-1', '1e9', '', 'x', '9'.repeat(50), instant, -1, 0, 1.5, 1e300, true, null),
  fc.constantFrom<unknown>('2026-01-05', '2026-02-30', 'open', '1d', '1D', [], {}, [['1', '2']], [['1']], [[1, 2]]),
  fc.constantFrom<unknown>('AAPL', 'BTC/USD', 'BTC-USDT', 'BTC-USDT-SWAP', 'ZZZ', 'INT', 'FILL', 'USD', 'hang', 'cut'),
)

const right: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  quote: { time: instant, bid: '10', ask: '11', bidSize: '5', askSize: '5' },
  trade: { time: instant, price: '10', quantity: '3' },
  open: { time: instant, price: '10', sessionDate: '2026-01-05' },
  bar: {
    timeframe: '1d',
    sessionDate: '2026-01-05',
    start: instant,
    time: instant,
    open: '10',
    high: '12',
    low: '9',
    close: '11',
    volume: '100',
  },
  dividend: { sessionDate: '2026-01-05', time: instant, amountPerUnit: '0.2', currency: 'USD' },
  split: { sessionDate: '2026-01-05', time: instant, numerator: 2, denominator: 1 },
  funding: { time: instant, rate: '0.0001', price: '10' },
  session: { phase: 'open', calendar: 'us-equity', sessionDate: '2026-01-05', time: instant },
}

/** An event that is right but for a field or two: missing, of another kind, or one that there is not. */
const event = fc
  .record({
    type: fc.oneof(fc.constantFrom(...Object.keys(right)), fc.constantFrom<unknown>('quot', '__proto__', 5, undefined)),
    symbol: fc.constantFrom<unknown>('AAPL', 'BTC/USD', 'BTC-USDT', 'BTC-USDT-SWAP', 'ZZZ', 7, undefined),
    without: fc.option(fc.constantFrom('time', 'bid', 'ask', 'price', 'sessionDate', 'volume', 'start', 'numerator')),
    other: fc.dictionary(
      fc.constantFrom('time', 'bid', 'ask', 'price', 'quantity', 'bidSize', 'close', 'rate', 'denominator', 'bdi'),
      value,
      { maxKeys: 2 },
    ),
  })
  .map(({ type, symbol, without, other }) => {
    const body: Record<string, unknown> = { type, ...(type === 'session' ? {} : { symbol }), ...right[String(type)] }
    if (without !== null) delete body[without]
    return { ...body, ...other }
  })

const anything = fc.dictionary(
  fc.constantFrom(
    'type',
    'symbol',
    'instId',
    'bids',
    'asks',
    'netAmount',
    'kind',
    'on',
    'times',
    'status',
    'maintenance',
  ),
  value,
)

const posted = fc.oneof(
  event.map((body) => ['market', JSON.stringify(body)] as const),
  fc.tuple(
    fc.constantFrom('market', 'faults', 'conditions', 'book', 'pay', 'endDay', 'nowhere'),
    fc.oneof(
      anything.map((body) => JSON.stringify(body)),
      fc.constantFrom('', 'x', '{}', '[]', 'null', '5', '{"type":', '[{"type":"quote"}]'),
    ),
  ),
)

describe.each([
  ['Alpaca', createFakeAlpaca],
  ['OKX', createFakeOkx],
] as const)('the double of %s', (_, create) => {
  test('takes or refuses whatever is posted to it, and lives on', async () => {
    const fake = await create()
    onTestFinished(() => fake.close())
    await fc.assert(
      fc.asyncProperty(posted, async ([name, body]) => {
        const answer = await fetch(`${fake.url}/fake/${name}`, { method: 'POST', body })
        expect([204, 404, 422], await answer.text()).toContain(answer.status)
        expect((await fetch(`${fake.url}/fake/orders`)).status).toBe(200)
      }),
      { numRuns: 600 },
    )
  })

  test.each([
    ['market', { type: 'quote', symbol: 'BTC', bid: '1', ask: '2' }, 'there is no BTC'],
    ['market', {}, 'market.emit: type is undefined; it must be one of session, open, bar'],
    ['market', { type: 'quot' }, 'market.emit: type is "quot"; did you mean quote?'],
    ['faults', {}, 'there is no fault of the kind undefined'],
  ])('%s: %j is refused with its code', async (name, body, message) => {
    const fake = await create()
    onTestFinished(() => fake.close())
    const answer = await fetch(`${fake.url}/fake/${name}`, { method: 'POST', body: JSON.stringify(body) })
    expect([answer.status, await answer.json()]).toEqual([
      422,
      { code: 'INVALID_OPTION', message: expect.stringContaining(message) },
    ])
  })

  test('refuses a body that is no JSON object', async () => {
    const fake = await create()
    onTestFinished(() => fake.close())
    const answer = await fetch(`${fake.url}/fake/market`, { method: 'POST', body: 'x' })
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('the body is no JSON object')])
  })
})
