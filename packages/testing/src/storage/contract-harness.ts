import {
  chainHash,
  type JournalEntry,
  type JournalHead,
  type JournalReadOptions,
  type Storage,
  type StorageDefinition,
  SwarmError,
  sha256Hex,
} from '@tradeswarm/core'
import { expect, onTestFinished } from 'vitest'

/** A place for one test's data. */
export type StorageFixture = {
  readonly definition: StorageDefinition
  /** Another definition of the same place, as a restarted process would make it; needed where `durable` is true. */
  redefine?(): StorageDefinition
  /** Removes the place, after the test. */
  cleanup?(): Promise<void>
}

/** How the suite gets storages, and what they promise. */
export type StorageContractOptions = {
  /** A new, empty place each time. */
  create(): Promise<StorageFixture>
  /** Whether data outlive the definition, in a file or a service. */
  readonly durable: boolean
}

/** A clock that stands still until it is moved. */
export type ManualClock = { now(): number; advance(ms: number): void }

/** An opened storage under test. */
export type Opened = {
  readonly storage: Storage
  readonly clock: ManualClock
  /** Closes the storage and opens it again, from a new definition where data are durable. */
  reopen(): Promise<Storage>
}

/** The time at which every contract test begins. */
export const startTime = 1_700_000_000_000

/** Opens a new storage, closed and cleaned up when the test ends. */
export async function openStorage(options: StorageContractOptions): Promise<Opened> {
  const fixture = await options.create()
  const opened = await openFixture(options, fixture)
  onTestFinished(async () => {
    await opened.close()
    await fixture.cleanup?.()
  })
  return opened
}

/** Opens a fixture that the caller closes and cleans up: for tests that use many. */
export async function openFixture(
  options: StorageContractOptions,
  fixture: StorageFixture,
): Promise<Opened & { close(): Promise<void> }> {
  let now = startTime
  const clock: ManualClock = {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
  let storage = await fixture.definition.open({ clock })
  const first = storage
  return {
    storage: first,
    clock,
    close: () => storage.close(),
    async reopen() {
      await storage.close()
      if (options.durable && fixture.redefine === undefined) throw new Error('a durable fixture needs redefine()')
      const definition = options.durable ? fixture.redefine?.() : fixture.definition
      storage = await (definition ?? fixture.definition).open({ clock })
      return storage
    },
  }
}

/** A journal entry before it has its place in the chain. */
export type EntryDraft = {
  readonly id: string
  readonly kind?: string
  readonly text?: string
  readonly time?: number
}

/** Entries that follow a head, with their sequences and hashes. */
export function entriesAfter(head: JournalHead, drafts: readonly EntryDraft[]): JournalEntry[] {
  let { sequence, hash } = head
  return drafts.map(({ id, kind = 'message', text = `{"id":"${id}"}`, time = startTime }) => {
    sequence += 1
    const entry = { sequence, id, kind, time, text }
    hash = chainHash(hash, entry)
    return { ...entry, hash }
  })
}

/** Appends entries in one commit and returns them. */
export async function append(storage: Storage, ...drafts: readonly EntryDraft[]): Promise<JournalEntry[]> {
  const journal = entriesAfter(await storage.journal.head(), drafts)
  await storage.commit({ journal })
  return journal
}

/** The entries that a read yields. */
export async function readAll(storage: Storage, options?: JournalReadOptions): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const entry of storage.journal.read(options)) entries.push(entry)
  return entries
}

/** A blob write with the hash of its text. */
export function blobOf(text: string): { readonly hash: string; readonly text: string } {
  return { hash: sha256Hex(text), text }
}

/** Asserts that an action fails with a `SwarmError` of this code, and returns the error. */
export async function expectCode(code: string, action: () => Promise<unknown>): Promise<SwarmError> {
  const thrown = await action().then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown, `a ${code} error`).toBeDefined()
  if (!SwarmError.isInstance(thrown)) throw thrown
  expect(thrown.code).toBe(code)
  return thrown
}
