import { describe, expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const exits = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }

describe('what a kernel can be asked before anything is ordered', () => {
  test('scenarios: the portfolio before and after an order, in plain JSON, and nothing is booked', async () => {
    const bench = await openKernelBench({ policy: { maxOrderFraction: 1, maxPositionFraction: 1 } })
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ quantity: '100', exits })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '100', '100')
    await bench.kernel.settled()
    const entries = bench.journal.length
    const report = await bench.kernel.scenarios({ symbol: 'BBB', side: 'buy', quantity: '200' })
    expect(report).toMatchObject({
      order: { symbol: 'BBB', price: '100', notional: '20000' },
      before: { gross: '10000', net: '10000' },
      after: { gross: '30000', net: '30000' },
    })
    // 10, 12 and 16 % of 30,000, as fractions of the equity of 99,999 to six decimals.
    expect(report.after.stress.map(({ loss }) => loss?.amount)).toEqual(['2999.97', '3599.964', '4799.952'])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(bench.journal).toHaveLength(entries)
  })

  test('mitigations: what would bring a figure back under a limit that was tightened', async () => {
    const bench = await openKernelBench({
      policy: { maxOrderFraction: 1, maxPositionFraction: 1, maxSymbolExposureFraction: 1 },
    })
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ quantity: '300', exits })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '300', '100')
    await bench.kernel.settled()
    expect(await bench.kernel.mitigations()).toEqual({ proposals: [], without: [] })
    await bench.kernel.changePolicy({ maxSymbolExposureFraction: 0.25 }, { operator: 'ann', reason: 'a test' })
    const sent = bench.broker.sent.length
    const { proposals } = await bench.kernel.mitigations()
    expect(proposals.find(({ kind }) => kind === 'reduce')).toMatchObject({
      limit: 'maxSymbolExposureFraction',
      reaches: true,
      orders: [{ symbol: 'AAA', side: 'sell', quantity: '51' }],
    })
    expect(bench.broker.sent).toHaveLength(sent)
  })
})

describe('a position that the venue holds and the books do not', () => {
  const withHolding = () => openKernelBench({}, 80, (broker) => broker.balances.set('AAA', '40'))

  test('I26 counts in risk, and entries in its symbol are measured with it', async () => {
    const bench = await withHolding()
    await bench.session(100, ['pre-open', 'open'])
    // 40 × 100 are there already, of the 10,000 that a position may be worth.
    expect(await bench.kernel.assess(bench.intent({ quantity: '70' }))).toMatchObject({
      status: 'denied',
      findings: [{ code: 'MAX_POSITION', value: '11000' }],
    })
    expect(bench.kernel.portfolio().positions).toEqual([])
  })

  test('I26 is taken into the books by a person, at a price, and protected by the plan given', async () => {
    const bench = await withHolding()
    await bench.session(100, ['pre-open', 'open'])
    await expect(
      bench.kernel.adopt({ symbol: 'AAA', price: '90' }, { operator: ' ', reason: 'ours' }),
    ).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    await bench.kernel.adopt({ symbol: 'AAA', price: '90', exits }, { operator: 'ann', reason: 'bought by hand' })
    await bench.kernel.settled()
    expect(bench.kernel.portfolio()).toMatchObject({
      equity: '104000',
      positions: [{ symbol: 'AAA', quantity: '40', openCost: '3600' }],
    })
    expect(bench.broker.sent).toMatchObject([
      { type: 'stop', quantity: '40', stopPrice: '95', reduceOnly: true },
      { type: 'limit', quantity: '40', limitPrice: '110', reduceOnly: true },
    ])
    await expect(
      bench.kernel.adopt({ symbol: 'AAA', price: '90' }, { operator: 'ann', reason: 'again' }),
    ).rejects.toMatchObject({ code: 'NOTHING_TO_ADOPT' })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })
})

describe('prices within a session', () => {
  test('a trade marks a position, a quote is what the rules look at, and a crossed one denies', async () => {
    const bench = await openKernelBench()
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ exits })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price: '101', quantity: '10' })
    expect(bench.kernel.portfolio().positions).toMatchObject([{ marketPrice: '101', marketValue: '5050' }])
    await bench.market({ type: 'quote', symbol: 'BBB', time: bench.now + 1_000, bid: '101', ask: '100' })
    expect(await bench.kernel.assess(bench.intent({ symbol: 'BBB' }))).toMatchObject({
      findings: [{ code: 'STALE_MARKET_DATA' }],
    })
    await bench.market({ type: 'quote', symbol: 'BBB', time: bench.now + 1_000, bid: '99.9', ask: '100' })
    expect(await bench.kernel.assess(bench.intent({ symbol: 'BBB' }))).toMatchObject({ status: 'permitted' })
  })

  test('a booking is told as what it changed', async () => {
    const bench = await openKernelBench()
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ exits })
    bench.events.length = 0
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    const told = bench.events.find(({ type }) => type === 'portfolio')
    expect(told?.type === 'portfolio' && told.changes).toEqual([
      { type: 'position', move: 'opened', symbol: 'AAA', quantityBefore: '0', quantityAfter: '50', cause: 'fill' },
      { type: 'cash', currency: 'USD', amount: '-5001', cause: 'fill' },
    ])
  })
})

describe('what the books cannot keep', () => {
  test.each([
    ['UNSUPPORTED_CURRENCY', { currency: 'ＵＳＤ' }],
    ['UNSUPPORTED_CURRENCY', { currency: '' }],
    ['UNSUPPORTED_CURRENCY', { currency: 'AAA' }],
    ['UNSUPPORTED_CURRENCY', { currency: undefined }],
    ['UNSUPPORTED_INSTRUMENT', { kind: 'perpetual', contractType: 'inverse' }],
    ['UNSUPPORTED_INSTRUMENT', { kind: 'perpetual', asset: 'BTC' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: '0' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: '-1' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: 'NaN' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: '1e-2' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: '1e309' }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: `0.${'0'.repeat(29)}1` }],
    ['UNSUPPORTED_INSTRUMENT', { multiplier: 0.01 }],
    ['STALE_MARKET_DATA', { currency: 'EUR' }],
  ])('%s: an instrument is denied by name, and nothing is sent: %j', async (code, fields) => {
    const bench = await openKernelBench()
    const opened = bench.broker.opened()
    const { instrument } = opened
    Object.assign(opened, { instrument: (symbol: string) => ({ ...instrument(symbol), ...fields }) })
    await bench.session(100, ['pre-open', 'open'])
    const answer = await bench.kernel.assess(bench.intent({ exits }))
    expect(answer.status === 'denied' && answer.findings.map((finding) => finding.code)).toContain(code)
    expect(bench.broker.sent).toEqual([])
  })
})
