import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expiryFault } from './intent-fault.js'
import { parseBySchema, parseIntent } from './parse-intent.js'
import { readIntent } from './read-intent.js'

const sound = {
  intentId: 'i1',
  account: 'a',
  agent: 'trader',
  strategy: 's',
  symbol: 'BTC-USDT',
  side: 'buy',
  type: 'market',
  quantity: '10',
  timeInForce: 'day',
  decidedAt: 0,
  causationId: 'c',
  correlationId: 'k',
}
const plan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }
const limit = { type: 'limit', limitPrice: '100' }

test.each<[string, object]>([
  ['market', {}],
  ['limit, post-only', { ...limit, postOnly: true, timeInForce: 'gtc' }],
  ['reduce-only', { side: 'sell', reduceOnly: true }],
  ['stop', { type: 'stop', stopPrice: '90' }],
  ['stop-limit', { type: 'stop-limit', stopPrice: '90', limitPrice: '89' }],
  ['trailing by an amount', { type: 'trailing-stop', trailAmount: '2' }],
  ['trailing by a fraction, from a level', { type: 'trailing-stop', trailFraction: '0.05', stopPrice: '90' }],
  ['good till a date', { ...limit, timeInForce: 'gtd', expiresAt: 1 }],
  ['fill or kill', { ...limit, timeInForce: 'fok' }],
  ['in the opening auction', { timeInForce: 'at-open' }],
  ['limit in the closing auction', { ...limit, timeInForce: 'at-close' }],
  ['an amount to be spent', { sizedIn: 'quote', quantity: '100.5' }],
  ['with a plan that trails and breaks even', { exits: { ...plan, trailAmount: '3', breakEvenPrice: '105' } }],
  ['one cancels other', { contingency: { type: 'one-cancels-other', group: 'g' } }],
  ['one triggers other', { contingency: { type: 'one-triggers-other', intentId: 'i0' } }],
])('an intent is read whole: %s', (_, fields) => {
  const intent = { ...sound, ...fields }
  expect(parseIntent(intent)).toEqual({ status: 'sound', intent })
  // What is there and undefined is as good as left out.
  expect(parseIntent({ limitPrice: undefined, ...intent })).toEqual({ status: 'sound', intent })
})

const gtd = { ...limit, timeInForce: 'gtd', expiresAt: 9 }
test.each<[string, string, object]>([
  ['postOnyl', 'postOnly', { ...limit, postOnyl: true }],
  ['sizedin', 'sizedIn', { sizedin: 'quote' }],
  ['exection', 'execution', { exection: { style: 'now' } }],
  ['contingncy', 'contingency', { contingncy: { type: 'one-cancels-other', group: 'g' } }],
  ['quantty', 'quantity', { quantity: undefined, quantty: '9' }],
  ['exits.trailAmunt', 'trailAmount', { exits: { ...plan, trailAmunt: '3' } }],
  ['exits.maximumSession', 'maximumSessions', { exits: { stopPrice: '1', targetPrice: '2', maximumSession: 5 } }],
  ['contingency.grup', 'group', { contingency: { type: 'one-cancels-other', group: 'g', grup: 'g' } }],
  ['contingency.typ', 'type', { contingency: { typ: 'one-cancels-other', group: 'g' } }],
  ['execution.slice', 'slices', { ...gtd, execution: { style: 'twap', slices: 2, slice: 3 } }],
  ['execution.styl', 'style', { ...gtd, execution: { styl: 'now' } }],
])('a misspelt field is refused, with the nearest that there is: %s', (field, nearest, fields) => {
  const message = expect.stringContaining(`${field}: there is no such field; did you mean ${nearest}?`)
  const given = { ...sound, ...fields }
  expect(parseIntent(given)).toMatchObject({ status: 'malformed', finding: { code: 'INVALID_INTENT', message } })
  expect(readIntent(given)).toBeUndefined()
})

test('a field of another form of the same object is refused', () => {
  const contingency = { type: 'one-cancels-other', group: 'g', intentId: 'i0' }
  expect(parseIntent({ ...sound, contingency })).toMatchObject({
    finding: { code: 'INVALID_INTENT', message: expect.stringContaining('contingency.intentId') },
  })
  expect(parseIntent({ ...sound, ...gtd, execution: { style: 'now', slices: 2 } })).toMatchObject({
    finding: { code: 'INVALID_INTENT', message: expect.stringContaining('execution.slices') },
  })
})

