import { type BrokerDefinition, createAlwaysOpenCalendar, createUsEquityCalendar } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createTradingSwarm } from './create-trading-swarm.js'
import { defineTradingSwarm } from './define-trading-swarm.js'

const broker: BrokerDefinition = {
  name: 'none',
  account: 'paper',
  mode: 'paper',
  open: () => new Promise(() => undefined),
}
const apple = {
  symbol: 'AAPL',
  kind: 'equity',
  asset: 'AAPL',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '1',
  calendar: 'us-equity',
}
const { tickSize: _, ...gridless } = apple
const equities = createUsEquityCalendar()
const { nextSession, ...endless } = equities

function create(options: object): unknown {
  return createTradingSwarm(defineTradingSwarm({ symbols: ['AAPL'], brokers: [broker] }), {
    storage: { name: 'none', open: () => new Promise(() => undefined) },
    feed: { name: 'quiet', subscribe: () => () => undefined },
    instruments: [apple],
    ...options,
  } as never)
}

test.each<[object, string]>([
  [
    gridless,
    `instruments[1] ("AAPL"): tickSize is not given; it must be a decimal text above 0 of at most 12 decimals, such as '1'`,
  ],
  [{ ...apple, tickSize: '-0.01' }, `tickSize is "-0.01"; it must be a decimal text above 0`],
  [{ ...apple, tickSize: '0' }, 'tickSize is "0"; it must be a decimal text above 0'],
  [{ ...apple, lotSize: 1 }, 'lotSize is 1; it must be a decimal text above 0'],
  [{ ...apple, lotSize: 'NaN' }, 'lotSize is "NaN"; it must be a decimal text above 0'],
  [{ ...apple, minimumNotional: '-1' }, 'minimumNotional is "-1"; it must be a decimal text from 0'],
  [
    { ...apple, multiplier: '0.0000000000001' },
    'multiplier is "0.0000000000001"; it must be a decimal text above 0 of at most 12 decimals',
  ],
  [{ ...apple, tickSize: '0.0000000000001' }, 'tickSize is "0.0000000000001"; it must be a decimal text above 0 of at'],
  [{ ...apple, lotSize: `0.${'0'.repeat(18)}1` }, 'it must be a decimal text above 0 of at most 18 decimals'],
  [
    { ...apple, tickSize: '0.0000001', multiplier: '0.000001' },
    'multiplier is "0.000001"; it must be one that makes prices on the tick no finer than 12 decimals',
  ],
  [
    { ...apple, minimumQuantity: '10', maximumQuantity: '5' },
    'maximumQuantity is "5"; it must be no less than minimumQuantity',
  ],
  [
    { ...apple, minimumNotional: '10', maximumNotional: '5' },
    'maximumNotional is "5"; it must be no less than minimumNotional',
  ],
  [{ ...apple, symbol: '' }, 'instruments[1] (""): symbol is ""; it must be a text of 1 to 64 characters'],
  [{ ...apple, symbol: undefined }, 'instruments[1]: symbol is not given; it must be a text'],
  [
    { ...apple, kind: 'stock' },
    'kind is "stock"; it must be one of equity, index, crypto-spot, fx-spot, perpetual, future',
  ],
  [{ ...apple, calendar: 'nyse' }, 'calendar is "nyse"; it must be one of us-equity, always-open'],
  [{ ...apple, shortable: 'no' }, 'shortable is "no"; it must be true or false'],
  [{ ...apple, orderTypes: ['market', 'limt'] }, 'orderTypes.1 is "limt"; it must be one of market, limit, stop'],
  [{ ...apple, shortible: false }, 'instruments[1] ("AAPL"): has no field shortible; did you mean shortable?'],
  [null as never, 'instruments[1]: is null; it must be an instrument'],
  ['AAPL' as never, 'instruments[1]: is "AAPL"; it must be an instrument'],
])('an instrument that is none is refused on construction, with its field: %#', (instrument, message) => {
  expect(() => create({ instruments: [apple, instrument] })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})

test.each<[unknown, string]>([
  [[], 'calendars: is a list; it must be calendars by name: us-equity, always-open'],
  [{ 'us-equities': equities }, 'calendars.us-equities: there is no such calendar; did you mean us-equity?'],
  [{ 'us-equity': null }, 'calendars.us-equity is null; it must be a calendar, such as tradingCalendar('],
  [{ 'us-equity': 'open' }, 'calendars.us-equity is "open"; it must be a calendar'],
  [{ 'us-equity': endless }, 'calendars.us-equity: nextSession is not given; it must be a function'],
  [
    { 'us-equity': { ...endless, nextSesion: nextSession } },
    'nextSession is not given (did you mean it by nextSesion?)',
  ],
  [
    { 'us-equity': { ...equities, dateOf: '2026-01-01' } },
    'calendars.us-equity: dateOf is "2026-01-01"; it must be a function',
  ],
  [{ 'us-equity': createAlwaysOpenCalendar() }, 'calendars.us-equity: name is "always-open"; it must be "us-equity"'],
])('a calendar that is none is refused on construction, with its field: %#', (calendars, message) => {
  expect(() => create({ calendars })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})

test('what is sound is taken', () => {
  const whole = { ...apple, minimumQuantity: '0', maximumQuantity: '10', maximumNotional: '5', multiplier: '1' }
  const instruments = [{ ...whole, contractType: 'linear', shortable: true, orderTypes: ['market', 'oco'] }]
  expect(create({ instruments, calendars: {} })).toBeDefined()
  expect(create({ instruments: [], calendars: { 'us-equity': { ...equities, holidays: [] } } })).toBeDefined()
})

test.each([0, -1, Number.NaN, 3_600_001, '60'])('past bars are not waited for %j ms', (pastBarsTimeoutMs) => {
  expect(() => create({ pastBarsTimeoutMs: pastBarsTimeoutMs as never })).toThrow(
    /pastBarsTimeoutMs: is .*; it must be from 1 to 3600000/,
  )
})
