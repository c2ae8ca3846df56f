import { chainEntry, type JournalEntry, type JournalHead, type Storage, SwarmError } from '@tradeswarm/core'
import { expect, onTestFinished } from 'vitest'
import { createD1Storage, type D1StorageOptions } from '../create-d1-storage.js'
import { takePlace } from './test-place.test-support.js'

/** The clock of these tests stands still. */
export const clock = { now: () => 1_700_000_000_000 }

/** A place of its own for one test, released when the test ends. */
export function testPlace(): D1StorageOptions {
  const { options, release } = takePlace()
  onTestFinished(release)
  return options
}

/** Opens a storage, closed when the test ends. */
export async function openStorage(options: D1StorageOptions): Promise<Storage> {
  const storage = await createD1Storage(options).open({ clock })
  onTestFinished(() => storage.close())
  return storage
}

/** Entries after a head. */
export function entries(head: JournalHead, ...ids: readonly string[]): JournalEntry[] {
  const made: JournalEntry[] = []
  for (const id of ids)
    made.push(chainEntry(made.at(-1) ?? head, { id, kind: 'message', time: 1, text: `{"id":"${id}"}` }))
  return made
}

/** The ids of all entries that a storage reads. */
export async function idsOf(storage: Storage): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of storage.journal.read()) ids.push(id)
  return ids
}

/** Asserts that an action fails with this code and that the message says something. */
export async function expectFailure(code: string, saying: string, action: () => Promise<unknown>): Promise<SwarmError> {
  const error: unknown = await action().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!SwarmError.isInstance(error)) throw new Error(`nothing failed with ${code}`, { cause: error })
  expect(`${error.code}: ${error.message}`).toContain(`${code}: `)
  expect(error.message).toContain(saying)
  return error
}
