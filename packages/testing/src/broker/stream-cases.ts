import { decimal, decimalText, zero } from '@tradeswarm/trading'
import { expect } from 'vitest'
import type { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'
import type { StreamTrouble } from './faulty-venue.js'

const resting = { type: 'limit', limitPrice: '90', timeInForce: 'gtc' } as const
const near = { ...resting, limitPrice: '99' } as const

/** What was told of an order is what the venue lists: each execution once, and together what was filled. */
async function expectTold(bench: FaultBench, id: string, filled: string): Promise<void> {
  const fills = bench.fillsOf(id)
  const sum = fills.reduce((total, { quantity }) => total.plus(decimal(quantity)), zero)
  expect(decimalText(sum)).toBe(filled)
  expect(new Set(fills.map(({ tradeId }) => tradeId)).size).toBe(fills.length)
  expect(new Set(bench.events.map(({ eventId }) => eventId)).size).toBe(bench.events.length)
  if (!bench.declared.includes('executions')) return
  const listed = (await bench.broker.executions?.(0)) ?? []
  const own = listed.filter(({ clientOrderId }) => clientOrderId === id)
  expect(new Set(own.map(({ execution }) => execution.tradeId))).toEqual(new Set(fills.map(({ tradeId }) => tradeId)))
  expect(own).toHaveLength(fills.length)
}

/** Fills an order in two parts while the stream is troubled. */
async function fillInParts(bench: FaultBench, troubles: readonly StreamTrouble[]): Promise<void> {
  let id = ''
  const happen = async (): Promise<void> => {
    id = await bench.place(near)
    await bench.quote('98', '98.5', { askSize: '4' })
    await bench.quote('98', '98.4', { askSize: '100' })
  }
  const within = troubles.reduceRight<() => Promise<void>>(
    (inner, trouble) => () => bench.venue.troubleStream(trouble, inner),
    happen,
  )
  await within()
  await bench.until(() => bench.fillsOf(id).length >= 2, 'both parts are told')
  expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'filled'])
  await expectTold(bench, id, '10')
  expect(await bench.balance('AAA')).toBe('10')
}

async function fillMany(bench: FaultBench, troubles: readonly StreamTrouble[]): Promise<void> {
  const ids: string[] = []
  const happen = async (): Promise<void> => {
    for (let count = 0; count < 6; count += 1) ids.push(await bench.place())
  }
  const within = troubles.reduceRight<() => Promise<void>>(
    (inner, trouble) => () => bench.venue.troubleStream(trouble, inner),
    happen,
  )
  await within()
  await bench.until(() => ids.every((id) => bench.wordsAbout(id).includes('filled')), 'all are filled')
  for (const id of ids) {
    expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    await expectTold(bench, id, '10')
  }
}

