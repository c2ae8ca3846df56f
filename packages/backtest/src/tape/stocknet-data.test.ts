import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sliceTape } from './assemble-tape.js'
import { loadTape } from './load-tape.js'
import { createTapeEvents } from './tape-events.js'

const data = process.env['TRADESWARM_DATA']

describe.skipIf(data === undefined || data === '')(
  'the StockNet tape (skipped where TRADESWARM_DATA names no data directory)',
  () => {
    const path = join(data ?? '', 'stocknet')

    test('passes in strict mode, with the counts that are known of it', async () => {
      const tape = await loadTape(path)
      expect(tape.counts).toEqual({
        barRows: 15_460,
        postRows: 62_573,
        duplicateBars: 0,
        duplicatePosts: 25,
        rowsWithoutPrices: 0,
        postsWithoutBars: 0,
        postsAfterLastClose: 17,
        symbolsWithoutBars: [],
        symbolsWithoutPosts: [],
        skipped: {},
      })
      expect([tape.instruments.length, tape.bars.length, tape.posts.length]).toEqual([20, 15_460, 62_573 - 25 - 17])
      expect([tape.tradeFrom, tape.tradeTo]).toEqual(['2014-01-02', '2015-09-30'])
      let events = 0
      for (const _event of createTapeEvents(tape)) events += 1
      expect(events).toBe(2 * 15_460 + tape.dividends.length + 3 * 773)
    })

    test('gives the dividends that Apple paid in 2014, split-adjusted, to a tenth of a cent', async () => {
      const { dividends } = await loadTape(path, { symbols: ['AAPL'] })
      const paid = dividends.filter(({ date }) => date.startsWith('2014'))
      expect(paid.map(({ date }) => date)).toEqual(['2014-02-06', '2014-05-08', '2014-08-07', '2014-11-06'])
      const known = [3.05 / 7, 0.47, 0.47, 0.47]
      for (const [index, { amountPerUnit }] of paid.entries()) {
        expect(Math.abs(Number(amountPerUnit) - (known[index] ?? 0))).toBeLessThan(0.0001)
      }
    })

    test('cut while loading is the same as cut afterwards', async () => {
      const half = await loadTape(path, { to: '2014-11-14' })
      expect(half.tradeTo).toBe('2014-11-14')
      expect(half.hash).toBe(sliceTape(await loadTape(path), { to: '2014-11-14' }).hash)
    })
  },
)
