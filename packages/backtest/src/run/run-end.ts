import type { JournalHead, Storage } from '@tradeswarm/core'
import { z } from 'zod'

const runEnd = z.object({ status: z.enum(['completed', 'stopped']), sequence: z.number(), hash: z.string() })

/** Where a run ended when it was closed. It stands outside the chain, so that entries cut off at the end are missed. */
export type RunEnd = z.output<typeof runEnd>

const runEndKey = 'run/end'

/** Records where a run was closed. */
export async function writeRunEnd(storage: Storage, status: RunEnd['status'], head: JournalHead): Promise<void> {
  const end: RunEnd = { status, sequence: head.sequence, hash: head.hash }
  await storage.commit({ keyValue: [{ key: runEndKey, value: JSON.stringify(end) }] })
}

/** The end that a run was closed with; undefined when it was killed or is still going on. */
export async function readRunEnd(storage: Storage): Promise<RunEnd | undefined> {
  const entry = await storage.keyValue.get(runEndKey)
  return entry === undefined ? undefined : runEnd.parse(JSON.parse(entry.value))
}

/** A run that goes on has no end again. */
export async function clearRunEnd(storage: Storage): Promise<void> {
  await storage.commit({ keyValue: [{ key: runEndKey }] })
}
