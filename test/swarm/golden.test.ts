import { defineTradingSwarm } from '@tradeswarm/agents'
import { type BacktestResult, backtest, bundledTape } from '@tradeswarm/backtest'
import { beforeAll, describe, expect, test } from 'vitest'

// The bundled run as `npm start` makes it, from 2014 to April 2020. These figures change with any change of behaviour, and
// should change with nothing else. When a change is meant: `npm start -- --json` prints all of them anew, under
// `journalHash`, `statistics`, `benchmark` and `counts`; put them here in the same commit, and say in it what changed.
const golden = {
  journalHash: '62137b42cb4f7985924cf753d5d35f04c36013ee39add866c6e81069cb3c0332',
  lastSession: '2020-04-17',
  counts: {
    entries: 46_104,
    posts: 12_725,
    signals: 10_932,
    aggregates: 1_584,
    recommendations: 955,
    intents: 192,
    denials: 0,
    fills: 222,
    trades: 111,
    outcomes: 111,
    parameterChanges: 22,
    deadLetters: 0,
  },
  statistics: {
    totalReturn: -0.007503789277,
    sharpe: -0.2011572302,
    sortino: -0.2596701663,
    maximumDrawdown: 0.02413355648,
    exposure: 0.04693385698,
    trades: 111,
    winRate: 0.3873873874,
    profitFactor: 0.8963569697,
  },
  buyAndHold: { totalReturn: 0.5573012484, maximumDrawdown: 0.3392496001 },
  sameExposure: { totalReturn: 0.01125918967, maximumDrawdown: 0.01743389538 },
  account: { equity: '99249.6210723', realised: '35.4056', fees: '785.7845277', income: '0' },
} as const

describe('the bundled run', () => {
  let result: BacktestResult

  beforeAll(async () => {
    const tape = await bundledTape()
    const symbols = tape.instruments.map((instrument) => instrument.symbol)
    result = await backtest({ tape, swarm: defineTradingSwarm({ symbols }), cash: { USD: '100000' }, seed: 42 })
  })

  test('counts what it counted', () => {
    expect(result.counts).toMatchObject(golden.counts)
    expect(result).toMatchObject({ status: 'completed', lastSession: golden.lastSession })
  })

  test('comes to the same books and statistics', () => {
    expect(result.portfolio).toMatchObject(golden.account)
    expect(result.statistics).toMatchObject(golden.statistics)
    expect(result.benchmark).toMatchObject({ buyAndHold: golden.buyAndHold, sameExposure: golden.sameExposure })
  })

  test('has the same journal hash', () => {
    expect(result.journalHash).toBe(golden.journalHash)
  })

  test('says in every output that its posts are made up and its index cannot be traded', () => {
    expect(result.labels.join(' ')).toMatch(/synthetic|made.up/i)
    expect(result.labels.join(' ')).toMatch(/index/i)
  })
})
