import { benchInstruments } from '@tradeswarm/testing'
import { expect, test } from 'vitest'
import { createPaperBroker } from './create-paper-broker.js'
import type { PaperBrokerOptions } from './paper-broker-options.js'

const swap = { ...benchInstruments[0], symbol: 'SWAP', asset: 'SWAP', kind: 'perpetual' }
const valid: PaperBrokerOptions = { instruments: benchInstruments, cash: { USD: '1000' } }

test.each<[string, unknown, RegExp]>([
  ['fees.basisPoints', { fees: { basisPoints: '-1' } }, /fees\.basisPoints is "-1": use a decimal text from 0 to 1000/],
  ['fees.minimum', { fees: { minimum: 'x' } }, /fees\.minimum is "x": use a decimal text from 0 up/],
  [
    'slippage',
    { slippage: { basisPoints: '1000.5' } },
    /slippage\.basisPoints is "1000\.5": use a decimal text from 0 to 1000/,
  ],
  ['cash', { cash: { USD: 1000 } }, /cash\.USD is 1000: use a decimal text from 0 up/],
  ['cash below 0', { cash: { USD: '-5' } }, /cash\.USD is "-5"/],
  ['volume', { maximumVolumeFraction: '0' }, /maximumVolumeFraction is "0": use a decimal text above 0 to 1/],
  ['no instruments', { instruments: [] }, /instruments is \[\]: name at least one instrument/],
  [
    'an instrument',
    { instruments: [{ ...benchInstruments[0], tickSize: '0' }] },
    /instruments\.0\.tickSize is "0": use a decimal text above 0/,
  ],
  [
    'a tick that books cannot keep',
    { instruments: [{ ...benchInstruments[0], tickSize: '0.0000000000001' }] },
    /instruments\.0\.tickSize is "0\.0000000000001": use a decimal text above 0 up of at most 12 decimals/,
  ],
  [
    'a lot that books cannot keep',
    { instruments: [{ ...benchInstruments[0], lotSize: '0.0000000000000000001' }] },
    /instruments\.0\.lotSize is .*: use a decimal text above 0 up of at most 18 decimals/,
  ],
  [
    'a multiplier that makes prices finer than books keep them',
    { instruments: [{ ...swap, tickSize: '0.0000000001', multiplier: '0.001' }] },
    /instruments\.0\.multiplier is "0\.001": use a multiplier that makes prices on the tick no finer/,
  ],
  [
    'a greatest order below the least',
    { instruments: [{ ...benchInstruments[0], minimumQuantity: '10', maximumQuantity: '5' }] },
    /instruments\.0\.maximumQuantity is "5": use no less than minimumQuantity/,
  ],
  [
    'a greatest notional below the least',
    { instruments: [{ ...benchInstruments[0], minimumNotional: '10', maximumNotional: '5' }] },
    /instruments\.0\.maximumNotional is "5": use no less than minimumNotional/,
  ],
  ['symbols', { instruments: [benchInstruments[0], benchInstruments[0]] }, /name each symbol once/],
  [
    'an asset',
    { instruments: [{ ...benchInstruments[0], asset: 'USD' }] },
    /instruments\.0\.asset is "USD": use an asset other than the currency/,
  ],
  ...['0', '-0.01', 'NaN', '1e-2', `0.${'0'.repeat(30)}1`].map((multiplier): [string, unknown, RegExp] => [
    `a multiplier of ${multiplier}`,
    { instruments: [{ ...swap, multiplier }] },
    /instruments\.0\.multiplier is .*: use a decimal text above 0/,
  ]),
  [
    'an inverse contract',
    { instruments: [{ ...swap, contractType: 'inverse' }] },
    /contractType is "inverse": use "linear"/,
  ],
  ['the asset of a contract', { instruments: [{ ...swap, asset: 'BTC' }] }, /asset is "BTC": use the symbol/],
  ['leverage', { contractLeverage: '0.5' }, /contractLeverage is "0\.5": use a decimal text from 1 to 125/],
  ['a rate', { instruments: [swap], funding: { rates: { SWAP: '1.5' } } }, /rates\.SWAP is "1\.5": use a decimal text/],
  [
    'a rate of a share',
    { funding: { rates: { AAA: '0.1' } } },
    /funding\.rates\.AAA .*: use the symbol of a perpetual/,
  ],
  ['an unknown option', { csah: { USD: '5' } }, /^createPaperBroker: there is no option csah; did you mean cash\?$/],
  [
    'an unknown part',
    { fees: { basisPointz: '1' } },
    /^createPaperBroker: fees\.basisPointz is "1": there is no such option$/,
  ],
])('a wrong option is named with its value and its range: %s', (_, wrong, message) => {
  expect(() => createPaperBroker({ ...valid, ...(wrong as object) } as PaperBrokerOptions)).toThrow(message)
})

test('a definition is inert and paper by its mode', () => {
  expect(createPaperBroker(valid)).toMatchObject({ name: 'paper', account: 'paper', mode: 'paper' })
})
