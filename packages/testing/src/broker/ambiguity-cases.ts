import { expect } from 'vitest'
import type { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'
import type { OrderFields } from './order-desk.js'

type How = 'broken' | 'silent'

const resting = { type: 'limit', limitPrice: '90', timeInForce: 'gtc' } as const

/** Places an order whose answer never comes, though the venue has it; answers its id. */
async function placeUnanswered(bench: FaultBench, how: How, fields: OrderFields = {}): Promise<string> {
  const before = bench.venue.requests('place').length
  bench.venue.loseAnswer('place', 'after', how)
  const { id, error } = await bench.tryToPlace(fields)
  expect(error).toBeUndefined()
  expect(bench.venue.requests('place').length - before).toBe(1)
  expect(bench.venue.orders().filter((one) => one === id)).toHaveLength(1)
  return id
}

async function placeLost(bench: FaultBench, how: How, fields: OrderFields = {}): Promise<void> {
  bench.venue.loseAnswer('place', 'before', how)
  const { id, error } = await bench.tryToPlace(fields)
  expect(bench.venue.requests('place')).toHaveLength(1)
  expect(bench.venue.orders()).toEqual([])
  // Nobody knows, unless the venue has bound how long it may arrive.
  if (error === undefined) expect(bench.wordsAbout(id)).toEqual(['rejected'])
  else {
    expect(error.retryability).toBe('unknown-outcome')
    expect(bench.wordsAbout(id)).toEqual([])
  }
  expect((await bench.broker.order(id))?.status ?? 'rejected').toBe('rejected')
  // It keeps nothing else from being traded.
  const other = await bench.place()
  await bench.until(() => bench.wordsAbout(other).includes('filled'), 'the next order is filled')
  expect(bench.venue.orders()).toEqual([other])
}

async function cancelUnanswered(bench: FaultBench, when: 'before' | 'after', how: How): Promise<void> {
  const id = await bench.place(resting)
  const kept = await bench.place(resting)
  await bench.venue.settled()
  bench.venue.loseAnswer('cancel', when, how)
  const { error } = await bench.answerOf(bench.broker.cancel(id))
  // To cancel twice does no harm: whoever does not do it says that it may be needed.
  if (error !== undefined) {
    expect(error.retryability).not.toBe('fatal')
    if (when === 'before') await bench.broker.cancel(id)
  }
  await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'the order is cancelled')
  expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
  expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '0' })
  expect(await bench.broker.openOrders()).toMatchObject([{ clientOrderId: kept }])
}

async function amendUnanswered(bench: FaultBench, when: 'before' | 'after', how: How): Promise<void> {
  const first = await bench.place(resting)
  await bench.venue.settled()
  bench.venue.loseAnswer('replace', when, how)
  const by = bench.request({ ...resting, limitPrice: '95' })
  const { error } = await bench.answerOf(bench.broker.replace?.(first, bench.guard.permit(by)) ?? Promise.resolve())
  if (error !== undefined) expect(error.retryability).toBe('unknown-outcome')
  expect(bench.venue.requests('replace')).toHaveLength(1)
  const [last, price] = when === 'after' ? [by.clientOrderId, '95'] : [first, '90']
  if (when === 'after') {
    await bench.until(() => bench.wordsAbout(first).includes('replaced'), 'the order is amended')
    expect(bench.wordsAbout(first)).toEqual(['accepted', 'replaced'])
  } else expect(bench.wordsAbout(first)).not.toContain('replaced')
  expect(await bench.broker.openOrders()).toHaveLength(1)
  await bench.quote('88', '88.5')
  await bench.until(() => bench.wordsAbout(last).includes('filled'), 'the order is filled')
  expect(bench.fillOf(last)).toMatchObject({ price, quantity: '10' })
  expect(await bench.balance('AAA')).toBe('10')
}

/** Requests that took effect, or did not, and of which no answer came. */
export const ambiguityCases: readonly FaultCase[] = [
  {
    id: 'B123',
    title: 'I09 a market order whose answer is lost is looked up, told once, and never sent twice',
    async run(bench) {
      for (const how of ['broken', 'silent'] as const) {
        const id = await placeUnanswered(bench, how)
        await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the order is filled')
        expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
        expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
      }
      expect(await bench.balance('AAA')).toBe('20')
    },
  },
  {
    id: 'B124',
    title: 'I09 a resting order whose answer is lost is looked up, and can be cancelled',
    async run(bench) {
      for (const how of ['broken', 'silent'] as const) {
        const id = await placeUnanswered(bench, how, resting)
        expect(bench.wordsAbout(id)).toEqual(['accepted'])
        expect(await bench.broker.openOrders()).toMatchObject([{ clientOrderId: id, status: 'open' }])
        await bench.broker.cancel(id)
        await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'it is cancelled')
      }
    },
  },
  {
    id: 'B125',
    title: 'I09 an order that is lost on its way is told as of unknown fate, and not sent again',
    run: (bench) => placeLost(bench, 'broken'),
  },
  {
    id: 'B126',
    title: 'I09 an order that nothing is heard of is told as of unknown fate, and not sent again',
    run: (bench) => placeLost(bench, 'silent', resting),
  },
  {
    id: 'B127',
    title: 'I08 an order of unknown fate that is not to be seen at first is looked up again',
    async run(bench) {
      bench.venue.hideOrders(2)
      const id = await placeUnanswered(bench, 'broken')
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the order is filled')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B128',
    title: 'I09 an order that was found is not placed a second time under its id',
    async run(bench) {
      const id = await placeUnanswered(bench, 'broken')
      const { error } = await bench.tryToPlace({ clientOrderId: id })
      expect(error?.code).toBe('DUPLICATE_CLIENT_ORDER_ID')
      expect(bench.venue.orders()).toEqual([id])
      expect(await bench.balance('AAA')).toBe('10')
    },
  },
  {
    id: 'B129',
    title: 'I08 an order of unknown fate is found though the stream is down as well, and its end is told after',
    async run(bench) {
      let id = ''
      await bench.venue.troubleStream('break', async () => {
        id = await placeUnanswered(bench, 'broken')
      })
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the order is filled')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B130',
    title: 'a cancel whose answer is lost ends its order, told once',
    run: (bench) => cancelUnanswered(bench, 'after', 'broken'),
  },
  {
    id: 'B131',
    title: 'a cancel that nothing is heard of ends its order, told once',
    run: (bench) => cancelUnanswered(bench, 'after', 'silent'),
  },
  {
    id: 'B132',
    title: 'a cancel that is lost on its way is repeated, or said to be of unknown fate',
    run: (bench) => cancelUnanswered(bench, 'before', 'broken'),
  },
  {
    id: 'B133',
    title: 'I41 an amendment whose answer is lost holds, told once and sent once',
    needs: ['replace'],
    run: (bench) => amendUnanswered(bench, 'after', 'broken'),
  },
  {
    id: 'B134',
    title: 'I41 an amendment that nothing is heard of holds, told once and sent once',
    needs: ['replace'],
    run: (bench) => amendUnanswered(bench, 'after', 'silent'),
  },
  {
    id: 'B135',
    title: 'I41 an amendment that is lost on its way leaves the order as it was, and is not sent again',
    needs: ['replace'],
    run: (bench) => amendUnanswered(bench, 'before', 'broken'),
  },
]
