import {
  archiveJournal,
  chainEntry,
  emptyJournalHead,
  type JournalEntry,
  type Storage,
  SwarmError,
  sha256Hex,
} from '@tradeswarm/core'

const texts = ['a text', '漢字 🐝 '.repeat(700), '']
const consumers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const kinds = ['message', 'order', 'ledger']

/** Fills a storage with some of everything: archived and live entries, an erased segment, replaced and deleted rows. */
export async function fillStorage(storage: Storage): Promise<void> {
  const journal: JournalEntry[] = []
  let head = emptyJournalHead
  for (let index = 1; index <= 60; index += 1) {
    const text = JSON.stringify({ n: index, text: `${index}-🐝`.repeat(index % 9) })
    const entry = chainEntry(head, { id: `entry-${index}`, kind: kinds[index % 3] as string, time: index, text })
    journal.push(entry)
    head = entry
  }
  await storage.commit({
    journal,
    cursors: consumers.map((consumer, index) => ({ consumer, sequence: 60 - index })),
    keyValue: Array.from({ length: 80 }, (_, index) => ({
      key: `key/${index}`,
      value: `value ${index} `.repeat(index % 12),
      ...(index % 5 === 0 ? { ttlMs: 1e12 + index } : {}),
    })),
    records: Array.from({ length: 60 }, (_, index) => ({
      collection: index % 2 === 0 ? 'orders' : 'fills',
      record: { id: `r${index}`, time: index % 7, tags: tagsOf(index), text: `{"n":${index}}` },
    })),
    blobs: [...texts, 'x'.repeat(40_000)].map((text) => ({ hash: sha256Hex(text), text })),
  })
  await archiveJournal(storage, { keepEntries: 25, segmentEntries: 12 })
  await storage.commit({ keyValue: [{ key: 'key/1', value: 'again' }, { key: 'key/2' }] })
  await storage.blobs.delete(sha256Hex('x'.repeat(40_000)))
}

function tagsOf(index: number): Readonly<Record<string, string>> {
  return { symbol: index % 3 === 0 ? 'AAPL' : 'BTC-USDT', state: `s${index % 4}` }
}

/** What each read of a storage returns, by its name; where it throws, the error. Reads that ask for what was never there are among them. */
export async function everyRead(storage: Storage): Promise<Map<string, unknown>> {
  const { journal, keyValue, records, blobs } = storage
  const results = new Map<string, unknown>()
  const note = async (name: string, read: () => Promise<unknown>): Promise<void> => {
    results.set(name, await read().catch((error: unknown) => error))
  }
  await note('head', () => journal.head())
  await note('first', () => journal.first())
  await note('cursors', () => journal.cursors())
  await note('segments', () => journal.segments())
  for (const [name, options] of Object.entries({ all: {}, live: { from: 36 }, kinds: { kinds: ['order', 'ledger'] } }))
    await note(`read ${name}`, async () => {
      const entries: JournalEntry[] = []
      for await (const entry of journal.read(options)) entries.push({ ...entry })
      return entries
    })
  for (let index = 0; index <= 61; index += 1) await note(`get entry-${index}`, () => journal.get(`entry-${index}`))
  for (const consumer of [...consumers, 'absent']) await note(`cursor ${consumer}`, () => journal.cursor(consumer))
  await note('list', () => keyValue.list({ prefix: '' }))
  await note('list after', () => keyValue.list({ prefix: 'key/', after: 'key/4', limit: 10 }))
  for (let index = 0; index <= 80; index += 1) await note(`key/${index}`, () => keyValue.get(`key/${index}`))
  for (const collection of ['orders', 'fills']) {
    for (const where of [{}, { symbol: 'AAPL' }, { state: 's1', symbol: 'BTC-USDT' }]) {
      await note(`query ${collection} ${JSON.stringify(where)}`, () => records.query(collection, { where }))
      await note(`count ${collection} ${JSON.stringify(where)}`, () => records.count(collection, where))
    }
    for (let index = 0; index <= 60; index += 1)
      await note(`${collection}/r${index}`, () => records.get(collection, `r${index}`))
  }
  for (const text of [...texts, 'absent']) await note(`blob of ${text.length}`, () => blobs.get(sha256Hex(text)))
  return results
}

/** Whether an error names this file, and a fault of its content rather than of the program. */
export function namesDamage(error: unknown, file: string): boolean {
  const codes = ['STORAGE_CORRUPT', 'STORAGE_FOREIGN', 'STORAGE_VERSION', 'STORAGE_READ_ONLY', 'STORAGE_DENIED']
  return SwarmError.isInstance(error) && codes.includes(error.code) && error.message.includes(file)
}
