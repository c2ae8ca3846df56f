import { writeSync } from 'node:fs'
import {
  type Clock,
  chainHash,
  type JournalEntry,
  type Storage,
  SwarmError,
  sha256Hex,
  type WriteBatch,
} from '@tradeswarm/core'
import { createSqliteStorage } from './create-sqlite-storage.js'

/** The program of the child process that the crash tests kill: `FILE commit`, `FILE hold` or `FILE race`. */

const [file = '', mode] = process.argv.slice(2)
const clock: Clock = { now: () => 0 }
const storage = await createSqliteStorage(file)
  .open({ clock })
  .catch((error: unknown) => {
    if (mode === 'race' && SwarmError.isInstance(error)) return error.code
    throw error
  })

if (typeof storage === 'string') {
  writeSync(1, `${storage}\n`)
} else if (mode === 'commit') {
  await commitUntilKilled(storage)
} else {
  writeSync(1, 'open\n')
  process.stdin.resume()
}

/** Commits numbered batches, each with a part in every store, and says the number of each once it is committed. */
async function commitUntilKilled(target: Storage): Promise<void> {
  let head = await target.journal.head()
  for (let batch = (await target.records.count('batches')) + 1; ; batch += 1) {
    const journal: JournalEntry[] = []
    for (let part = 0; part <= batch % 4; part += 1) {
      const entry = {
        sequence: head.sequence + 1,
        id: `batch-${batch}-${part}`,
        kind: 'message',
        time: batch,
        text: '{}',
      }
      const hash = chainHash(head.hash, entry)
      journal.push({ ...entry, hash })
      head = { sequence: entry.sequence, hash }
    }
    await target.commit(batchOf(batch, journal))
    writeSync(1, `${batch}\n`)
  }
}

function batchOf(batch: number, journal: readonly JournalEntry[]): WriteBatch {
  const text = `batch ${batch} ${'x'.repeat((batch % 50) * 100)}`
  return {
    journal,
    cursors: [{ consumer: 'consumer', sequence: journal.at(-1)?.sequence ?? 0 }],
    keyValue: [
      { key: `batch/${batch}`, value: text },
      { key: 'last', value: `${batch}` },
    ],
    records: [{ collection: 'batches', record: { id: `${batch}`, time: batch, tags: { batch: `${batch}` }, text } }],
    blobs: [{ hash: sha256Hex(text), text }],
  }
}
