import { defineSignalSource } from '@tradeswarm/signals'
import { expect, test } from 'vitest'
import { Analyst } from '../analyst/analyst.js'
import { Trader } from '../trader/trader.js'
import { createTradingSwarm } from './create-trading-swarm.js'
import { defineTradingSwarm } from './define-trading-swarm.js'

const source = defineSignalSource({ name: 'my-feed', every: '1m', poll: async () => [] })

test('a definition is inert data with what was given', () => {
  expect(defineTradingSwarm({ symbols: ['AAPL'], sources: [source] })).toMatchObject({
    kind: 'trading-swarm',
    symbols: ['AAPL'],
  })
})

test('wrong options are refused, naming the option and what to do', () => {
  const attempts: readonly (readonly [() => unknown, RegExp])[] = [
    [() => defineTradingSwarm({ symbols: [] }), /symbols: give at least one/],
    [() => defineTradingSwarm({ symbols: ['A', 'A'] }), /symbols: a symbol is named twice/],
    [
      () => defineTradingSwarm({ symbols: ['A'], sources: [source, source] }),
      /sources: two sources have the same name/,
    ],
    [() => defineTradingSwarm({ symbols: ['A'], policy: { maxPositionFraction: 10 } }), /maxPositionFraction/],
    [
      () => defineTradingSwarm({ symbols: ['A'], config: { trader: { riskFraction: 5 } } }),
      /config\.trader\.riskFraction/,
    ],
    [
      () => defineTradingSwarm({ symbols: ['A'], config: { tradr: {} } as never }),
      /config\.tradr: there is no such role/,
    ],
    [() => defineTradingSwarm({ symbols: ['A'], replace: { analyst: Trader } }), /replace\.analyst.*"trader"/],
  ]
  for (const [attempt, message] of attempts) expect(attempt).toThrow(message)
  expect(() => defineTradingSwarm({ symbols: ['A'], replace: { analyst: class extends Analyst {} } })).not.toThrow()
})

test('a swarm without an account, or with a live one that is not allowed, does not start', () => {
  const runtime = {
    storage: { name: 'none', open: () => Promise.reject(new Error('not opened')) },
    feed: { name: 'none', subscribe: () => () => undefined },
    instruments: [],
  }
  expect(() => createTradingSwarm(defineTradingSwarm({ symbols: ['A'] }), runtime)).toThrow(/no account to trade on/)
  const live = {
    name: 'live',
    account: 'real',
    mode: 'live',
    open: () => Promise.reject(new Error('not opened')),
  } as const
  expect(() => createTradingSwarm(defineTradingSwarm({ symbols: ['A'], brokers: [live] }), runtime)).toThrow(
    /real money: set allowLive/,
  )
})
