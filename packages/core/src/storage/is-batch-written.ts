import type { Storage, WriteBatch } from './storage.js'

/**
 * Whether a batch with journal entries took effect: after a commit with an unknown outcome, ask before committing it
 * again. A batch is atomic and its last hash is no other's, so its last entry tells for all of it. False for a batch
 * without entries, whose writes may be made again unless they ask for a revision.
 */
export async function isBatchWritten(storage: Storage, batch: WriteBatch): Promise<boolean> {
  const last = batch.journal?.at(-1)
  if (last === undefined) return false
  const head = await storage.journal.head()
  if (head.sequence <= last.sequence) return head.hash === last.hash
  return (await storage.journal.get(last.id))?.hash === last.hash
}
