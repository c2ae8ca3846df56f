import { createSeededRandom, createSequentialIds, type LogFields, type Logger } from '@tradeswarm/core'
import { benchInstruments, createDailyMarket, createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import type { Instrument } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createPaperBroker } from './create-paper-broker.js'
import { openPaper } from './open-paper.test-support.js'

test('an order that comes after the session began does not fill at an open of that same instant', async () => {
  const bench = await openPaper()
  await bench.market.preOpen()
  bench.broker.subscribe(async (event) => {
    if (event.type === 'filled' && event.clientOrderId === 'first')
      await bench.place({ clientOrderId: 'second', symbol: 'BBB' })
  })
  await bench.place({ clientOrderId: 'first' })
  await bench.market.open({ AAA: '100', BBB: '50' })
  expect(bench.wordsAbout('second')).toEqual(['accepted'])
})

test('an order whose arrival is later than the time of a late open does not fill at it', async () => {
  const bench = await openPaper()
  await bench.market.preOpen()
  bench.feed.advanceTo(bench.market.openTime + 500)
  const id = await bench.place()
  await bench.market.open({ AAA: '100' })
  expect(bench.wordsAbout(id)).toEqual(['accepted'])
})

test('a bar whose open was never announced fills waiting market orders at its open', async () => {
  const bench = await openPaper()
  await bench.market.preOpen()
  const id = await bench.place()
  const { date: sessionDate, openTime: start, closeTime: time } = bench.market
  await bench.feed.emit({ type: 'session', phase: 'open', calendar: 'us-equity', sessionDate, time: start })
  await bench.feed.emit({
    type: 'bar',
    symbol: 'AAA',
    timeframe: '1d',
    sessionDate,
    start,
    time,
    open: '103',
    high: '110',
    low: '90',
    close: '95',
    volume: '1',
  })
  expect(bench.fillOf(id)).toMatchObject({ price: '103', referenceTime: start })
})

test('the target does not take what a smaller stop left over in the bar that hit both', async () => {
  const bench = await openPaper()
  await bench.buyAtOpen('10')
  const exit = { side: 'sell', reduceOnly: true, timeInForce: 'gtc' } as const
  const stop = await bench.place({ ...exit, type: 'stop', stopPrice: '95', quantity: '4' })
  const target = await bench.place({ ...exit, type: 'limit', limitPrice: '110' })
  await bench.market.session({ AAA: ['100', '120', '90', '100'] })
  expect(bench.fillOf(stop).quantity).toBe('4')
  expect(bench.wordsAbout(target)).toEqual(['accepted'])
  expect(await bench.balance('AAA')).toBe('6')
})

test('a stop that was triggered but not filled for want of volume goes on as a market order', async () => {
  const bench = await openPaper({ maximumVolumeFraction: '0.1' })
  await bench.buyAtOpen('10')
  const id = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95', timeInForce: 'gtc', reduceOnly: true })
  const day = async (open: string, low: string, volume: string): Promise<void> => {
    await bench.market.preOpen()
    await bench.market.open({ AAA: open })
    await bench.market.close({ AAA: { high: '101', low, close: open, volume } })
  }
  await day('100', '99', '40')
  await day('100', '94', '1000')
  expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
  await day('99', '98', '1000')
  expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled', 'filled'])
  expect(await bench.balance('USD')).toBe(String(10_000 - 1_000 + 4 * 95 + 6 * 99))
})

test('an exit is never too small to leave by', async () => {
  const bench = await openPaper()
  await bench.buyAtOpen('10')
  const id = await bench.place({ side: 'sell', type: 'limit', limitPrice: '4', quantity: '1', reduceOnly: true })
  expect(bench.wordsAbout(id)).toEqual(['accepted'])
})

test('with shorts allowed a sale opens a position below 0, dividends are owed on it, and a reduce-only buy covers it', async () => {
  const bench = await openPaper({ allowShorts: true, cash: { USD: '0' } })
  await bench.place({ side: 'sell' })
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  expect(await bench.balance('AAA')).toBe('-10')
  await bench.place({ side: 'buy', quantity: '15', reduceOnly: true })
  await bench.market.preOpen()
  await bench.market.dividend('AAA', '0.5')
  await bench.market.open({ AAA: '110' })
  expect(await bench.broker.balances()).toEqual([{ asset: 'USD', total: '-105' }])
})

