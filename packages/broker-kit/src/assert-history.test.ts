import { expect, test } from 'vitest'
import { assertDepth, assertHistoryQuery, assertNamed, assertSymbol, historyOptions } from './assert-history.js'

const form = { isSymbol: (value: unknown) => value === 'AAPL' || value === 'MSFT', examples: '"AAPL" and "MSFT"' }
const terms = { known: [...historyOptions, 'timeframe'], form, mostRows: 300 }
const [from, to] = [Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 3)]
const query = { symbols: ['AAPL'], from, to, timeframe: '1m' }
const refusal = (message: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`market data: ${message}`) })

test.each<[object, string]>([
  [{ symbol: 'AAPL' }, 'there is no option symbol; did you mean symbols?'],
  [{ pagetoken: 'x' }, 'there is no option pagetoken; did you mean pageToken?'],
  [{ symbols: undefined }, 'symbols: it is not set; use a list of symbols such as "AAPL"'],
  [{ symbols: 'AAPL' }, 'symbols: "AAPL": use a list of symbols'],
  [{ symbols: [] }, 'symbols: name at least one, such as "AAPL"'],
  [{ symbols: ['AAPL', 'aapl'] }, 'symbols: "aapl" is none'],
  [{ from: '2024-01-02' }, 'from: "2024-01-02": use epoch milliseconds; did you mean 1704153600000'],
  [{ from: 'yesterday' }, 'from: "yesterday": use epoch milliseconds, such as Date.UTC(2024, 0, 31)'],
  [{ to: new Date(to) }, 'to: it is a Date; use epoch milliseconds; did you mean 1704240000000, which getTime() tells'],
  [{ from: from / 1_000 }, 'from: 1704153600: it is in seconds; did you mean 1704153600000?'],
  [{ to: to * 1_000 }, 'to: 1704240000000000: it is in parts of a millisecond'],
  [{ to: undefined }, 'to: it is not set; use epoch milliseconds'],
  [{ from: Number.NaN }, 'from: NaN: use epoch milliseconds'],
  [{ from: from + 0.5 }, 'from: 1704153600000.5: use epoch milliseconds'],
  [{ from: to, to: from }, 'from: 1704240000000 is after to, 1704153600000: exchange them'],
  [{ pageSize: 0 }, 'pageSize: 0: use a whole number from 1 to 300'],
  [{ pageSize: 301 }, 'pageSize: 301: use a whole number from 1 to 300'],
  [{ pageSize: '100' }, 'pageSize: "100": use a whole number'],
  [{ pageToken: 7 }, 'pageToken: 7: use the token of a page'],
  [{ pageToken: '' }, 'pageToken: "": use the token of a page'],
])('a query of history with %o is refused with what to give', (odd, message) => {
  expect(() => assertHistoryQuery({ ...query, ...odd }, terms)).toThrow(refusal(message))
})

test('a query of all that there is will do, and so will an instant', () => {
  for (const stretch of [{}, { from: 0 }, { from, to: from }, { pageToken: 'x', pageSize: 300 }])
    expect(() => assertHistoryQuery({ ...query, ...stretch }, terms)).not.toThrow()
  expect(() => assertHistoryQuery(undefined as never, terms)).toThrow(refusal('its options are undefined'))
})

test('so are other questions', () => {
  expect(() => assertNamed(undefined, form)).toThrow(refusal('symbols: it is not set'))
  expect(() => assertSymbol(['AAPL'], form)).toThrow(refusal('symbol: ["AAPL"]: use one such as "AAPL"'))
  expect(() => assertDepth(401, 400)).toThrow(refusal('depth: 401: use a whole number from 1 to 400'))
  expect(() => assertDepth('5', 400)).toThrow(refusal('depth: "5": use a whole number from 1 to 400'))
})
