import { defineTradingSwarm } from '@tradeswarm/agents'
import { expect, test } from 'vitest'
import { bundledTape } from '../tape/bundled-tape.js'
import { backtest } from './backtest.js'

test('mean exposure is that of the sessions: the start, at which nothing could be held, is left out', async () => {
  const { curve, statistics } = await backtest({
    tape: await bundledTape({ to: '2014-03-31' }),
    swarm: defineTradingSwarm({ symbols: ['SPX'] }),
    cash: { USD: '100000' },
  })
  const mean = curve.reduce((sum, { exposure }) => sum + exposure, 0) / curve.length
  expect(mean).toBeGreaterThan(0)
  expect(statistics.exposure).toBeCloseTo(mean, 9)
})
