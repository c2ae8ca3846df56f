import { defineTradingSwarm } from '@tradeswarm/agents'
import { type BacktestResult, backtest, loadTape, replayRun } from '@tradeswarm/backtest'
import { type JournalEntry, verifyJournal } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { verifyBooks } from '@tradeswarm/trading'
import { beforeAll, describe, expect, test } from 'vitest'
import { bookings, readJournal, withStorage } from './recorded-journal.test-support.js'

const folder = process.env['TRADESWARM_DATA']

describe.skipIf(folder === undefined)(
  'the first half-year of StockNet (skipped unless TRADESWARM_DATA names the folder that holds it)',
  () => {
    const storage = createMemoryStorage()
    let result: BacktestResult
    let entries: readonly JournalEntry[]

    beforeAll(async () => {
      const tape = await loadTape(`${folder}/stocknet`, { to: '2014-06-30' })
      const symbols = tape.instruments.map((instrument) => instrument.symbol)
      result = await backtest({
        tape,
        swarm: defineTradingSwarm({ symbols }),
        cash: { USD: '100000' },
        seed: 42,
        storage,
      })
      entries = await readJournal(storage)
    })

    test('runs through all five agents without a dead letter', () => {
      expect(result).toMatchObject({ status: 'completed', lastSession: '2014-06-30', counts: { deadLetters: 0 } })
      expect(result.counts.posts).toBeGreaterThan(1_000)
      expect(result.counts.fills).toBeGreaterThan(0)
      expect(result.counts.outcomes).toBe(result.trades.length)
    })

    test('keeps books and a chain that verify', async () => {
      expect(verifyBooks(bookings(entries).map(({ entry }) => entry))).toMatchObject({ ok: true })
      expect(await withStorage(storage, (opened) => verifyJournal(opened.journal))).toEqual({
        ok: true,
        entries: entries.length,
        hash: result.journalHash,
      })
    })

    test('replays to the same journal from its record alone', async () => {
      expect(await withStorage(storage, (opened) => replayRun(opened))).toEqual({
        status: 'same',
        entries: entries.length,
        journalHash: result.journalHash,
      })
    })
  },
)