/** The stream of an account's orders: what comes twice, in another order, or not at all. */
export const streamCases: readonly FaultCase[] = [
  {
    id: 'B136',
    title: 'I03 what the stream says twice is told once',
    run: (bench) => fillMany(bench, ['repeated']),
  },
  {
    id: 'B137',
    title: 'I04 what the stream says in another order is told in the order in which it happened to each order',
    run: (bench) => fillMany(bench, ['reordered']),
  },
  {
    id: 'B138',
    title: 'I04 what the stream says twice and in another order is told once, and in order',
    run: (bench) => fillMany(bench, ['repeated', 'reordered']),
  },
  {
    id: 'B139',
    title: 'I03 parts of a fill that the stream says twice are told once each',
    needs: ['partial-fills'],
    run: (bench) => fillInParts(bench, ['repeated']),
  },
  {
    id: 'B140',
    title: 'I04 parts of a fill that come in another order add up',
    needs: ['partial-fills'],
    run: (bench) => fillInParts(bench, ['reordered']),
  },
  {
    id: 'B141',
    title: 'a fill that a broken stream has swallowed is told once it stands again',
    async run(bench) {
      const id = await bench.place(near)
      await bench.venue.troubleStream('break', () => bench.quote('98', '98.5'))
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the fill is told')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
      await expectTold(bench, id, '10')
    },
  },
  {
    id: 'B142',
    title: 'a part of a fill that a broken stream has swallowed is told, and the rest after it',
    needs: ['partial-fills'],
    async run(bench) {
      const id = await bench.place(near)
      await bench.venue.troubleStream('break', () => bench.quote('98', '98.5', { askSize: '4' }))
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the part is told')
      expect(bench.fillOf(id).quantity).toBe('4')
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', filledQuantity: '4' })
      await bench.quote('98', '98.4', { askSize: '100' })
      await bench.until(() => bench.fillsOf(id).length > 1, 'the rest is told')
      await expectTold(bench, id, '10')
    },
  },
  {
    id: 'B143',
    title: 'a part that a broken stream has swallowed is told though the next part came before it',
    needs: ['partial-fills'],
    run: (bench) => fillInParts(bench, ['break']),
  },
  {
    id: 'B144',
    title: 'a cancel that a broken stream has swallowed is told once it stands again',
    async run(bench) {
      const id = await bench.place(resting)
      await bench.venue.settled()
      await bench.venue.troubleStream('break', () => bench.broker.cancel(id))
      await bench.until(() => bench.wordsAbout(id).includes('canceled'), 'the end is told')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
    },
  },
  {
    id: 'B145',
    title: 'of several orders each is told what became of it during the break, and nothing of what became of none',
    async run(bench) {
      const [filled, cancelled, kept] = [
        await bench.place(near),
        await bench.place(resting),
        await bench.place({ ...resting, limitPrice: '80' }),
      ]
      await bench.venue.settled()
      await bench.venue.troubleStream('break', async () => {
        await bench.quote('98', '98.5')
        await bench.broker.cancel(cancelled)
      })
      const isTold = (): boolean =>
        bench.wordsAbout(filled).includes('filled') && bench.wordsAbout(cancelled).includes('canceled')
      await bench.until(isTold, 'both ends are told')
      expect(bench.wordsAbout(filled)).toEqual(['accepted', 'filled'])
      expect(bench.wordsAbout(cancelled)).toEqual(['accepted', 'canceled'])
      expect(bench.wordsAbout(kept)).toEqual(['accepted'])
    },
  },
  {
    id: 'B146',
    title: 'an order that was placed during a break is told with its end',
    async run(bench) {
      let id = ''
      await bench.venue.troubleStream('break', async () => {
        id = await bench.place()
      })
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the fill is told')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
      await expectTold(bench, id, '10')
    },
  },
  {
    id: 'B147',
    title: 'I05 a fill during a break is told though a cancel came for it, which is refused',
    async run(bench) {
      const id = await bench.place(near)
      await bench.venue.troubleStream('break', async () => {
        await bench.quote('98', '98.5')
        await bench.answerOf(bench.broker.cancel(id))
      })
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the fill is told')
      expect(bench.wordsAbout(id).filter((word) => word !== 'cancel-rejected')).toEqual(['accepted', 'filled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
    },
  },
  {
    id: 'B148',
    title: 'what was told after one break is not told again after the next',
    async run(bench) {
      const [first, second] = [await bench.place(near), await bench.place({ ...near, limitPrice: '97' })]
      await bench.venue.troubleStream('break', () => bench.quote('97.5', '98'))
      await bench.until(() => bench.wordsAbout(first).includes('filled'), 'the first fill is told')
      await bench.venue.troubleStream('break', () => bench.quote('95.5', '96'))
      await bench.until(() => bench.wordsAbout(second).includes('filled'), 'the second fill is told')
      for (const id of [first, second]) {
        expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
        await expectTold(bench, id, '10')
      }
    },
  },
  {
    id: 'B149',
    title: 'a stream that stands and gives no sign of life is left, and what it did not say is told',
    async run(bench) {
      const id = await bench.place(near)
      await bench.venue.settled()
      await bench.venue.troubleStream('silence', () => bench.quote('98', '98.5'))
      await bench.until(() => bench.wordsAbout(id).includes('filled'), 'the fill is told')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
]
