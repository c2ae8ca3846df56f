import { IntentDenied } from '@tradeswarm/agents'
import type { PayloadOf, Storage, StorageDefinition } from '@tradeswarm/core'

/** How many entries of each topic, and of each kind that is no message, went into the journal. */
export type RunTally = ReadonlyMap<string, number>

/** Under this name a tally counts orders that went to the venue. */
export const submittedOrders = 'order.submitted'

const submittedEvent = '"type":"submitted"'
const topicField = /"topic":"([^"]+)"/

/** Counts of entries as they come. */
export type EntryTally = {
  readonly tally: RunTally
  /** Findings of denied intents, by code. */
  readonly denials: RunTally
  count(entry: { readonly kind: string; readonly text: string }): void
}

/** Nothing counted yet, or what was before. */
export function createEntryTally(before: RunTally = new Map()): EntryTally {
  const tally = new Map(before)
  const denials = new Map<string, number>()
  return {
    tally,
    denials,
    count(entry) {
      // Keys are sorted and payload comes before topic, so the last match is the envelope's own.
      const name = entry.kind === 'message' ? lastTopic(entry.text) : entry.kind
      tally.set(name, (tally.get(name) ?? 0) + 1)
      if (entry.kind === 'order' && entry.text.includes(submittedEvent))
        tally.set(submittedOrders, (tally.get(submittedOrders) ?? 0) + 1)
      if (name === IntentDenied.name)
        for (const code of findingCodes(entry.text)) denials.set(code, (denials.get(code) ?? 0) + 1)
    },
  }
}

/** Counts what is committed to a storage, by topic or kind, on from what was before, and the findings of denied intents by code. */
export function tallyStorage(
  definition: StorageDefinition,
  before?: RunTally,
): {
  readonly storage: StorageDefinition
  readonly tally: RunTally
  readonly denials: RunTally
} {
  const { tally, denials, count } = createEntryTally(before)
  const storage: StorageDefinition = {
    name: definition.name,
    async open(context): Promise<Storage> {
      const opened = await definition.open(context)
      return {
        journal: opened.journal,
        keyValue: opened.keyValue,
        records: opened.records,
        blobs: opened.blobs,
        close: () => opened.close(),
        async commit(batch) {
          await opened.commit(batch)
          for (const entry of batch.journal ?? []) count(entry)
        },
      }
    },
  }
  return { storage, tally, denials }
}

function findingCodes(text: string): readonly string[] {
  const { payload } = JSON.parse(text) as { readonly payload: PayloadOf<typeof IntentDenied> }
  return payload.findings.map((finding) => finding.code)
}

function lastTopic(text: string): string {
  return topicField.exec(text.slice(text.lastIndexOf('"topic":"')))?.[1] ?? 'message'
}
