import { Agent, type AgentClass } from '@tradeswarm/core'
import { defineSignalSource } from '@tradeswarm/signals'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Analyst } from '../analyst/analyst.js'
import { Trader } from '../trader/trader.js'
import { takesSymbols } from './check-options.js'
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
      /config\.tradr: there is no such role; did you mean trader\?/,
    ],
    [() => defineTradingSwarm({ symbols: ['A'], replace: { analyst: Trader } }), /replace\.analyst.*"trader"/],
  ]
  for (const [attempt, message] of attempts) expect(attempt).toThrow(message)
  expect(() => defineTradingSwarm({ symbols: ['A'], replace: { analyst: class extends Analyst {} } })).not.toThrow()
})

test('an option that there is not is refused, with the nearest that there is', () => {
  const attempts: readonly (readonly [object, RegExp])[] = [
    [{ rules: { ad: [] } }, /rules: there is no option ad; did you mean add\?/],
    [{ rules: [] }, /rules: it is a list; say what the rules are for/],
    [{ rules: { add: {} } }, /rules: add is no list/],
    [
      { policy: { rules: { remove: ['SYMBOL_DENIED'] } } },
      /policy\.rules: there is no such limit; "rules" is an option beside "policy"/,
    ],
    [{ polciy: {} }, /polciy: there is no such option; did you mean policy\?/],
    [{ colour: 'red' }, /colour: there is no such option; there are: symbols, brokers, routes, sources, policy/],
    [{ config: { trader: { riskFracton: 0.01 } } }, /config\.trader\.riskFracton: .* did you mean riskFraction\?/],
    [{ config: { analyst: { minimumConfidance: 0 } } }, /config\.analyst\.minimumConfidance: .* minimumConfidence\?/],
    [
      {
        config: {
          analyst: { factorWeights: { posts: 1, trend: 1, gap: 1, volatility: 1, volume: 1, reversion: 1, trnd: 1 } },
        },
      },
      /config\.analyst\.factorWeights\.trnd: .* did you mean trend\?/,
    ],
    [{ config: { learning: { everyOutcome: 1 } } }, /config\.learning\.everyOutcome: .* everyOutcomes\?/],
    [{ config: { 'data-scout': { aggregation: { halfLife: 1 } } } }, /aggregation\.halfLife: .* halfLifeMs\?/],
    [{ config: { 'data-scout': { symbols: ['B'] } } }, /config\.data-scout\.symbols: there is no such option/],
    [{ config: { 'risk-manager': {} } }, /config\.risk-manager: it has none: the limits are in "policy"/],
    [{ replace: { analist: Analyst } }, /replace\.analist: there is no such role; did you mean analyst\?/],
  ]
  for (const [options, message] of attempts)
    expect(() => defineTradingSwarm({ symbols: ['A'], ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    )
})

test('a definition may be defined again', () => {
  const definition = defineTradingSwarm({ symbols: ['A'], config: { trader: { riskFraction: 0.01 } } })
  expect(defineTradingSwarm({ ...definition, symbols: ['B'] })).toEqual({ ...definition, symbols: ['B'] })
})

test('a class that replaces one of the five is configured by its own options', () => {
  class Monday extends Agent<typeof Monday> {
    static readonly role: string = 'analyst'
    static readonly config = z.strictObject({ hour: z.number().max(23) })
  }
  class Still extends Agent<typeof Still> {
    static readonly role: string = 'analyst'
  }
  const define = (analyst: AgentClass, config: object) =>
    defineTradingSwarm({ symbols: ['A'], replace: { analyst }, config: { analyst: config } })
  expect(() => define(Monday, { hour: 9 })).not.toThrow()
  expect(() => define(Monday, { hour: 99 })).toThrow(/config\.analyst\.hour/)
  expect(() => define(Monday, { hour: 9, hours: 9 })).toThrow(/config\.analyst\.hours: .* did you mean hour\?/)
  expect(() => define(class extends Analyst {}, { minimumConfidance: 0 })).toThrow(/did you mean minimumConfidence\?/)
  expect(() => define(Still, {})).not.toThrow()
  expect(() => define(Still, { minimumConfidence: 0 })).toThrow(/declares no "static readonly config"/)
})

test('a class that replaces the Data Scout or the Risk Manager is told the symbols only where it takes them', () => {
  const withConfig = (schema?: z.ZodType): AgentClass =>
    class extends Agent {
      static readonly role: string = 'data-scout'
      static readonly config = schema as z.ZodType
    }
  const symbols = z.array(z.string())
  expect(takesSymbols(withConfig())).toBe(false)
  expect(takesSymbols(withConfig(z.object({ hour: z.number() })))).toBe(false)
  expect(takesSymbols(withConfig(z.strictObject({ hour: z.number() }).prefault({ hour: 1 })))).toBe(false)
  expect(takesSymbols(withConfig(z.object({ symbols })))).toBe(true)
  expect(takesSymbols(withConfig(z.looseObject({ hour: z.number() })))).toBe(true)
  expect(takesSymbols(withConfig(z.record(z.string(), z.unknown())))).toBe(true)
  const scout = withConfig(z.strictObject({ hour: z.number() }))
  expect(() =>
    defineTradingSwarm({
      symbols: ['A'],
      replace: { 'data-scout': scout },
      config: { 'data-scout': { hour: 1 } as object },
    }),
  ).not.toThrow()
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

test('one in place of a list, and options that are none, are refused by name with what to write', () => {
  const define = (options: unknown) => () => defineTradingSwarm(options as Parameters<typeof defineTradingSwarm>[0])
  const symbols = ['A']
  expect(define({ symbols, brokers: { account: 'a' } })).toThrow(
    'defineTradingSwarm: brokers: it is an object and no list; write brokers: [createPaperBroker(…)]',
  )
  expect(define({ symbols, sources: source })).toThrow(/sources: it is an object and no list/)
  expect(define({ symbols, agents: Analyst })).toThrow(
    /agents: it is a function and no list; write agents: \[MyAgent\]/,
  )
  expect(define({ symbols, services: 'recorder' })).toThrow(/services: it is a string and no list/)
  expect(define({ symbols, agents: [Analyst, undefined] })).toThrow(/agents\[1\]: it is undefined; write/)
  expect(define(undefined)).toThrow(/options: they are undefined; give an object such as/)
})
