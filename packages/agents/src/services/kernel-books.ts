import { type JournalEntry, messageOf, type ServiceHost, SwarmError, sha256Hex } from '@tradeswarm/core'
import type { KernelJournal, TradingKernel, TradingKernelOptions } from '@tradeswarm/trading'
import { z } from 'zod'

/** A snapshot is kept in parts of so many characters, since storages bound what one key holds. */
const partLength = 500_000
/** Fewer records than these are read again sooner than a snapshot is written. */
const recordsWorthASnapshot = 5_000

const kernelKinds = ['risk', 'order', 'ledger']

/** Of what the parts are a snapshot: of the books after the entry of that number, which has that hash and id. */
const manifestSchema = z.object({
  version: z.literal(1),
  sequence: z.int().min(1),
  hash: z.string(),
  id: z.string(),
  sha256: z.string(),
  parts: z.int().min(1),
})
type Manifest = z.output<typeof manifestSchema>

/** Where the books of one kernel come from at a start, and where they go. */
export type KernelBooks = {
  /** What the kernel is to be made of. */
  readonly options: Pick<TradingKernelOptions, 'snapshot' | 'history' | 'journal'>
  /** Records that a start has to read after the last snapshot. */
  readonly tail: number
  /**
   * Writes a snapshot of the kernel, where at least `worthIt` records (5,000) were journalled since the last one. Takes the kernel as it stands at the call, and about
   * 10 ms of the thread for each megabyte. Never rejects: without a snapshot a start takes longer, and that is all.
   */
  save(kernel: TradingKernel, worthIt?: number): Promise<void>
}

/**
 * A kernel on the books of an account as the storage holds them: the last snapshot with what was journalled after it, or the whole journal
 * where there is no snapshot that belongs to it. A snapshot is taken for sound when its text has the hash that was written with it, the
 * journal holds the entry after which it was taken, and the kernel can be made of it.
 */
export async function kernelFromBooks(
  host: ServiceHost,
  account: string,
  make: (options: KernelBooks['options']) => TradingKernel,
): Promise<{ readonly kernel: TradingKernel; readonly books: KernelBooks }> {
  const books = await openBooks(host, account, await readSnapshot(host, account))
  try {
    return { books, kernel: make(books.options) }
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown, 'KERNEL_SNAPSHOT_INVALID')) throw thrown
    unusable(host, account, messageOf(thrown))
    const whole = await openBooks(host, account, undefined)
    return { books: whole, kernel: make(whole.options) }
  }
}

type Snapshot = { readonly manifest: Manifest; readonly text: string }

async function openBooks(host: ServiceHost, account: string, known: Snapshot | undefined): Promise<KernelBooks> {
  const history: { readonly payload: unknown }[] = []
  let lastId = known?.manifest.id
  const from = known === undefined ? {} : { from: known.manifest.sequence + 1 }
  for await (const { id, text } of host.journal.read({ kinds: kernelKinds, ...from })) {
    if (!id.startsWith(`${account}:`)) continue
    history.push({ payload: JSON.parse(text) })
    lastId = id
  }
  let tail = history.length
  let isSound = true
  const journal: KernelJournal = {
    append(entry) {
      try {
        host.append(entry)
      } catch (thrown) {
        // A booking may be in the books by now and not in the journal: no snapshot of them is ever to be gone on from.
        isSound = false
        throw thrown
      }
      tail += 1
      lastId = entry.id
    },
    durable: () => host.durable(),
  }
  return {
    options: { ...(known === undefined ? {} : { snapshot: known.text }), history, journal },
    get tail() {
      return tail
    },
    async save(kernel, worthIt = recordsWorthASnapshot) {
      if (tail < worthIt || !isSound || lastId === undefined) return
      const text = kernel.snapshot()
      const id = lastId
      const counted = tail
      try {
        await host.durable()
        const entry = await host.journal.get(id)
        if (entry === undefined) return
        await writeSnapshot(host, account, entry, text)
        tail -= counted
      } catch (thrown) {
        host.logger.warn('no snapshot of the books was kept, so the next start takes longer', {
          account,
          error: messageOf(thrown),
        })
      }
    },
  }
}

function keyOf(account: string): string {
  return `kernel-snapshot/${account}`
}

/** The parts come first: until the manifest names them, the one of before belongs to other parts, and counts for nothing. */
async function writeSnapshot(host: ServiceHost, account: string, entry: JournalEntry, text: string): Promise<void> {
  const parts = Math.ceil(text.length / partLength)
  for (let part = 0; part < parts; part += 1)
    await host.saveNow(`${keyOf(account)}/${part}`, text.slice(part * partLength, (part + 1) * partLength))
  const { sequence, hash, id } = entry
  const manifest: Manifest = { version: 1, sequence, hash, id, sha256: sha256Hex(text), parts }
  await host.saveNow(keyOf(account), JSON.stringify(manifest))
}

async function readSnapshot(host: ServiceHost, account: string): Promise<Snapshot | undefined> {
  try {
    const stored = await host.keyValue.get(keyOf(account))
    if (stored === undefined) return undefined
    const manifest = manifestSchema.parse(JSON.parse(stored.value))
    const entry = await host.journal.get(manifest.id)
    if (entry?.sequence !== manifest.sequence || entry.hash !== manifest.hash)
      return unusable(host, account, 'the journal does not hold the entry after which it was taken')
    let text = ''
    for (let part = 0; part < manifest.parts; part += 1)
      text += (await host.keyValue.get(`${keyOf(account)}/${part}`))?.value ?? ''
    if (sha256Hex(text) !== manifest.sha256) return unusable(host, account, 'its text is not the one that was written')
    return { manifest, text }
  } catch (thrown) {
    return unusable(host, account, messageOf(thrown))
  }
}

function unusable(host: ServiceHost, account: string, why: string): undefined {
  host.logger.warn('the snapshot of the books is not used: they are read from the whole journal', { account, why })
  return undefined
}
