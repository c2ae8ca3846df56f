import { IntentDenied } from '@tradeswarm/agents'
import type { PayloadOf, Storage, StorageDefinition, WriteBatch } from '@tradeswarm/core'

/** How many entries of each topic, and of each kind that is no message, went into the journal. */
export type RunTally = ReadonlyMap<string, number>

/** Under this name a tally counts orders that went to the venue. */
export const submittedOrders = 'order.submitted'

const submittedEvent = '"type":"submitted"'
const topicField = /"topic":"([^"]+)"/

/** Counts what is committed to a storage, by topic or kind, and the findings of denied intents by code. */
export function tallyStorage(definition: StorageDefinition): {
  readonly storage: StorageDefinition
  readonly tally: RunTally
  readonly denials: RunTally
} {
  const tally = new Map<string, number>()
  const denials = new Map<string, number>()
  const count = (batch: WriteBatch): void => {
    for (const entry of batch.journal ?? []) {
      // Keys are sorted and payload comes before topic, so the last match is the envelope's own.
      const name = entry.kind === 'message' ? lastTopic(entry.text) : entry.kind
      tally.set(name, (tally.get(name) ?? 0) + 1)
      if (entry.kind === 'order' && entry.text.includes(submittedEvent))
        tally.set(submittedOrders, (tally.get(submittedOrders) ?? 0) + 1)
      if (name === IntentDenied.name)
        for (const code of findingCodes(entry.text)) denials.set(code, (denials.get(code) ?? 0) + 1)
    }
  }
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
          count(batch)
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
