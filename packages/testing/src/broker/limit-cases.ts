import { expect } from 'vitest'
import type { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'

const resting = { type: 'limit', limitPrice: '90', timeInForce: 'gtc' } as const

/** Trades, cancels and asks for the time at a venue whose clock is off. */
async function tradeAt(bench: FaultBench, skewMs: number): Promise<void> {
  bench.venue.skewClock(skewMs)
  const before = bench.venue.orders().length
  const bought = await bench.place()
  const rests = await bench.place(resting)
  await bench.until(() => bench.wordsAbout(bought).includes('filled'), `an order is filled ${skewMs} ms ahead`)
  await bench.broker.cancel(rests)
  await bench.until(() => bench.wordsAbout(rests).includes('canceled'), `an order is cancelled ${skewMs} ms ahead`)
  expect(bench.wordsAbout(bought)).toEqual(['accepted', 'filled'])
  expect(bench.wordsAbout(rests)).toEqual(['accepted', 'canceled'])
  expect(bench.venue.orders().slice(before)).toEqual([bought, rests])
  const time = (await bench.broker.time?.()) ?? Number.NaN
  // To the second, as venues tell it.
  expect(Math.abs(time - (bench.now() + skewMs))).toBeLessThan(2_000)
}

const storm = 150

/** The venue's clock, and how much it will be asked. */
export const limitCases: readonly FaultCase[] = [
  {
    id: 'B150',
    title: 'the venue’s clock is minutes ahead: orders go on, and its time is told',
    needs: ['clock'],
    run: (bench) => tradeAt(bench, 300_000),
  },
  {
    id: 'B151',
    title: 'the venue’s clock is minutes behind: orders go on, and its time is told',
    needs: ['clock'],
    run: (bench) => tradeAt(bench, -300_000),
  },
  {
    id: 'B152',
    title: 'the venue’s clock moves by seconds, to and fro: each order is taken once',
    needs: ['clock'],
    async run(bench) {
      for (const skewMs of [20_000, -20_000, 4_000, 0]) await tradeAt(bench, skewMs)
    },
  },
  {
    id: 'B153',
    title: 'the stream is opened anew by the venue’s clock, and what was missed is told',
    needs: ['clock'],
    async run(bench) {
      const id = await bench.place({ ...resting, limitPrice: '99' })
      bench.venue.skewClock(300_000)
      await bench.venue.troubleStream('break', () => bench.quote('98', '98.5'))
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the fill is told')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B154',
    title: 'one order too many is to be sent later, or waits: none follows before the venue says so',
    async run(bench) {
      const waitMs = bench.venue.refuseAsTooMany('place', 1)
      const tried = [await bench.tryToPlace(resting), await bench.tryToPlace(resting)]
      const [refusedAt = 0, ...later] = bench.venue.requests('place')
      for (const at of later) expect(at - refusedAt).toBeGreaterThanOrEqual(waitMs)
      const refused = tried.filter(({ error }) => error !== undefined)
      for (const { id, error } of refused) {
        expect(error?.retryability).toBe('retryable')
        expect(bench.wordsAbout(id)).toEqual([])
      }
      await bench.pass(waitMs)
      const last = await bench.place(resting)
      expect(bench.wordsAbout(last)).toEqual(['accepted'])
      const taken = tried.filter(({ error }) => error === undefined).map(({ id }) => id)
      expect(bench.venue.orders()).toEqual([...taken, last])
    },
  },
  {
    id: 'B155',
    title: 'a read that was one too many is answered in the end, and not asked for again before the venue says so',
    async run(bench) {
      const before = bench.venue.requests('balance').length
      const waitMs = bench.venue.refuseAsTooMany('balance', 1)
      expect(await bench.balance('USD')).toBe('1000000')
      const [refusedAt = 0, ...later] = bench.venue.requests('balance').slice(before)
      expect(later.length).toBeGreaterThan(0)
      for (const at of later) expect(at - refusedAt).toBeGreaterThanOrEqual(waitMs)
    },
  },
  {
    id: 'B156',
    title: 'a cancel that was one too many comes through in the end',
    async run(bench) {
      const id = await bench.place(resting)
      await bench.venue.settled()
      const waitMs = bench.venue.refuseAsTooMany('cancel', 1)
      const { error } = await bench.answerOf(bench.broker.cancel(id))
      if (error !== undefined) {
        expect(error.retryability).toBe('retryable')
        await bench.pass(waitMs)
        await bench.broker.cancel(id)
      }
      await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'it is cancelled')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
    },
  },
  {
    id: 'B157',
    title: 'orders that were too many keep no cancel back',
    async run(bench) {
      const id = await bench.place(resting)
      await bench.venue.settled()
      const waitMs = bench.venue.refuseAsTooMany('place', 1)
      await bench.tryToPlace(resting)
      const since = bench.now()
      await bench.broker.cancel(id)
      const [cancelledAt = Number.POSITIVE_INFINITY] = bench.venue.requests('cancel')
      expect(cancelledAt - since).toBeLessThan(waitMs / 2)
      await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'it is cancelled')
    },
  },
  {
    id: 'B158',
    title: 'a storm of reads keeps no cancel back, and the venue turns nothing away',
    setup: { documentedRates: true },
    async run(bench) {
      const id = await bench.place(resting)
      await bench.venue.settled()
      let isOver = false
      const reads = Array.from({ length: storm }, () => bench.broker.balances().catch((thrown: unknown) => thrown))
      const all = Promise.all(reads).then(() => {
        isOver = true
      })
      await bench.broker.cancel(id)
      expect(isOver).toBe(false)
      await all
      await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'it is cancelled')
      expect(bench.venue.turnedAway()).toBe(0)
    },
  },
  {
    id: 'B159',
    title: 'a burst of orders is sent as fast as the venue takes them: none is turned away, each is there once',
    setup: { documentedRates: true },
    async run(bench) {
      const tried = await Promise.all(Array.from({ length: 70 }, () => bench.tryToPlace({ ...resting, quantity: '1' })))
      for (const { error } of tried)
        if (error !== undefined) expect(error.retryability, error.message).toBe('retryable')
      const taken = tried.filter(({ error }) => error === undefined).map(({ id }) => id)
      expect(bench.venue.orders().toSorted()).toEqual(taken.toSorted())
      expect(bench.venue.turnedAway()).toBe(0)
    },
  },
]