test('a plan that does not say how long it holds is told so, not that it has no stop', () => {
  const { maximumSessions: _, ...short } = plan
  expect(parseIntent({ ...sound, exits: short })).toMatchObject({
    finding: { code: 'INVALID_INTENT', message: expect.stringContaining('exits.maximumSessions: it is required') },
  })
  expect(parseIntent({ ...sound, exits: { ...short, stopPrice: undefined } })).toMatchObject({
    finding: { code: 'MISSING_PROTECTIVE_STOP', message: expect.stringContaining('exits.stopPrice: it is required') },
  })
})

test.each<[string, string, object]>([
  ['UNSUPPORTED_ORDER_TYPE', 'limitPrice', { type: 'limit' }],
  ['UNSUPPORTED_ORDER_TYPE', 'limitPrice', { limitPrice: '5' }],
  ['UNSUPPORTED_ORDER_TYPE', 'stopPrice', { type: 'stop' }],
  ['UNSUPPORTED_ORDER_TYPE', 'stopPrice', { ...limit, stopPrice: '5' }],
  ['UNSUPPORTED_ORDER_TYPE', 'limitPrice', { type: 'stop-limit', stopPrice: '5' }],
  ['UNSUPPORTED_ORDER_TYPE', 'stopPrice', { type: 'stop-limit', limitPrice: '5' }],
  ['UNSUPPORTED_ORDER_TYPE', 'trailAmount', { ...limit, trailAmount: '1' }],
  ['UNSUPPORTED_ORDER_TYPE', 'trailFraction', { trailFraction: '0.1' }],
  ['PRICE_PRECISION', 'trailAmount', { type: 'trailing-stop' }],
  ['PRICE_PRECISION', 'trailAmount', { type: 'trailing-stop', trailAmount: '1', trailFraction: '0.1' }],
  ['PRICE_PRECISION', 'trailAmount', { type: 'trailing-stop', trailAmount: '0' }],
  ['PRICE_PRECISION', 'trailAmount', { type: 'trailing-stop', trailAmount: '-1' }],
  ['PRICE_PRECISION', 'trailFraction', { type: 'trailing-stop', trailFraction: '1' }],
  ['PRICE_PRECISION', 'trailAmount', { type: 'trailing-stop', trailAmount: 'NaN' }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'expiresAt', { ...limit, timeInForce: 'gtd' }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'expiresAt', { ...limit, expiresAt: 5 }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'expiresAt', { ...limit, timeInForce: 'gtd', expiresAt: Number.NaN }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'expiresAt', { ...limit, timeInForce: 'gtd', expiresAt: Number.POSITIVE_INFINITY }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'timeInForce', { type: 'stop', stopPrice: '5', timeInForce: 'fok' }],
  ['UNSUPPORTED_TIME_IN_FORCE', 'timeInForce', { type: 'trailing-stop', trailAmount: '5', timeInForce: 'at-open' }],
  ['UNSUPPORTED_ORDER_TYPE', 'postOnly', { postOnly: true }],
  ['UNSUPPORTED_ORDER_TYPE', 'postOnly', { ...limit, postOnly: false }],
  ...['ioc', 'fok', 'at-open', 'at-close'].map((timeInForce): [string, string, object] => [
    'UNSUPPORTED_ORDER_TYPE',
    'postOnly',
    { ...limit, postOnly: true, timeInForce },
  ]),
  ['QUANTITY_PRECISION', 'sizedIn', { sizedIn: 'quote', type: 'stop', stopPrice: '5' }],
  ['QUANTITY_PRECISION', 'sizedIn', { sizedIn: 'base' }],
  ['QUANTITY_PRECISION', 'quantity', { quantity: '1e309' }],
  ['QUANTITY_PRECISION', 'quantity', { quantity: `0.${'1'.repeat(31)}` }],
  ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: 'ВTC-USDT' }],
  ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: 'BTC USDT' }],
  ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: 'ＡＡＰＬ' }],
  ['INSTRUMENT_NOT_FOUND', 'symbol', { symbol: 'AAPL\u200b' }],
  ['MISSING_PROTECTIVE_STOP', 'exits.trailAmount', { exits: { ...plan, trailAmount: '1', trailFraction: '0.1' } }],
  ['MISSING_PROTECTIVE_STOP', 'exits.trailFraction', { exits: { ...plan, trailFraction: '-0.1' } }],
  ['MISSING_PROTECTIVE_STOP', 'exits.breakEvenPrice', { exits: { ...plan, breakEvenPrice: '94' } }],
  ['MISSING_PROTECTIVE_STOP', 'exits.breakEvenPrice', { side: 'sell', exits: { ...plan, breakEvenPrice: '96' } }],
  ['INVALID_INTENT', 'contingency', { contingency: { type: 'if-touched' } }],
  ['INVALID_INTENT', 'contingency.intentId', { contingency: { type: 'one-triggers-other', intentId: 'i1' } }],
])('%s: %s', (code, field, fields) => {
  expect(parseIntent({ ...sound, ...fields })).toMatchObject({
    status: 'malformed',
    finding: { code, message: expect.stringContaining(field) },
  })
})

