import { describe, expect, test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const split = (bench: KernelBench, numerator: number, denominator: number): MarketEvent => ({
  type: 'split',
  symbol: 'AAA',
  sessionDate: '2014-05-20',
  time: bench.now + 1,
  numerator,
  denominator,
})

async function holding(quantity = '52'): Promise<KernelBench> {
  const bench = await openKernelBench()
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ quantity, exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 } })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', quantity, '100')
  await bench.kernel.settled()
  return bench
}

describe('a split', () => {
  test.each([
    [4, 1, '208', '23.75', '27.5'],
    [1, 4, '13', '380', '440'],
  ])(
    'I42 %i for %i changes no equity, sets nothing off and halts nothing; exits come back in new units at new levels',
    async (numerator, denominator, quantity, stop, target) => {
      const bench = await holding()
      const before = bench.kernel.portfolio()
      const sentBefore = bench.broker.sent.length
      await bench.market(split(bench, numerator, denominator))
      await bench.kernel.settled()
      const after = bench.kernel.portfolio()
      expect(after).toMatchObject({
        equity: before.equity,
        realised: before.realised,
        positions: [{ symbol: 'AAA', quantity, openCost: before.positions[0]?.openCost }],
      })
      expect(bench.kernel.tradingState().state).toBe('active')
      expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: stop, targetPrice: target })
      // A leg may come back in two parts: what of it is still being cancelled counts as live.
      const unitsAt = (type: string, level: string): number =>
        bench.broker.sent
          .slice(sentBefore)
          .filter((sent) => sent.type === type && (sent.stopPrice ?? sent.limitPrice) === level && sent.reduceOnly)
          .reduce((sum, sent) => sum + Number(sent.quantity), 0)
      expect([unitsAt('stop', stop), unitsAt('limit', target)]).toEqual([Number(quantity), Number(quantity)])
      expect(bench.broker.sent.slice(sentBefore).every(({ side }) => side === 'sell')).toBe(true)
      // The prices that follow are those of the new units.
      await bench.session((100 * denominator) / numerator, ['bars', 'close'])
      expect(bench.kernel.tradingState().state).toBe('active')
      expect(bench.events.filter(({ type }) => type === 'position-closed')).toEqual([])
    },
  )

  test('I42 withdraws an entry that rests, and frees what it had set aside', async () => {
    const bench = await openKernelBench()
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    await bench.market(split(bench, 2, 1))
    await bench.kernel.settled()
    expect(bench.broker.cancels).toEqual([bench.broker.sent[0]?.clientOrderId])
    expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
  })

  test('told twice it is booked once', async () => {
    const bench = await holding()
    const event = split(bench, 2, 1)
    await bench.market(event)
    await bench.market(event)
    expect(bench.kernel.portfolio().positions[0]?.quantity).toBe('104')
  })

  test.each(['split', 'dividend'] as const)('I19 a %s survives a crash as soon as it was taken', async (type) => {
    const bench = await holding()
    const booked = (): number => bench.journal.filter(({ kind }) => kind === 'ledger').length
    const before = booked()
    let durable = 0
    bench.onDurable = () => {
      durable = booked()
    }
    const { symbol, sessionDate, time } = split(bench, 2, 1) as Extract<MarketEvent, { type: 'split' }>
    await bench.market(
      type === 'split'
        ? split(bench, 2, 1)
        : { type, symbol, sessionDate, time, amountPerUnit: '0.25', currency: 'USD' },
    )
    expect(booked()).toBe(before + 1)
    expect(durable).toBe(booked())
  })

  test('a journal that fails then is told of', async () => {
    const bench = await holding()
    const { symbol, sessionDate, time } = split(bench, 2, 1) as Extract<MarketEvent, { type: 'split' }>
    bench.onDurable = () => {
      throw new Error('the disk is gone')
    }
    await bench.market({ type: 'dividend', symbol, sessionDate, time, amountPerUnit: '0.25', currency: 'USD' })
    expect(bench.events).toContainEqual(
      expect.objectContaining({ type: 'alert', code: 'JOURNAL_NOT_DURABLE', symbol: 'AAA' }),
    )
  })
})

