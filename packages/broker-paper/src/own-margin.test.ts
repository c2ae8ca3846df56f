import { benchInstruments } from '@tradeswarm/testing'
import type { Instrument } from '@tradeswarm/trading'
import { describe, expect, it } from 'vitest'
import { openPaper, openQuoted, type PaperBench, sayQuote } from './open-paper.test-support.js'

const [aaa] = benchInstruments as readonly [Instrument]
const swap: Instrument = { ...aaa, kind: 'perpetual', multiplier: '0.1' }

/** An account of 10,000 with a perpetual of 0.1 coins that stands at 100 and has a margin of its own, a seventh of what it stands for. */
async function openIsolated(): Promise<PaperBench> {
  const bench = await openPaper({ instruments: [swap] })
  expect(bench.operator.isolateMargin('AAA', '7')).toBe('0')
  await openQuoted(bench, '100', '100')
  return bench
}

const usd = ({ operator }: PaperBench) => operator.holdings().find(({ asset }) => asset === 'USD')
const moved = (bench: PaperBench, id: string): string =>
  bench.operator.marginMoved('AAA', bench.fillOf(id)?.tradeId ?? '')
const fund = (bench: PaperBench, rate: string) =>
  bench.feed.emit({ type: 'funding', symbol: 'AAA', time: bench.feed.clock.now() + 1_000, rate, price: '100' })

describe('a contract whose margin is its own', () => {
  it('sets aside cost / leverage as it is opened, and gives back the share that is closed', async () => {
    const bench = await openIsolated()
    expect(moved(bench, await bench.place({ quantity: '30' }))).toBe('42.8571428571428572')
    await sayQuote(bench, '110', '110')
    expect(moved(bench, await bench.place({ quantity: '10' }))).toBe('15.7142857142857143')
    expect(usd(bench)).toMatchObject({ total: '10000', free: '9941.4285714285714285' })
    expect(moved(bench, await bench.place({ side: 'sell', quantity: '20', reduceOnly: true }))).toBe(
      '-29.2857142857142857',
    )
    expect(usd(bench)).toMatchObject({ total: '10015', free: '9985.7142857142857142' })
    expect(moved(bench, await bench.place({ side: 'sell', quantity: '20', reduceOnly: true }))).toBe(
      '-29.2857142857142858',
    )
    expect(usd(bench)).toMatchObject({ total: '10030', free: '10030' })
  })

  it('takes funding out of that margin, and gives back with each part that is closed what funding has made of it', async () => {
    const bench = await openIsolated()
    await bench.place({ quantity: '70' })
    await fund(bench, '0.01')
    const [paid] = (await bench.broker.movements?.(0)) ?? []
    expect(paid).toMatchObject({ type: 'funding', amount: '-7' })
    expect(bench.operator.marginMoved('AAA', paid?.eventId ?? '')).toBe('-7')
    // What is free does not change: the margin has paid.
    expect(usd(bench)).toMatchObject({ total: '9993', free: '9900' })
    expect(moved(bench, await bench.place({ side: 'sell', quantity: '30', reduceOnly: true }))).toBe(
      '-39.8571428571428571',
    )
    const flipped = await bench.place({ side: 'sell', quantity: '70' })
    // A seventh of the short 300 in place of the 53.1428571428571429 that were left.
    expect(moved(bench, flipped)).toBe('-10.2857142857142857')
    await fund(bench, '0.01')
    expect(usd(bench)).toMatchObject({ total: '9996', free: '9950.1428571428571428' })
    await bench.place({ quantity: '30', reduceOnly: true })
    expect(usd(bench)).toMatchObject({ total: '9996', free: '9996' })
  })

  it('may get another leverage, which moves the margin of what is held, as far as there is cash', async () => {
    const bench = await openIsolated()
    await bench.place({ quantity: '700' })
    expect(bench.operator.isolateMargin('AAA', '10')).toBe('-300')
    expect(bench.operator.isolateMargin('AAA', '2')).toBe('2800')
    const limit = { type: 'limit', limitPrice: '100', timeInForce: 'gtc' } as const
    await bench.place({ ...limit, quantity: '700' })
    expect(bench.operator.isolateMargin('AAA', '1')).toBeUndefined()
    expect(usd(bench)).toMatchObject({ total: '10000', locked: '7000' })
    expect(bench.rejectionCodeOf(await bench.place({ ...limit, quantity: '601' }))).toBe('INSUFFICIENT_FUNDS')
    expect(bench.wordsAbout(await bench.place({ ...limit, quantity: '600' }))).toContain('accepted')
  })

  it('is one that there is, at a leverage from 1 up', async () => {
    const { operator } = await openIsolated()
    for (const [symbol, leverage] of [['BBB', '2'] as const, ['AAA', '0.5'] as const])
      expect(() => operator.isolateMargin(symbol, leverage)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
  })

  it('follows a trade that is taken back', async () => {
    const bench = await openIsolated()
    const first = await bench.place({ quantity: '70' })
    await bench.place({ quantity: '70' })
    await bench.operator.bust(bench.fillOf(first)?.tradeId ?? '')
    expect(usd(bench)).toMatchObject({ total: '10000', locked: '100' })
  })
})
