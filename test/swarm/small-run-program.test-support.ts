import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { runSmall } from './small-run.test-support.js'

// A run of the small tape as a program of its own: it says each session as it closes, and the journal hash at its end.
const [, , file = ''] = process.argv
const result = await runSmall({
  storage: file === '' ? createMemoryStorage() : createSqliteStorage(file),
  resume: true,
  onProgress: ({ sessionDate }) => void process.stdout.write(`session ${sessionDate}\n`),
})
process.stdout.write(`${result.status} ${result.journalHash}\n`)
