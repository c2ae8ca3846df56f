import type { JournalEntry, Storage, StorageDefinition } from '@tradeswarm/core'
import { type Booking, bookingIn, type KernelRecord } from '@tradeswarm/trading'

/** An envelope as the journal holds it. */
export type RecordedMessage = {
  readonly topic: string
  readonly publisher: string
  readonly correlationId: string
  readonly causationId?: string
  readonly payload: Record<string, never>
}

/** Opens a storage, lets `work` have it, and closes it whatever happens. */
export async function withStorage<Result>(
  definition: StorageDefinition,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await definition.open({ clock: { now: () => 0 } })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

export function readJournal(definition: StorageDefinition): Promise<readonly JournalEntry[]> {
  return withStorage(definition, async (storage) => {
    const entries: JournalEntry[] = []
    for await (const entry of storage.journal.read()) entries.push(entry)
    return entries
  })
}

/** The messages of one topic, each with the id, sequence and time of its entry. */
export function messagesOf<Payload>(
  entries: readonly JournalEntry[],
  topic: string,
): readonly (Omit<RecordedMessage, 'payload'> &
  Pick<JournalEntry, 'id' | 'sequence' | 'time'> & { readonly payload: Payload })[] {
  return entries
    .filter((entry) => entry.kind === 'message')
    .map((entry) => ({
      ...(JSON.parse(entry.text) as Omit<RecordedMessage, 'payload'> & { payload: Payload }),
      id: entry.id,
      sequence: entry.sequence,
      time: entry.time,
    }))
    .filter((message) => message.topic === topic)
}

const kernelKinds: ReadonlySet<string> = new Set(['order', 'ledger', 'risk'])

/** What the kernel journalled, in order. */
export function kernelRecords(entries: readonly JournalEntry[]): readonly KernelRecord[] {
  return entries.filter((entry) => kernelKinds.has(entry.kind)).map((entry) => JSON.parse(entry.text) as KernelRecord)
}

/** Records of one type, typed as such. */
export function recordsOf<Type extends KernelRecord['type']>(
  entries: readonly JournalEntry[],
  type: Type,
): readonly Extract<KernelRecord, { type: Type }>[] {
  return kernelRecords(entries).filter(
    (record): record is Extract<KernelRecord, { type: Type }> => record.type === type,
  )
}

/** The ledger entries, each with the event that it rests on. */
export function bookings(entries: readonly JournalEntry[]): readonly Booking[] {
  return kernelRecords(entries).flatMap((record) => bookingIn(record) ?? [])
}
