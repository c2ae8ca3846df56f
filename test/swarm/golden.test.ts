import { defineTradingSwarm } from '@tradeswarm/agents'
import { type BacktestResult, backtest, bundledTape } from '@tradeswarm/backtest'
import { beforeAll, describe, expect, test } from 'vitest'

// The bundled run as `npm start` makes it, from 2014 to April 2020. These figures change with any change of behaviour, and
// should change with nothing else. When a change is meant: `npm start -- --json` prints all of them anew, under
// `journalHash`, `statistics`, `benchmark` and `counts`; put them here in the same commit, and say in it what changed.
const golden = {
  journalHash: '496cd2f41760cac9807b8d36e7103b9d5225b2d959db84a412dcd8306cb8ce96',
  lastSession: '2020-04-17',
  counts: {
    entries: 45_807,
    posts: 12_582,
    signals: 10_878,
    aggregates: 1_584,
    recommendations: 997,
    intents: 195,
    denials: 0,
    fills: 220,
    trades: 110,
    outcomes: 110,
    parameterChanges: 22,
    deadLetters: 0,
  },
  statistics: {
    totalReturn: -0.00264828841,
    sharpe: -0.06817627076,
    sortino: -0.08927094457,
    maximumDrawdown: 0.01383903513,
    exposure: 0.04866473915,
    trades: 110,
    winRate: 0.3727272727,
    profitFactor: 0.9595127022,
  },
  buyAndHold: { totalReturn: 0.5573012484, maximumDrawdown: 0.3392496001 },
  sameExposure: { totalReturn: 0.00951604207, maximumDrawdown: 0.01126780512 },
  account: { equity: '99735.17115895', realised: '519.6487', fees: '784.47754105', income: '0' },
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