describe('what is told late', () => {
  const tell = async (bench: KernelBench, event: MarketEvent): Promise<void> => {
    await bench.kernel.onMarket(event)
    await bench.kernel.settled()
  }
  const restingStop = (bench: KernelBench): string =>
    bench.broker.sent.findLast(({ type }) => type === 'stop')?.clientOrderId ?? ''
  const isRebuilt = (bench: KernelBench): void =>
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())

  test('I21 I29 a split: what an exit seemed to leave whole is held in part, and has exits again', async () => {
    const bench = await holding()
    const late = split(bench, 2, 1)
    bench.now += 60_000
    bench.broker.fill(restingStop(bench), '52', '50')
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toEqual([])
    const sentBefore = bench.broker.sent.length
    await tell(bench, late)
    expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '52', openCost: '2600' }])
    expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '47.5', targetPrice: '55' })
    expect(bench.broker.sent.slice(sentBefore)).toMatchObject([
      { type: 'stop', side: 'sell', quantity: '52', stopPrice: '47.5' },
      { type: 'limit', side: 'sell', quantity: '52', limitPrice: '55' },
    ])
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'SPLIT_TOLD_LATE' }))
    bench.broker.fill(restingStop(bench), '52', '47.5')
    await bench.kernel.settled()
    // Bought 104 for 50 each, left 52 at 50 and 52 at 47.5.
    expect(bench.events.findLast(({ type }) => type === 'position-closed')).toMatchObject({
      position: { quantity: '104', entryPrice: '50', exitPrice: '48.75', realised: '-130' },
    })
    isRebuilt(bench)
  })

  test('I13 a split after all was left: what is held yet is left too', async () => {
    const bench = await holding()
    await bench.kernel.flatten({ operator: 'Ada', reason: 'test' })
    await bench.kernel.settled()
    const late = split(bench, 2, 1)
    bench.now += 60_000
    bench.broker.fill(bench.broker.sent.at(-1)?.clientOrderId ?? '', '52', '50')
    await bench.kernel.settled()
    const sentBefore = bench.broker.sent.length
    await tell(bench, late)
    expect(bench.broker.sent.slice(sentBefore)).toMatchObject([{ type: 'market', side: 'sell', quantity: '52' }])
    isRebuilt(bench)
  })

  test('I21 a reverse split: a position that was left whole is not held on', async () => {
    const bench = await holding()
    const late = split(bench, 1, 4)
    bench.now += 60_000
    bench.broker.fill(restingStop(bench), '13', '400')
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '39' }])
    await tell(bench, late)
    expect(bench.kernel.portfolio().positions).toEqual([])
    expect(bench.events.filter(({ type }) => type === 'position-closed')).toMatchObject([
      { position: { quantity: '13', entryPrice: '400', exitPrice: '400', realised: '0' } },
    ])
    isRebuilt(bench)
  })

  test('I21 an execution of before: it counts in the units of its time, and its exits lie at the levels of now', async () => {
    const bench = await openKernelBench()
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ quantity: '40', exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 } })
    const executedAt = bench.now
    await bench.market(split(bench, 2, 1))
    bench.now = executedAt
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '40', '100', 'late')
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '80', openCost: '4000' }])
    expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '47.5', targetPrice: '55' })
    bench.broker.say(bench.broker.sent[0]?.clientOrderId ?? '', { type: 'busted', tradeId: 'late' })
    await bench.kernel.settled()
    expect(bench.kernel.portfolio()).toMatchObject({ positions: [], equity: '100000' })
    isRebuilt(bench)
  })

  test('I19 a dividend is paid on what was held then, in the units of then', async () => {
    const bench = await holding('30')
    const { symbol, sessionDate } = split(bench, 2, 1) as Extract<MarketEvent, { type: 'split' }>
    const due = bench.now + 1
    bench.now += 60_000
    bench.broker.fill(restingStop(bench), '30', '95')
    await bench.kernel.settled()
    await tell(bench, { type: 'dividend', symbol, sessionDate, time: due, amountPerUnit: '0.5', currency: 'USD' })
    const booked = bench.journal.findLast(({ kind }) => kind === 'ledger')?.payload
    expect(booked).toMatchObject({ event: { type: 'dividend', quantity: '30' } })
    isRebuilt(bench)
  })

  test('I29 while the exits of before are being withdrawn no entry of the symbol is admitted', async () => {
    const bench = await holding()
    bench.broker.onCancel = 'silent'
    await bench.market(split(bench, 2, 1))
    expect(
      await bench.kernel.assess(
        bench.intent({ quantity: '2', exits: { stopPrice: '45', targetPrice: '60', maximumSessions: 5 } }),
      ),
    ).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ code: 'MISSING_PROTECTIVE_STOP' })]),
    })
  })

  test('told again when all that is held was bought since, it withdraws nothing', async () => {
    const bench = await openKernelBench()
    await bench.session(100, ['pre-open', 'open'])
    const event = split(bench, 2, 1)
    await bench.market(event)
    bench.now += 60_000
    await bench.enter({ quantity: '10', exits: { stopPrice: '45', targetPrice: '60', maximumSessions: 5 } })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '10', '50')
    await bench.kernel.settled()
    await tell(bench, event)
    expect(bench.broker.cancels).toEqual([])
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '10', openCost: '500' }])
    expect(bench.kernel.exits('AAA')).toMatchObject({ stopPrice: '45' })
    isRebuilt(bench)
  })

  test('told twice, it changes the prices of before once', async () => {
    const bench = await holding()
    const event = split(bench, 2, 1)
    await bench.market(event)
    const { equity } = bench.kernel.portfolio()
    await bench.market(event)
    expect(bench.kernel.portfolio().equity).toBe(equity)
  })
})

describe('a split by a ratio that is none', () => {
  const ratios: readonly (readonly [number, number, string])[] = [
    [0, 1, 'numerator'],
    [1, 0, 'denominator'],
    [-2, 1, 'numerator'],
    [2, -1, 'denominator'],
    [Number.NaN, 1, 'numerator'],
    [1, Number.POSITIVE_INFINITY, 'denominator'],
    [1.5, 1, 'numerator'],
    [1_001, 1, 'numerator'],
    [1, 1_001, 'denominator'],
    ['4' as unknown as number, 1, 'numerator'],
  ]
  test.each(ratios)('I42 %s for %s is refused, held or not, and %s is named', async (numerator, denominator, field) => {
    for (const bench of [await openKernelBench(), await holding()]) {
      const before = bench.kernel.snapshot()
      const { length } = bench.journal
      await expect(bench.market(split(bench, numerator, denominator))).rejects.toMatchObject({
        code: 'INVALID_MARKET_EVENT',
        message: expect.stringContaining(`${field}:`),
      })
      expect(bench.kernel.snapshot()).toBe(before)
      expect(bench.journal).toHaveLength(length)
    }
  })

  test.each([
    [1_000, 1],
    [1, 1_000],
  ])('%i for %i is one', async (numerator, denominator) => {
    const bench = await openKernelBench()
    await expect(bench.market(split(bench, numerator, denominator))).resolves.toBeUndefined()
  })
})
