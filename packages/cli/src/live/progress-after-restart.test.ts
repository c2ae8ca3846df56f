import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tallyStorage } from '@tradeswarm/backtest'
import { chainEntries, createSystemClock, type Storage } from '@tradeswarm/core'
import { expect, onTestFinished, test } from 'vitest'
import { lastInputsOf, liveStorage } from './live-storage.js'

const place = { broker: 'alpaca', mode: 'double' } as const
let messages = 0

async function say(storage: Storage, topics: readonly string[]): Promise<void> {
  const drafts = topics.map((topic) => {
    messages += 1
    return { id: `m${messages}`, kind: 'message', time: 1, text: JSON.stringify({ payload: { at: 1 }, topic }) }
  })
  await storage.commit({ journal: chainEntries(await storage.journal.head(), drafts) })
}

test('what is counted goes on after a restart from what the journal holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-restart-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const database = join(folder, 'run.db')
  for (const signals of [3, 5]) {
    const { tally } = await lastInputsOf(database, place)
    const counted = tallyStorage(liveStorage(database, place), tally)
    const storage = await counted.storage.open({ clock: createSystemClock() })
    await say(storage, ['signal.observed', 'signal.observed', 'order.filled'].slice(signals === 3 ? 0 : 1))
    await say(storage, ['signal.observed'])
    await storage.close()
    expect(counted.tally.get('signal.observed')).toBe(signals)
    expect(counted.tally.get('order.filled')).toBe(signals === 3 ? 1 : 2)
  }
})
