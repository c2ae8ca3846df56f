import type { PaperOperator } from '@tradeswarm/broker-paper'
import { decimal, type Instrument } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { type ContractTruthParts, createOkxContractTruth, type OkxContractTruth } from './okx-contract-truth.js'

const swap: Instrument = {
  symbol: 'AAA-USD-SWAP',
  kind: 'perpetual',
  asset: 'AAA-USD-SWAP',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '0',
  calendar: 'always-open',
  multiplier: '0.01',
}
const noFigures = { averagePrice: '0', pnl: '0', fee: '0', fundingFee: '0' }

/** Ten contracts at 100 and twenty at 103: held at 102. */
const fills = [
  { instId: swap.symbol, side: 'buy', fillPx: '100', fillSz: '10', fillPnl: '0', fee: '-0.01', feeCcy: 'USD' },
  { instId: swap.symbol, side: 'buy', fillPx: '103', fillSz: '20', fillPnl: '0', fee: '-0.02', feeCcy: 'USD' },
]
const closing = { instId: swap.symbol, side: 'sell', fillPx: '104', fillSz: '10', fee: '0', feeCcy: 'USD' }

type Books = {
  readonly position: { readonly units: string } & Partial<typeof noFigures>
  readonly total: string
  readonly locked: string
  readonly bills?: readonly Readonly<Record<string, string>>[]
}

function truthOf({ position, total, locked, bills = [] }: Books): OkxContractTruth {
  const { units, ...figures } = { ...noFigures, ...position }
  const amounts = Object.fromEntries(Object.entries(figures).map(([name, text]) => [name, decimal(text)]))
  const venue = {
    positions: { find: () => ({ units: decimal(units), ...amounts }) },
    ledger: { bills: bills.map((json) => ({ time: 0, id: '1', json })) },
    open: () => [],
  } as unknown as ContractTruthParts['venue']
  const engine = { holdings: () => [{ asset: 'USD', total, free: total, locked }] } as unknown as PaperOperator
  return createOkxContractTruth({ venue, engine, instruments: [swap], currency: 'USD', deposits: '1000', leverage: 2 })
}

function found(truth: OkxContractTruth): string | undefined {
  truth.look()
  return truth.contradiction()
}

const held = { units: '30', averagePrice: '102', fee: '-0.03' }
const right: Books = { position: held, total: '999.97', locked: '15.3' }

test.each<readonly [string, Partial<Books>, string | undefined]>([
  ['what is right', {}, undefined],
  ['a contract too many', { position: { ...held, units: '31' } }, 'the position in AAA-USD-SWAP is 31'],
  ['an average of the last price', { position: { ...held, averagePrice: '103' } }, 'the cost of AAA-USD-SWAP is 30.9'],
  ['a fee that was not taken', { position: { ...held, fee: '-0.01' } }, 'the fees of AAA-USD-SWAP'],
  ['cash that was not charged', { total: '1000' }, "USD is 1000 in the venue's books"],
  ['margin of half the leverage', { locked: '30.6' }, 'margin is 30.6'],
])('%s is told', (_, books, told) => {
  const truth = truthOf({ ...right, ...books })
  for (const fill of fills) truth.execute(fill)
  if (told === undefined) expect(found(truth)).toBeUndefined()
  else expect(found(truth)).toContain(told)
})

test('what closing makes is counted at the average, and what a fill says of it is held to that', () => {
  const closed = { ...right, position: { ...held, units: '20', pnl: '0.2' }, total: '1000.17', locked: '10.2' }
  const fair = truthOf(closed)
  for (const fill of [...fills, { ...closing, fillPnl: '0.2' }]) fair.execute(fill)
  expect(found(fair)).toBeUndefined()
  const off = truthOf(closed)
  for (const fill of [...fills, { ...closing, fillPnl: '20' }]) off.execute(fill)
  expect(found(off)).toMatch(/has paid out is 20 in the venue's books, what happened comes to 0\.2/)
})

test('funding is what is held at its rate, paid once', () => {
  const bill = { type: '8', instId: swap.symbol, balChg: '-0.03' }
  const funded = { ...right, position: { ...held, fundingFee: '-0.03' }, total: '999.94' }
  const tellOf = (books: Books): string | undefined => {
    const truth = truthOf(books)
    for (const fill of fills) truth.execute(fill)
    truth.fund(swap.symbol, '0.001', '100')
    return found(truth)
  }
  expect(tellOf({ ...funded, bills: [bill] })).toBeUndefined()
  expect(tellOf({ ...funded, bills: [] })).toMatch(/number of fundings paid is 0/)
  expect(tellOf({ ...funded, bills: [bill, bill] })).toMatch(/funding of AAA-USD-SWAP is -0\.03 .* comes to 0$/)
})
