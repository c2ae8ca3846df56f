import { benchInstruments } from '@tradeswarm/testing'
import { describe, expect, test } from 'vitest'
import { openPaper, openQuoted, sayQuote } from './open-paper.test-support.js'

describe('latency', () => {
  test('an order lives from its arrival on, and a cancel takes as long', async () => {
    const bench = await openPaper({ latencyMs: 500 })
    await openQuoted(bench, '99.9', '100.1')
    const sentAt = bench.feed.clock.now()
    const id = await bench.place({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    expect(bench.wordsAbout(id)).toEqual([])
    expect(await bench.broker.order(id)).toBeUndefined()
    bench.feed.advanceTo(sentAt + 500)
    expect(await bench.broker.order(id)).toMatchObject({ status: 'open' })
    expect(bench.events).toMatchObject([{ type: 'accepted', time: sentAt + 500 }])
    await bench.broker.cancel(id)
    await bench.feed.emit({ type: 'quote', symbol: 'AAA', time: sentAt + 900, bid: '98', ask: '98.5' })
    expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    await sayQuote(bench, '98', '98.5')
    expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'cancel-rejected'])
  })

  test('an order that is under way when the market opens misses the open', async () => {
    const bench = await openPaper({ latencyMs: 500 })
    await bench.market.preOpen()
    bench.feed.advanceTo(bench.market.openTime - 400)
    const late = await bench.place()
    await bench.market.open({ AAA: '100' })
    await bench.market.close({ AAA: { high: '101', low: '99', close: '100' } })
    expect(bench.wordsAbout(late)).toEqual(['accepted'])
  })

  test('an id that is under way is taken', async () => {
    const bench = await openPaper({ latencyMs: 500 })
    const id = await bench.place()
    await expect(bench.place({ clientOrderId: id })).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
  })
})

describe('halts', () => {
  const day = 86_400_000

  test('nothing fills in a halt, and what rests fills after it', async () => {
    const first = Date.UTC(2024, 0, 3)
    const bench = await openPaper({ halts: [{ symbol: 'AAA', from: first, to: first + day }] })
    const ids = [await bench.place({ timeInForce: 'gtc' }), await bench.place({ symbol: 'BBB' })]
    await bench.market.session({ AAA: ['100', '120', '80', '100'], BBB: ['50', '51', '49', '50'] })
    expect(ids.map((id) => bench.wordsAbout(id))).toEqual([['accepted'], ['accepted', 'filled']])
    await bench.market.session({ AAA: ['101', '102', '100', '101'] })
    expect(bench.fillOf(ids[0] ?? '').price).toBe('101')
  })

  test('orders that come during a halt are refused where the venue is told so', async () => {
    const bench = await openPaper({ haltedOrders: 'refuse' })
    bench.operator.halt('AAA')
    expect(bench.rejectionCodeOf(await bench.place())).toBe('TRADING_HALTED')
    expect(bench.wordsAbout(await bench.place({ symbol: 'BBB' }))).toEqual(['accepted'])
    bench.operator.resume('AAA')
    expect(bench.wordsAbout(await bench.place())).toEqual(['accepted'])
  })

  test('a quote in a halt fills nothing, not even what arrives', async () => {
    const bench = await openPaper()
    bench.operator.halt('AAA')
    await openQuoted(bench, '99.9', '100.1')
    const id = await bench.place()
    expect(bench.wordsAbout(id)).toEqual(['accepted'])
    bench.operator.resume('AAA')
    await sayQuote(bench, '99.9', '100.1')
    expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
  })
})

describe('limits by touch', () => {
  test('fill where the market only touched them', async () => {
    const bench = await openPaper({ limitFills: 'touch' })
    const inBar = await bench.place({ type: 'limit', limitPrice: '95' })
    await bench.market.session({ AAA: ['100', '101', '95', '99'] })
    expect(bench.fillOf(inBar).price).toBe('95')
    await openQuoted(bench, '99.9', '100.1')
    const atQuote = await bench.place({ type: 'limit', limitPrice: '99' })
    await sayQuote(bench, '98.9', '99')
    expect(bench.fillOf(atQuote).price).toBe('99')
  })
})

