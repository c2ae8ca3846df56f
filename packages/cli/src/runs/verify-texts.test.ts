import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chainEntries, emptyJournalHead, modelCallKind, type Storage, sha256Hex } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyTexts } from './verify-texts.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-texts-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function storageWith(question: string, answer: string, kept: readonly string[]): Promise<Storage> {
  const storage = await createSqliteStorage(join(folder, `${kept.length}.db`)).open({ clock: { now: () => 0 } })
  const text = JSON.stringify({ call: sha256Hex(question), answer: sha256Hex(answer) })
  const journal = chainEntries(emptyJournalHead, [{ id: 'model-call-1', kind: modelCallKind, time: 0, text }])
  await storage.commit({ journal, blobs: kept.map((one) => ({ hash: sha256Hex(one), text: one })) })
  return storage
}

test('what a language model was asked and answered is among the texts of a run', async () => {
  const whole = await storageWith('what of it?', 'buy', ['what of it?', 'buy'])
  expect(await verifyTexts(whole)).toEqual({ ok: true, texts: 2, erased: 0 })
  const erased = await storageWith('what of it?', 'buy', ['what of it?'])
  expect(await verifyTexts(erased)).toEqual({ ok: true, texts: 2, erased: 1 })
  const { blobs } = whole
  const altered: Storage = {
    ...whole,
    blobs: { ...blobs, get: async (hash) => (hash === sha256Hex('buy') ? 'sell' : blobs.get(hash)) },
  }
  expect(await verifyTexts(altered)).toMatchObject({ ok: false, altered: sha256Hex('buy') })
  await Promise.all([whole.close(), erased.close()])
})
