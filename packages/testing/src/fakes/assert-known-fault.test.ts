import { expect, test } from 'vitest'
import { createFakeAlpaca } from './alpaca/create-fake-alpaca.js'
import type { FakeAlpacaOptions } from './alpaca/fake-alpaca-options.js'
import type { FakeFault } from './alpaca/fault-board.js'
import { FaultBoard } from './alpaca/fault-board.js'
import { createFakeOpenAi } from './models/create-fake-models.js'

test.each<[object | undefined, string | RegExp]>([
  [{ kind: 'hng' }, 'fake Alpaca: fail: there is no fault of the kind hng; did you mean hang?'],
  [{}, 'there is no fault of the kind undefined; there are: hang, status, too-many'],
  [{ kind: 'hang', wen: 'after' }, 'fake Alpaca: fail: there is no option wen; did you mean when?'],
  [{ kind: 'hidden', when: 'after' }, 'fake Alpaca: fail: hidden: there is no option when; there are: kind, on, times'],
  [undefined, 'fake Alpaca: fail: its options are undefined'],
  [
    { kind: 'hang', on: 'POST /v2/ordres' },
    'fail: on is "POST /v2/ordres"; no request begins so; did you mean POST /v2/orders?',
  ],
  [{ kind: 'hang', on: '/v2/stocks/AAPL/barz' }, 'no request begins so'],
  [{ kind: 'hang', on: 'POST /nowhere' }, 'no request begins so; there are: POST /v2/orders'],
  [{ kind: 'hang', on: 'GET /v2/orders?status=open' }, 'no request begins so'],
  [{ kind: 'hang', on: '' }, 'on is ""; it must be a method, a path or both, such as POST /v2/orders'],
  [{ kind: 'hang', when: 'later' }, 'when is "later"; it must be before or after'],
  [{ kind: 'hang', times: 0 }, 'times is 0; it must be a whole number from 1'],
  [{ kind: 'status', status: '503' }, 'status is "503"; it must be an HTTP status'],
  [{ kind: 'slow-body', delayMs: -1 }, 'delayMs is -1; it must be a number from 0'],
  [{ kind: 'redirect', to: 5 }, 'to is 5; it must be a text'],
  // Without these the process would die at the first request.
  [{ kind: 'status' }, 'fail: status: status is missing; it must be an HTTP status, such as 503'],
  [{ kind: 'status', status: undefined }, 'fail: status: status is missing'],
  [{ kind: 'html', on: 'GET /v2' }, 'fail: html: status is missing'],
  [{ kind: 'redirect' }, 'fail: redirect: to is missing'],
  [{ kind: 'slow-body' }, 'fail: slow-body: delayMs is missing; it must be a number from 0'],
  [{ kind: 'hang', everything: 1 }, /there are: kind, on, times, when, status, body, retryAfterSeconds, delayMs, to$/],
])('a fault that there is not is refused by the fake of Alpaca: %o', (fault, message) => {
  const board = new FaultBoard()
  expect(() => board.add(fault as FakeFault)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    }),
  )
  expect(board.take('GET', '/v2/orders')).toBeUndefined()
})

test('and by the fakes of models', async () => {
  const server = await createFakeOpenAi()
  const fail = (fault: object) => () => server.fail(fault as never)
  expect(fail({ kind: 'garbge' })).toThrow(
    'fake model: fail: there is no fault of the kind garbge; did you mean garbage?',
  )
  expect(fail({ kind: 'status', status: 429, retryAfterSecond: 1 })).toThrow('did you mean retryAfterSeconds?')
  expect(fail({ kind: 'cut', status: 500 })).toThrow('fake model: fail: cut: there is no option status')
  expect(fail({ kind: 'status' })).toThrow('fake model: fail: status: status is missing')
  expect(fail({ kind: 'cut', afterPieces: 1, times: 2 })).not.toThrow()
  await server.close()
  await expect(createFakeOpenAi({ apiKy: 'k' } as never)).rejects.toThrow('fake model: there is no option apiKy')
})

