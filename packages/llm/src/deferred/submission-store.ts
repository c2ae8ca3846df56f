import { type Storage, SwarmError, sha256Hex } from '@tradeswarm/core'
import { readSubmission, type Submission } from './submission.js'

/** The batches of one desk in a storage. It belongs to one process at a time: another's write is met with `REVISION_CONFLICT`. */
export type SubmissionStore = {
  /** All that are there. */
  load(): Promise<readonly Submission[]>
  /** Durable when it settles, with the texts that it names. */
  save(submission: Submission, texts?: readonly string[]): Promise<void>
  remove(submission: Submission): Promise<void>
  /** Rejects with `BATCH_UNREADABLE` for a text that is gone. */
  text(hash: string): Promise<string>
}

export function createSubmissionStore(storage: Storage, prefix: string): SubmissionStore {
  const revisions = new Map<string, number>()
  return {
    async load() {
      const found: Submission[] = []
      let after: string | undefined
      for (;;) {
        const page = await storage.keyValue.list({ prefix, ...(after === undefined ? {} : { after }) })
        for (const { value, revision } of page) {
          const submission = readSubmission(value)
          revisions.set(submission.id, revision)
          found.push(submission)
        }
        after = page.at(-1)?.key
        if (after === undefined) return found
      }
    },
    async save(submission, texts = []) {
      const ifRevision = revisions.get(submission.id) ?? 0
      await storage.commit({
        keyValue: [{ key: prefix + submission.id, value: JSON.stringify(submission), ifRevision }],
        blobs: texts.map((text) => ({ hash: sha256Hex(text), text })),
      })
      revisions.set(submission.id, ifRevision + 1)
    },
    async remove({ id, requests, results }) {
      await storage.commit({ keyValue: [{ key: prefix + id, ifRevision: revisions.get(id) ?? 0 }] })
      revisions.delete(id)
      await storage.blobs.delete(requests)
      if (results !== undefined) await storage.blobs.delete(results)
    },
    async text(hash) {
      const text = await storage.blobs.get(hash)
      if (text !== undefined) return text
      throw new SwarmError({
        code: 'BATCH_UNREADABLE',
        message: `the text ${hash} of a batch is gone from the blob store`,
      })
    },
  }
}
