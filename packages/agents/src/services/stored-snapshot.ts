import { type JournalEntry, messageOf, type ServiceHost, sha256Hex } from '@tradeswarm/core'
import { z } from 'zod'

/** A snapshot is kept in parts of so many characters or some more, since storages bound what one key holds. */
const partLength = 500_000

const taken = { sequence: z.int().min(1), hash: z.string(), id: z.string() }

/** Of what the parts are a snapshot: of the books after the entry of that number, which has that hash and id. */
const manifestSchema = z.discriminatedUnion('version', [
  z.object({ version: z.literal(1), ...taken, sha256: z.string(), parts: z.int().min(1) }),
  /** Each part with its hash; they lie in one of two places, of which the other is free to be written. */
  z.object({
    version: z.literal(2),
    ...taken,
    slot: z.union([z.literal(0), z.literal(1)]),
    parts: z.array(z.string()).min(1),
  }),
])
type Manifest = z.output<typeof manifestSchema>

/** The books after an entry of the journal. */
export type Snapshot = { readonly manifest: Manifest; readonly text: string }

/**
 * Writes a snapshot bit by bit, with a turn of the event loop between two pieces, so that whoever trades meanwhile hardly waits. Until the
 * manifest names it the one of before stays in force: a crash at any step leaves one of the two whole.
 */
export async function writeSnapshot(
  host: ServiceHost,
  account: string,
  { sequence, hash, id }: JournalEntry,
  pieces: Iterable<string>,
): Promise<void> {
  const before = await readManifest(host, account).catch(() => undefined)
  const slot = before?.version === 2 && before.slot === 0 ? 1 : 0
  const hashes: string[] = []
  const put = async (text: string): Promise<void> => {
    await host.saveNow(partKey(account, slot, hashes.length), text)
    hashes.push(sha256Hex(text))
  }
  let gathered = ''
  for (const piece of pieces) {
    gathered += piece
    if (gathered.length >= partLength) {
      await put(gathered)
      gathered = ''
    }
    await nextTurn(host)
  }
  if (gathered !== '') await put(gathered)
  const manifest: Manifest = { version: 2, sequence, hash, id, slot, parts: hashes }
  await host.saveNow(manifestKey(account), JSON.stringify(manifest))
  await removeParts(host, (part) => partKey(account, slot, part), hashes.length)
  if (before?.version === 1) await removeParts(host, (part) => firstPartKey(account, part), 0)
}

/** The snapshot that belongs to the journal, its parts as they were written. What is there and cannot be used is told, and counts for none. */
export async function readSnapshot(host: ServiceHost, account: string): Promise<Snapshot | undefined> {
  try {
    const manifest = await readManifest(host, account)
    if (manifest === undefined) return undefined
    const entry = await host.journal.get(manifest.id)
    if (entry?.sequence !== manifest.sequence || entry.hash !== manifest.hash)
      return unusable(host, account, 'the journal does not hold the entry after which it was taken')
    const text = await readParts(host, account, manifest)
    return text === undefined ? unusable(host, account, 'its text is not the one that was written') : { manifest, text }
  } catch (thrown) {
    return unusable(host, account, messageOf(thrown))
  }
}

/** Tells why a snapshot is not used. */
export function unusable(host: ServiceHost, account: string, why: string): undefined {
  host.logger.warn('the snapshot of the books is not used: they are read from the whole journal', { account, why })
  return undefined
}

async function readManifest(host: ServiceHost, account: string): Promise<Manifest | undefined> {
  const stored = await host.keyValue.get(manifestKey(account))
  return stored === undefined ? undefined : manifestSchema.parse(JSON.parse(stored.value))
}

/** Undefined where a part is not what was written. */
async function readParts(host: ServiceHost, account: string, manifest: Manifest): Promise<string | undefined> {
  const count = manifest.version === 1 ? manifest.parts : manifest.parts.length
  const texts: string[] = []
  for (let part = 0; part < count; part += 1) {
    const key = manifest.version === 1 ? firstPartKey(account, part) : partKey(account, manifest.slot, part)
    const text = (await host.keyValue.get(key))?.value ?? ''
    if (manifest.version === 2 && sha256Hex(text) !== manifest.parts[part]) return undefined
    texts.push(text)
  }
  const text = texts.join('')
  return manifest.version === 1 && sha256Hex(text) !== manifest.sha256 ? undefined : text
}

/** Removes parts from a place on, the last one first, so that none is left behind one that is gone. */
async function removeParts(host: ServiceHost, keyOf: (part: number) => string, from: number): Promise<void> {
  let end = from
  while ((await host.keyValue.get(keyOf(end))) !== undefined) end += 1
  while (end > from) {
    end -= 1
    await host.saveNow(keyOf(end), undefined)
  }
}

/** In virtual time nobody else is there to take a turn. */
function nextTurn({ clock }: ServiceHost): Promise<void> | undefined {
  return clock.soon === undefined ? undefined : new Promise((resolve) => clock.soon?.(resolve))
}

function manifestKey(account: string): string {
  return `kernel-snapshot/${account}`
}

/** The account comes last, as it may hold anything. */
function partKey(account: string, slot: number, part: number): string {
  return `kernel-snapshot-part/${slot}/${part}/${account}`
}

/** Of a snapshot of version 1. */
function firstPartKey(account: string, part: number): string {
  return `kernel-snapshot/${account}/${part}`
}