test('whatever it is given, it answers, and what it lets in has plain amounts', () => {
  const anyField = fc.constantFrom(
    ...Object.keys(sound),
    'limitPrice',
    'stopPrice',
    'exits',
    'contingency',
    'expiresAt',
  )
  const changes = fc.dictionary(anyField, fc.oneof(fc.anything(), fc.constantFrom('1e309', '-1', '5', 'NaN', 'limit')))
  fc.assert(
    fc.property(changes, (fields) => {
      const parsed = parseIntent({ ...sound, ...fields })
      if (parsed.status === 'malformed') expect(JSON.stringify(parsed.finding).length).toBeLessThan(1_000)
      else expect(parsed.intent.quantity).toMatch(/^-?\d+(\.\d+)?$/)
    }),
    { numRuns: 500 },
  )
})

test('the quick way to read an intent takes what the schema takes, and makes the same of it', () => {
  const amount = fc.constantFrom(
    '5',
    '0005.50',
    '-1',
    '-0',
    '',
    '.5',
    '1e3',
    'NaN',
    5,
    '9'.repeat(31),
    `0.${'3'.repeat(30)}`,
  )
  const text = fc.constantFrom('x', '', 'a b', 'BTC\u200b', 'y'.repeat(33), 'y'.repeat(257), 7, null)
  const whole = fc.constantFrom(0, 1, 5, 1_001, -1, 1.5, Number.NaN, 2 ** 53, '5')
  const anyPlan = fc.record(
    { stopPrice: amount, targetPrice: amount, maximumSessions: whole, trailAmount: amount, breakEvenPrice: amount },
    { requiredKeys: [] },
  )
  const changes = fc.record(
    {
      intentId: text,
      account: text,
      agent: text,
      symbol: text,
      side: fc.constantFrom('buy', 'sell', 'hold'),
      type: fc.constantFrom('market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'peg'),
      quantity: amount,
      sizedIn: fc.constantFrom('quote', 'units', undefined),
      limitPrice: amount,
      stopPrice: amount,
      trailAmount: amount,
      trailFraction: amount,
      timeInForce: fc.constantFrom('day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close', 'later'),
      expiresAt: whole,
      postOnly: fc.constantFrom(true, false, undefined),
      reduceOnly: fc.constantFrom(true, false, undefined),
      exits: fc.oneof(
        anyPlan,
        anyPlan.map((fields) => ({ ...plan, ...fields })),
        fc.constantFrom([], null, 'none'),
      ),
      contingency: fc.constantFrom({ type: 'one-cancels-other', group: 'g' }, { type: 'one-triggers-other' }, null),
      execution: fc.constantFrom({ style: 'now' }, { style: 'pegged' }, undefined, null),
      decidedAt: whole,
    },
    { requiredKeys: [] },
  )
  let sounds = 0
  fc.assert(
    fc.property(changes, fc.subarray(Object.keys(sound), { maxLength: 1 }), (fields, missing) => {
      const kept = Object.entries(fields).filter(([key], index) => index < 3 || key === missing[0])
      const given = { ...sound, ...Object.fromEntries(kept) }
      const known = parseBySchema(given)
      expect(parseIntent(given)).toEqual(known)
      if (known.status !== 'sound') return
      sounds += 1
      const { execution, reduceOnly } = known.intent
      // How an order is worked, and that it may only reduce, is read by the schema alone.
      const isRead = execution === undefined && reduceOnly === undefined
      expect(readIntent(given)).toEqual(isRead ? known.intent : undefined)
    }),
    { numRuns: 3_000 },
  )
  expect(sounds).toBeGreaterThan(100)
})

test('a date that has passed is a fault only at the time of asking', () => {
  const terms = { ...sound, ...limit, side: 'buy', timeInForce: 'gtd', expiresAt: 1_000 } as const
  const gtd = { ...terms, type: 'limit' } as const
  expect(expiryFault(gtd, 999)).toBeUndefined()
  expect(expiryFault(gtd, 1_000)).toMatchObject({ code: 'UNSUPPORTED_TIME_IN_FORCE', field: 'expiresAt' })
})
