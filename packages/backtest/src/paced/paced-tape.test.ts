import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bundledTape } from '../tape/bundled-tape.js'
import { createPacedCalendar } from './paced-calendar.js'
import { paceTape } from './paced-tape.js'

const beginsAt = Date.UTC(2026, 0, 2, 12)

test('a paced calendar answers alike whichever way it is asked', () => {
  const dates = ['2014-01-02', '2014-01-03', '2014-01-06', '2014-01-07', '2014-01-08']
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 5_000 }),
      fc.integer({ min: -200_000, max: 40_000 }),
      (sessionMs, offset) => {
        const calendar = createPacedCalendar({ name: 'us-equity', dates, first: '2014-01-06', beginsAt, sessionMs })
        const time = beginsAt + offset
        const [open, next, previous] = [
          calendar.openSession(time),
          calendar.nextSession(time),
          calendar.previousSession(time),
        ]
        expect(next.open).toBeGreaterThan(time)
        if (open !== undefined) {
          expect(open.open <= time && time < open.close).toBe(true)
          expect(calendar.dateOf(time)).toBe(open.date)
          expect(calendar.session(open.date)).toEqual(open)
          expect(next.date > open.date).toBe(true)
        }
        if (time >= beginsAt) expect(previous.close).toBeLessThanOrEqual(time)
        // Nothing that is not played is open once it begins, and nothing is in the minute before.
        if (time >= beginsAt - 60_000 && time < beginsAt) expect(open).toBeUndefined()
      },
    ),
  )
})

test('a tape plays from its first traded session to its last, each bar along its open, extremes and close', async () => {
  const tape = await bundledTape({ from: '2014-03-03', to: '2014-03-07' })
  const paced = paceTape(tape, { beginsAt, sessionMs: 200 })
  const steps = [...paced.steps()]
  expect(steps.filter(({ type }) => type === 'open')).toHaveLength(5)
  expect(steps.map(({ time }) => time)).toEqual(steps.map(({ time }) => time).toSorted((a, b) => a - b))
  expect(steps[0]).toMatchObject({ type: 'open', time: beginsAt + 100, date: '2014-03-03' })
  expect(steps.at(-1)).toMatchObject({ type: 'close', time: paced.endsAt, date: '2014-03-07' })
  expect(paced.pastBars.at(-1)).toMatchObject({ sessionDate: '2014-02-28' })
  expect(paced.pastBars.every(({ time }) => time < beginsAt)).toBe(true)
  const bar = tape.bars.find(({ date }) => date === '2014-03-03')
  const prices = steps.slice(1, 4).flatMap((step) => (step.type === 'prices' ? step.prices : []))
  expect(new Set(prices.map(({ price }) => price))).toEqual(new Set([bar?.high, bar?.low, bar?.close]))
  expect(prices.at(-1)?.price).toBe(bar?.close)
})

test('posts fall due in the night or session that they were written in, once', async () => {
  const tape = await bundledTape({ from: '2014-03-03', to: '2014-03-07' })
  const paced = paceTape(tape, { beginsAt, sessionMs: 200 })
  const source = paced.source()
  const poll = (since: number | undefined, now: number) =>
    source.poll({ since, now, signal: new AbortController().signal, fetch })
  const all = await poll(undefined, paced.endsAt + 1_000)
  expect(all.map(({ id }) => id).toSorted()).toEqual(tape.posts.map(({ id }) => id).toSorted())
  expect(all.every(({ at }) => at >= beginsAt && at <= paced.endsAt)).toBe(true)
  const middle = all[Math.floor(all.length / 2)]?.at ?? 0
  const [before, after] = [await poll(undefined, middle), await poll(middle, paced.endsAt)]
  expect([...before, ...after]).toEqual(all)
  expect(
    await paced
      .source(middle)
      .poll({ since: undefined, now: paced.endsAt, signal: new AbortController().signal, fetch }),
  ).toEqual(after)
})

test('a pace out of range is refused by name', async () => {
  const tape = await bundledTape({ to: '2014-01-10' })
  expect(() => paceTape(tape, { beginsAt, sessionMs: 19 })).toThrow(/sessionMs is 19; use a whole number from 20/)
})
