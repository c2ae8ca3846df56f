import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSystemSecret, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

/** Beside the run: where its double listens, and what it plays. */
export const venueFileName = 'venue.json'

const venueRecord = z.object({
  format: z.literal(1),
  broker: z.string(),
  pid: z.number(),
  url: z.string(),
  keys: z.record(z.string(), z.string()),
  beginsAt: z.number(),
  sessionMs: z.number(),
  cash: z.string(),
  seed: z.number(),
  lenient: z.boolean(),
  tape: z.string().exactOptional(),
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
})

/** A double of a venue in a process of its own, and the tape that it plays. */
export type VenueRecord = z.output<typeof venueRecord>

/**
 * Writes it whole or not at all, for its owner's eyes only. Throws `VENUE_EXISTS` where there is one already: two that were started for one run,
 * by one that was killed and the next, do not share it.
 */
export async function writeVenueRecord(folder: string, record: VenueRecord): Promise<void> {
  const path = join(folder, venueFileName)
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  try {
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new SwarmError({ code: 'VENUE_EXISTS', message: `${path}: the run has a double already` })
  } finally {
    await rm(draft, { force: true })
  }
}

/** What lies in a folder; undefined where there is none that can be read. */
export async function readVenueRecord(folder: string): Promise<VenueRecord | undefined> {
  try {
    return venueRecord.parse(JSON.parse(await readFile(join(folder, venueFileName), 'utf8')))
  } catch {
    return undefined
  }
}

/** Keys that only this venue takes, so that whoever listens on its port later is not taken for it. */
export function newKeys(variables: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(variables.map((name) => [name, `FAKE${createSystemSecret().slice(0, 24)}`]))
}