test('a listener that throws is logged and keeps nobody else from the event', async () => {
  const errors: LogFields[] = []
  const logger: Logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_, fields) => void errors.push(fields ?? {}),
    child: () => logger,
  }
  const feed = createManualFeed()
  const guard = createOpenGuard()
  const broker = await createPaperBroker({ instruments: benchInstruments, cash: { USD: '10000' } }).open({
    clock: feed.clock,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger,
    feed,
    guard,
  })
  const seen: string[] = []
  broker.subscribe(() => {
    throw new Error('no room')
  })
  broker.subscribe((event) => void seen.push(event.type))
  const order = {
    account: 'paper',
    clientOrderId: 'a',
    symbol: 'AAA',
    side: 'buy',
    type: 'market',
    quantity: '1',
    timeInForce: 'day',
    reduceOnly: false,
  } as const
  await broker.place(guard.permit(order))
  expect(seen).toEqual(['accepted'])
  expect(errors).toMatchObject([{ type: 'accepted', error: 'no room' }])
})

test('on a market without a break, an order made at the close of a day fills at the open of the next, which is the same instant', async () => {
  const coin: Instrument = {
    symbol: 'COIN',
    kind: 'crypto-spot',
    asset: 'COIN',
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '0.001',
    minimumNotional: '1',
    calendar: 'always-open',
  }
  const bench = await openPaper({ instruments: [coin], cash: { USD: '1000' } })
  const dayMs = 86_400_000
  const start = createDailyMarket(bench.feed).openTime + 30 * dayMs
  const play = async (index: number, price: string, between: () => Promise<void>): Promise<void> => {
    const sessionDate = `day-${index}`
    const [open, close] = [start + index * dayMs, start + (index + 1) * dayMs]
    await bench.feed.emit({ type: 'session', phase: 'open', calendar: 'always-open', sessionDate, time: open })
    await bench.feed.emit({ type: 'open', symbol: 'COIN', sessionDate, time: open, price })
    await bench.feed.emit({
      type: 'bar',
      symbol: 'COIN',
      timeframe: '1d',
      sessionDate,
      start: open,
      time: close,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: '1',
    })
    await between()
    await bench.feed.emit({ type: 'session', phase: 'close', calendar: 'always-open', sessionDate, time: close })
  }
  let id = ''
  await play(0, '100', async () => {
    id = await bench.place({ symbol: 'COIN', quantity: '0.125' })
  })
  expect(bench.wordsAbout(id)).toEqual(['accepted'])
  await play(1, '104', async () => {})
  expect(bench.fillOf(id)).toMatchObject({ price: '104', quantity: '0.125', referenceTime: start + dayMs })
  expect(await bench.balance('USD')).toBe('987')
})

test('a bar whose open differs from the open announced fills a stop at the worse of its level and that open', async () => {
  const bench = await openPaper()
  await bench.buyAtOpen('10')
  const id = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95', reduceOnly: true })
  await bench.market.preOpen()
  await bench.market.open({ AAA: '100' })
  const { date: sessionDate, openTime: start, closeTime: time } = bench.market
  await bench.feed.emit({
    type: 'bar',
    symbol: 'AAA',
    timeframe: '1d',
    sessionDate,
    start,
    time,
    open: '90',
    high: '91',
    low: '88',
    close: '89',
    volume: '1',
  })
  expect(bench.fillOf(id)).toMatchObject({ price: '90', referencePrice: '90' })
})

test('an ioc order of a symbol that does not open ends with the session', async () => {
  const bench = await openPaper()
  const id = await bench.place({ timeInForce: 'ioc' })
  await bench.market.session({ BBB: ['50', '51', '49', '50'] })
  expect(bench.wordsAbout(id)).toEqual(['accepted', 'expired'])
})

test('all orders of a symbol share what the volume lets through in a session', async () => {
  const bench = await openPaper({ maximumVolumeFraction: '0.1' })
  await bench.market.preOpen()
  await bench.market.open({ AAA: '100' })
  await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '120' } })
  const ids = [await bench.place(), await bench.place(), await bench.place({ type: 'limit', limitPrice: '99' })]
  await bench.market.session({ AAA: ['100', '101', '90', '100'] })
  const filled = await Promise.all(ids.map(async (id) => (await bench.broker.order(id))?.filledQuantity))
  expect(filled).toEqual(['10', '2', '0'])
})

test('what is no instant to list from is refused, and not answered with nothing', async () => {
  const { broker } = await openPaper()
  const since = '2024-01-01' as unknown as number
  for (const list of [() => broker.executions?.(since), () => broker.movements?.(since)])
    await expect(list()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('is no instant; use milliseconds since 1970'),
    })
})
