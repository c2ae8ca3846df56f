import { expect, test } from 'vitest'
import { maximumItemsPerPoll, readSourceItems } from './read-source-items.js'

const good = { id: '1', symbol: 'AAPL', text: '$AAPL looks strong', at: 1_000 }

test('an item comes out as it went in, with what it has and nothing else', () => {
  const full = { ...good, author: 'me', followers: 10, url: 'https://example.org/1' }
  expect(readSourceItems([good, full, { ...good, author: undefined, colour: 'red' }])).toStrictEqual({
    items: [good, full, good],
    rejected: 0,
    faults: [],
    dropped: 0,
  })
})

test('a bad item is left out by itself, named by its place and fields and never by what they hold', () => {
  const secret = 'a text that belongs in no log'
  const bad = [
    [{ ...good, id: 7 }, ['id']],
    [{ ...good, id: '' }, ['id']],
    [{ ...good, id: 'x'.repeat(2_001) }, ['id']],
    [{ ...good, at: Number.NaN, text: null }, ['text', 'at']],
    [{ ...good, at: '2014-01-01' }, ['at']],
    [{ ...good, at: 0.5 }, ['at']],
    [{ ...good, symbol: undefined }, ['symbol']],
    [{ ...good, author: null, followers: Number.POSITIVE_INFINITY, text: secret }, ['author', 'followers']],
    [null, ['(the whole item)']],
    [secret, ['(the whole item)']],
  ] as const
  const reading = readSourceItems(bad.flatMap(([item]) => [good, item]))
  expect(reading.items).toHaveLength(bad.length)
  expect(reading).toMatchObject({
    rejected: bad.length,
    faults: bad.map(([, fields], index) => ({ index: 2 * index + 1, fields })),
  })
  expect(JSON.stringify(reading.faults)).not.toContain(secret)
})

test('faults are counted in full and named up to a bound', () => {
  const reading = readSourceItems(Array.from({ length: 500 }, () => ({})))
  expect([reading.rejected, reading.faults.length, reading.items.length]).toEqual([500, 10, 0])
})

test('halves of surrogate pairs become replacement characters, also where a long text is cut', () => {
  const [item] = readSourceItems([
    { ...good, id: 'a\ud800', author: '\udc00', text: `${'x'.repeat(19_999)}😀 tail` },
  ]).items
  expect([item?.id, item?.author]).toEqual(['a\ufffd', '\ufffd'])
  expect(item?.text).toBe(`${'x'.repeat(19_999)}\ufffd`)
})

test('one poll brings so many items and no more', () => {
  const many = Array.from({ length: maximumItemsPerPoll + 3 }, (_, index) => ({ ...good, id: String(index) }))
  const { items, dropped, rejected } = readSourceItems(many)
  expect([items.length, items.at(-1)?.id, dropped, rejected]).toEqual([
    maximumItemsPerPoll,
    String(maximumItemsPerPoll - 1),
    3,
    0,
  ])
})

test.each([undefined, null, {}, 'posts', 5])('an answer that is no list is refused: %j', (answer) => {
  expect(() => readSourceItems(answer)).toThrow(expect.objectContaining({ code: 'SOURCE_MALFORMED' }))
})