describe('a trailing stop', () => {
  test('is set off by a close beyond the level that the bar itself has raised', async () => {
    const bench = await openPaper()
    await bench.buyAtOpen('10')
    const id = await bench.place({ side: 'sell', type: 'trailing-stop', trailAmount: '5' })
    await bench.market.session({ AAA: ['100', '110', '99', '104'] })
    expect(bench.fillOf(id)).toMatchObject({ price: '104', referencePrice: '104' })
  })

  test('for a buy follows the lowest price and is above it', async () => {
    const bench = await openPaper()
    const id = await bench.place({ type: 'trailing-stop', trailAmount: '5', timeInForce: 'gtc' })
    await bench.market.session({ AAA: ['100', '101', '90', '91'] })
    expect(bench.wordsAbout(id)).toEqual(['accepted'])
    await bench.market.session({ AAA: ['92', '96', '91', '95'] })
    expect(bench.fillOf(id).price).toBe('95')
  })
})

describe('a post-only order', () => {
  test('that the open is beyond fills at its limit, as a maker', async () => {
    const bench = await openPaper({ slippage: { basisPoints: '10' } })
    const id = await bench.place({ type: 'limit', limitPrice: '98', postOnly: true })
    await bench.market.session({ AAA: ['95', '99', '94', '98'] })
    expect(bench.fillOf(id)).toMatchObject({ price: '98', referencePrice: '95', liquidity: 'maker' })
  })
})

describe('a bar after quotes', () => {
  test('fills nothing more out of its range, since the quotes have told of it', async () => {
    const bench = await openPaper()
    const id = await bench.place({ type: 'limit', limitPrice: '95', timeInForce: 'gtc' })
    await openQuoted(bench, '99.9', '100.1')
    await bench.market.close({ AAA: { high: '101', low: '90', close: '100' } })
    expect(bench.wordsAbout(id)).toEqual(['accepted'])
  })
})

describe('what the market tells', () => {
  test.each([
    ['crossed', '101', '100'],
    ['no number', 'NaN', '100'],
    ['without a bid', '0', '100'],
    ['below 0', '-1', '1e309'],
  ])('fills nothing and breaks nothing when a quote is %s', async (_, bid, ask) => {
    const bench = await openPaper()
    const waiting = await bench.place({ timeInForce: 'gtc' })
    await openQuoted(bench, bid, ask)
    const id = await bench.place()
    expect([bench.wordsAbout(waiting), bench.wordsAbout(id)]).toEqual([['accepted'], ['accepted']])
    await sayQuote(bench, '99', '100')
    expect([bench.fillOf(waiting).price, bench.fillOf(id).price]).toEqual(['100', '100'])
  })

  test('is passed over when a trade is no trade', async () => {
    const bench = await openPaper()
    const id = await bench.place({ timeInForce: 'gtc' })
    await bench.market.preOpen()
    await bench.market.open({})
    const time = bench.feed.clock.now()
    for (const [price, quantity] of [
      ['-5', '10'],
      ['100', '0'],
      ['1e309', '10'],
    ] as const)
      await bench.feed.emit({ type: 'trade', symbol: 'AAA', time, price, quantity })
    expect(bench.wordsAbout(id)).toEqual(['accepted'])
  })
})

describe('the operator', () => {
  test('I03 takes an execution back: cash, units and fee return, and the venue does not trade it again', async () => {
    const bench = await openPaper({ fees: { basisPoints: '10' } })
    await bench.buyAtOpen('10')
    const { tradeId } = bench.fillOf('order1')
    await bench.operator.bust(tradeId)
    expect(await bench.broker.balances()).toEqual([{ asset: 'USD', total: '10000' }])
    expect(bench.events.at(-1)).toMatchObject({ type: 'busted', tradeId })
    const { eventId, time } = bench.events.at(-1) ?? {}
    expect(await bench.broker.executions?.(bench.feed.clock.now())).toMatchObject([
      { clientOrderId: 'order1', execution: { tradeId }, change: { type: 'busted', eventId, time } },
    ])
    expect(await bench.broker.order('order1')).toMatchObject({ status: 'filled', filledQuantity: '0' })
    await expect(bench.operator.bust(tradeId)).rejects.toMatchObject({ code: 'EXECUTION_NOT_FOUND' })
  })

  test('puts the figures of an execution right', async () => {
    const bench = await openPaper()
    await bench.buyAtOpen('10')
    const { tradeId } = bench.fillOf('order1')
    await bench.operator.correct(tradeId, { price: '99', quantity: '8' })
    expect(await bench.balance('USD')).toBe('9208')
    expect(await bench.balance('AAA')).toBe('8')
    expect(bench.events.at(-1)).toMatchObject({
      type: 'corrected',
      execution: { price: '99', quantity: '8', fee: '0' },
    })
    await expect(bench.operator.correct(tradeId, { price: 'NaN' })).rejects.toMatchObject({
      code: 'INVALID_DECIMAL',
    })
  })

  test('I20 sees what open orders have set aside: total = free + locked', async () => {
    const bench = await openPaper({ fees: { basisPoints: '10' } })
    await bench.buyAtOpen('10')
    await bench.place({ type: 'limit', limitPrice: '90', timeInForce: 'gtc' })
    await bench.place({ side: 'sell', type: 'limit', limitPrice: '110', quantity: '4', timeInForce: 'gtc' })
    expect(bench.operator.holdings()).toEqual([
      { asset: 'AAA', total: '10', free: '6', locked: '4' },
      { asset: 'USD', total: '8999', free: '8098.1', locked: '900.9' },
    ])
  })
})

