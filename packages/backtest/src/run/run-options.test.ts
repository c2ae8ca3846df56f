import { defineTradingSwarm } from '@tradeswarm/agents'
import { SwarmError } from '@tradeswarm/core'
import { defineSignalSource } from '@tradeswarm/signals'
import { expect, test } from 'vitest'
import { bundledTape } from '../tape/bundled-tape.js'
import { backtest } from './backtest.js'
import { type BacktestOptions, checkedTerms } from './run-options.js'

const cash = { USD: '100000' }
const wrong =
  (options: object): (() => unknown) =>
  () =>
    checkedTerms({ cash, ...options } as unknown as BacktestOptions)

test('what is left out has its default, and amounts become canonical texts', () => {
  expect(checkedTerms({ cash })).toEqual({
    cash: { USD: '100000' },
    fees: { basisPoints: '5' },
    slippage: { basisPoints: '5' },
    seed: 42,
  })
  expect(
    checkedTerms({ cash: { USD: '0100.50' }, feeBasisPoints: '0.00', slippageBasisPoints: '1000', seed: 2 ** 53 - 1 }),
  ).toEqual({
    cash: { USD: '100.5' },
    fees: { basisPoints: '0' },
    slippage: { basisPoints: '1000' },
    seed: 2 ** 53 - 1,
  })
})

test.each([
  [{ seed: Number.NaN }, 'seed: NaN is no whole number from 0 to 9007199254740991'],
  [{ seed: 1e308 }, 'seed: 1e+308 is no whole number'],
  [{ seed: 1.5 }, 'seed: 1.5 is no'],
  [{ seed: -1 }, 'seed: -1 is no'],
  [{ seed: '7' }, 'seed: "7" is no'],
  [{ seed: null }, 'seed: null is no'],
  [{ cash: undefined }, 'cash: give the start capital in USD'],
  [{ cash: {} }, 'not {}'],
  [{ cash: { EUR: '5' } }, 'not {"EUR":"5"}'],
  [{ cash: { USD: 100_000 } }, 'cash.USD: 100000 is no decimal text above 0 to 1000000000000'],
  [{ cash: { USD: '1e5' } }, 'cash.USD: "1e5" is no decimal text'],
  [{ cash: { USD: '0' } }, 'cash.USD: "0" is no decimal text above 0'],
  [{ cash: { USD: '-5' } }, 'cash.USD: "-5" is no decimal text above 0'],
  [{ cash: { USD: '1000000000000.01' } }, 'cash.USD: "1000000000000.01" is no'],
  [{ feeBasisPoints: 'abc' }, 'feeBasisPoints: "abc" is no decimal text from 0 to 1000'],
  [{ feeBasisPoints: '-5' }, 'feeBasisPoints: "-5" is no'],
  [{ feeBasisPoints: 5 }, 'feeBasisPoints: 5 is no'],
  [{ slippageBasisPoints: '99999' }, 'slippageBasisPoints: "99999" is no decimal text from 0 to 1000'],
])('%o is refused: option, value and range are named', (options, message) => {
  try {
    wrong(options)()
    expect.unreachable()
  } catch (error) {
    expect(SwarmError.isInstance(error, 'INVALID_OPTION')).toBe(true)
    expect((error as SwarmError).message).toContain(message)
  }
})

test('a run with an option that there is not is refused: it would be another one', async () => {
  const tape = await bundledTape({ to: '2014-01-10' })
  const run = backtest({ tape, swarm: defineTradingSwarm({ symbols: ['SPX'] }), cash, sed: 4 } as BacktestOptions)
  await expect(run).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: 'backtest: there is no option sed; did you mean seed?',
  })
})

test('what is no tape, no swarm or no list of sources is refused by name, with what is allowed', async () => {
  const whole = { tape: await bundledTape({ to: '2014-01-10' }), swarm: defineTradingSwarm({ symbols: ['SPX'] }), cash }
  const source = defineSignalSource({ name: 'mine', every: '1d', poll: async () => [] })
  const attempts: readonly (readonly [object, string])[] = [
    [{ swarm: undefined }, 'swarm: it is undefined; give what defineTradingSwarm returns'],
    [{ swarm: {} }, 'swarm: it is another object; give'],
    [{ tape: undefined }, 'tape: it is undefined; give what loadTape or bundledTape resolves to'],
    [{ tape: bundledTape() }, 'tape: it is a promise that was not awaited; give'],
    [{ sources: source }, 'sources: it is another object and no list; write sources: [defineSignalSource(…)]'],
    [{ sources: [source, undefined] }, 'sources[1]: it is no source; write'],
  ]
  for (const [wrongly, message] of attempts)
    await expect(backtest({ ...whole, ...wrongly } as BacktestOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`backtest: ${message}`),
    })
})