test.each<[object, string]>([
  [
    { duplicateUpdate: true },
    'fake Alpaca: conditions: there is no option duplicateUpdate; did you mean duplicateUpdates?',
  ],
  [{ broken: true }, 'there is no option broken; there are: frozenMarketData, frozenUpdates, duplicateUpdates'],
  [{ maintenance: 'yes' }, 'fake Alpaca: conditions: maintenance is "yes"; it must be true or false'],
  [{ clockSkewMs: Number.NaN }, 'clockSkewMs is NaN; it must be a number'],
])(
  'a condition that there is not is refused, set by name or as a property, and nothing changes: %o',
  (wrong, message) => {
    const board = new FaultBoard()
    const before = { ...board.conditions }
    const refused = expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
    expect(() => board.impose({ loseUpdates: true, ...wrong })).toThrow(refused)
    expect(() => Object.assign(board.conditions, wrong)).toThrow(refused)
    expect({ ...board.conditions }).toEqual(before)
    board.conditions.maintenance = true
    board.impose({ clockSkewMs: -5 })
    expect(board.conditions).toMatchObject({ maintenance: true, clockSkewMs: -5 })
  },
)

test.each<[object | undefined, string]>([
  [{ csh: '1' }, 'createFakeAlpaca: there is no option csh; did you mean cash?'],
  [{ everything: 1 }, 'there is no option everything; there are: port, keyId, secret, assets, cash'],
  [null as never, 'createFakeAlpaca: its options are null'],
  [{ port: 70_000 }, 'port is 70000; it must be a whole number from 0 to 65535'],
  [{ keyId: '' }, 'keyId is ""; it must be a text that is not empty'],
  [{ cash: 1_000 }, 'cash is 1000; it must be a decimal text from 0'],
  [{ cash: 'much' }, 'cash is "much"; it must be a decimal text from 0'],
  [{ feeBasisPoints: '-1' }, 'feeBasisPoints is "-1"'],
  [{ maximumVolumeFraction: '1.5' }, 'maximumVolumeFraction is "1.5"; it must be a decimal text above 0 and at most 1'],
  [{ requestsPerMinute: 0 }, 'requestsPerMinute is 0; it must be a whole number from 1'],
  [{ streamTiming: 'late' }, 'streamTiming is "late"; it must be one of before, after, mixed'],
  [{ alwaysOpen: 'yes' }, 'alwaysOpen is "yes"; it must be true or false'],
  [{ clock: {} }, 'clock is {}; it must have now()'],
  [{ random: { next: () => 0 } }, 'random is {"next":a function}; it must have next(), fork()'],
  [{ assets: 'AAPL' }, 'assets is "AAPL"; it must be a list of assets'],
  [
    { assets: [{ symbol: 'A', minimumNotionl: '1' }] },
    'assets[0]: there is no option minimumNotionl; did you mean minimumNotional?',
  ],
  [{ assets: [{ symbol: 'A' }, { name: 'B' }] }, 'assets[1]: symbol is undefined; it must be a text'],
  [{ assets: [{ symbol: 'A', class: 'equity' }] }, 'assets[0]: class is "equity"; it must be one of us_equity, crypto'],
  [{ bars: [] }, 'bars must be lists by symbol and timeframe: { AAPL: { "1Min": [] } }'],
  [{ bars: { AAPL: [] } }, 'bars.AAPL must be lists by timeframe: { "1Min": [] }'],
  [{ bars: { AAPL: { '1m': [] } } }, 'bars.AAPL: there is no timeframe 1m; did you mean 1Min?'],
  [{ bars: { AAPL: { daily: [] } } }, 'bars.AAPL: there is no timeframe daily; use one such as 1Min, 1Hour or 1Day'],
  [{ bars: { AAPL: { '1Day': {} } } }, 'bars.AAPL.1Day must be a list of bars'],
  [{ bars: { AAPL: { '1Day': [{ t: 'noon' }] } } }, 'bars.AAPL.1Day[0].t is "noon"; it must be an instant such as'],
  [{ bars: { AAPL: { '1Day': [{ t: 0 }] } } }, 'bars.AAPL.1Day[0].t is 0; it must be an instant such as'],
])(
  'an option that there is not, or a value that is none, is refused before anything is opened: %o',
  async (options, message) => {
    await expect(createFakeAlpaca(options as FakeAlpacaOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message),
    })
  },
)