describe('a split', () => {
  test.each([
    [0, 1, 'numerator'],
    [1, 1_001, 'denominator'],
  ])(
    'I42 %i for %i is refused by the name of its field, and changes nothing',
    async (numerator, denominator, field) => {
      const bench = await openPaper()
      await bench.buyAtOpen('10')
      const time = bench.feed.clock.now() + 1
      const event = {
        type: 'split',
        symbol: 'AAA',
        sessionDate: bench.market.date,
        time,
        numerator,
        denominator,
      } as const
      await expect(bench.feed.emit(event)).rejects.toMatchObject({
        code: 'INVALID_MARKET_EVENT',
        message: expect.stringContaining(`${field}:`),
      })
      expect(await bench.balance('AAA')).toBe('10')
    },
  )

  test('I42 an execution of before it is taken back and put right in the units of now', async () => {
    const bench = await openPaper()
    await bench.buyAtOpen('10')
    const { tradeId } = bench.fillOf('order1')
    const { date: sessionDate, closeTime: time } = bench.market
    await bench.feed.emit({ type: 'split', symbol: 'AAA', sessionDate, time, numerator: 3, denominator: 1 })
    await bench.operator.correct(tradeId, { price: '99', quantity: '8' })
    expect([await bench.balance('AAA'), await bench.balance('USD')]).toEqual(['24', '9208'])
    expect(bench.events.at(-1)).toMatchObject({ execution: { price: '99', quantity: '8' } })
    await bench.operator.bust(tradeId)
    expect(await bench.broker.balances()).toEqual([{ asset: 'USD', total: '10000' }])
    expect(await bench.broker.order('order1')).toMatchObject({ status: 'filled', filledQuantity: '0' })
  })

  test('I42 restates holdings and resting orders, and sets nothing off', async () => {
    const bench = await openPaper()
    await bench.buyAtOpen('10')
    const exit = { side: 'sell', reduceOnly: true, timeInForce: 'gtc' } as const
    const stop = await bench.place({ ...exit, type: 'stop', stopPrice: '95' })
    const target = await bench.place({ ...exit, type: 'limit', limitPrice: '120' })
    const entry = await bench.place({ type: 'limit', limitPrice: '90', quantity: '3', timeInForce: 'gtc' })
    await bench.market.preOpen()
    const { date: sessionDate, openTime: time } = bench.market
    await bench.feed.emit({ type: 'split', symbol: 'AAA', sessionDate, time, numerator: 4, denominator: 1 })
    await bench.market.open({ AAA: '25' })
    await bench.market.close({ AAA: { high: '25.5', low: '24', close: '25' } })
    expect(await bench.balance('AAA')).toBe('40')
    for (const id of [stop, target, entry]) expect(bench.wordsAbout(id)).toEqual(['accepted'])
    expect(await bench.broker.order(entry)).toMatchObject({ quantity: '12' })
    await bench.market.session({ AAA: ['25', '25', '23.75', '24'] })
    expect(bench.fillOf(stop)).toMatchObject({ price: '23.75', quantity: '40' })
  })

  test('that leaves less than a lot of an order cancels it', async () => {
    const bench = await openPaper()
    const id = await bench.place({ type: 'limit', limitPrice: '90', quantity: '3', timeInForce: 'gtc' })
    const { date: sessionDate } = bench.market
    const time = bench.feed.clock.now()
    await bench.feed.emit({ type: 'split', symbol: 'AAA', sessionDate, time, numerator: 1, denominator: 10 })
    expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
    expect(bench.operator.holdings()).toEqual([{ asset: 'USD', total: '10000', free: '10000', locked: '0' }])
  })
})

