import { modelCallKind, type Storage, SwarmError, sha256Hex } from '@tradeswarm/core'
import { readRecords } from './run-records.js'

/** What was found when the texts were hashed again. */
export type TextsVerdict = {
  readonly ok: boolean
  readonly texts: number
  /** Texts that were erased: allowed, but a replay needs them. */
  readonly erased: number
  /** The hash of the first text that is not what was read. */
  readonly altered?: string
}

/** Whether every text that the run read, and all that language models were asked and answered, is still what it was, by its hash. */
export async function verifyTexts(storage: Storage): Promise<TextsVerdict> {
  const seen = new Set<string>()
  let erased = 0
  for await (const hash of hashesIn(storage)) {
    if (seen.has(hash)) continue
    seen.add(hash)
    const state = await stateOf(storage, hash)
    if (state === 'altered') return { ok: false, texts: seen.size, erased, altered: hash }
    if (state === 'erased') erased += 1
  }
  return { ok: true, texts: seen.size, erased }
}

async function* hashesIn(storage: Storage): AsyncGenerator<string> {
  for await (const record of readRecords(storage, ['message']))
    if (record.kind === 'message' && record.message.topic === 'post.received')
      yield String(record.message.payload.textHash)
  for await (const { text } of storage.journal.read({ kinds: [modelCallKind] })) {
    const { call, answer } = JSON.parse(text) as { readonly call: string; readonly answer: string }
    yield call
    yield answer
  }
}

/** A storage may find an altered text itself, when it reads it. */
async function stateOf(storage: Storage, hash: string): Promise<'whole' | 'altered' | 'erased'> {
  try {
    const text = await storage.blobs.get(hash)
    if (text === undefined) return 'erased'
    return sha256Hex(text) === hash ? 'whole' : 'altered'
  } catch (error) {
    if (SwarmError.isInstance(error, 'STORAGE_CORRUPT')) return 'altered'
    throw error
  }
}