describe('bad input', () => {
  test.each([
    ['quantity', { quantity: 'NaN' }, 'INVALID_ORDER'],
    ['quantity', { quantity: '1e309' }, 'INVALID_ORDER'],
    ['quantity', { quantity: 'Infinity' }, 'INVALID_ORDER'],
    ['quantity', { quantity: 5 }, 'INVALID_ORDER'],
    ['quantity', { quantity: '-5' }, 'QUANTITY_BELOW_MINIMUM'],
    ['quantity', { quantity: `1.${'1'.repeat(30)}` }, 'QUANTITY_PRECISION'],
    ['quantity', { quantity: `100.${'1'.repeat(30)}`, sizedIn: 'quote' }, 'QUANTITY_PRECISION'],
    ['limitPrice', { type: 'limit', limitPrice: '1e309' }, 'INVALID_ORDER'],
    ['limitPrice', { type: 'limit', limitPrice: '-90' }, 'PRICE_PRECISION'],
    ['limitPrice', { type: 'limit', limitPrice: `90.${'1'.repeat(30)}` }, 'PRICE_PRECISION'],
    ['stopPrice', { type: 'stop', stopPrice: '0' }, 'PRICE_PRECISION'],
    ['stopPrice', { type: 'stop-limit', limitPrice: '90' }, 'INVALID_ORDER'],
    ['trailAmount', { type: 'trailing-stop' }, 'INVALID_ORDER'],
    ['trailAmount', { type: 'trailing-stop', trailAmount: '1', trailFraction: '0.1' }, 'INVALID_ORDER'],
    ['trailAmount', { type: 'trailing-stop', trailAmount: '0.001' }, 'PRICE_PRECISION'],
    ['trailFraction', { type: 'trailing-stop', trailFraction: '1' }, 'PRICE_PRECISION'],
    ['expiresAt', { type: 'limit', limitPrice: '90', timeInForce: 'gtd', expiresAt: 1.5 }, 'INVALID_ORDER'],
    ['postOnly', { postOnly: true }, 'INVALID_ORDER'],
    ['postOnly', { type: 'limit', limitPrice: '90', postOnly: 'yes' }, 'INVALID_ORDER'],
    ['sizedIn', { sizedIn: 'base' }, 'INVALID_ORDER'],
    ['side', { side: 'hold' }, 'INVALID_ORDER'],
    ['type', { type: 'iceberg' }, 'UNSUPPORTED_ORDER_TYPE'],
    ['timeInForce', { timeInForce: 'week' }, 'UNSUPPORTED_TIME_IN_FORCE'],
    ['timeInForce', { type: 'stop', stopPrice: '110', timeInForce: 'at-open' }, 'UNSUPPORTED_TIME_IN_FORCE'],
    ['symbol', { symbol: 'АAA' }, 'INSTRUMENT_NOT_FOUND'],
    ['symbol', { symbol: '__proto__' }, 'INSTRUMENT_NOT_FOUND'],
  ])('is refused with its field: %s %j', async (field, fields, code) => {
    const bench = await openPaper()
    const id = await bench.place(fields as never)
    expect(bench.events).toMatchObject([{ type: 'rejected', code, message: expect.stringMatching(`^${field}: `) }])
    expect(await bench.broker.order(id)).toMatchObject({ status: 'rejected' })
    expect(bench.operator.holdings()).toEqual([{ asset: 'USD', total: '10000', free: '10000', locked: '0' }])
  })
})

test('an option that speaks of a symbol must mean one that is traded', async () => {
  const halts = [{ symbol: 'ZZZ', from: 0, to: 1 }]
  await expect(openPaper({ halts })).rejects.toThrow(/halts\.0\.symbol is "ZZZ": use a symbol of "instruments"/)
  const fees = { chargedIn: { asset: 'BNB', symbol: 'BNB' } }
  await expect(openPaper({ fees, instruments: benchInstruments })).rejects.toThrow(/fees\.chargedIn\.symbol is "BNB"/)
  await expect(openPaper({ latencyMs: 0.5 })).rejects.toThrow(/latencyMs is 0\.5: use a whole number of milliseconds/)
})

test('an order that says it is not post-only is as one that does not say', async () => {
  const bench = await openPaper()
  const id = await bench.place({ type: 'limit', limitPrice: '90', postOnly: false } as never)
  expect(await bench.broker.order(id)).toMatchObject({ status: 'open' })
})
