import { messageOf, type ServiceHost, SwarmError } from '@tradeswarm/core'
import type { KernelJournal, TradingKernel, TradingKernelOptions } from '@tradeswarm/trading'
import { readSnapshot, type Snapshot, unusable, writeSnapshot } from './stored-snapshot.js'

/** Fewer records than these are read again sooner than a snapshot is written. */
const recordsWorthASnapshot = 5_000
/** While a kernel runs a snapshot is written after so many: to read them again takes well under a second. */
const recordsBetweenSnapshots = 20_000

const kernelKinds = ['risk', 'order', 'ledger']

/** Where the books of one kernel come from at a start, and where they go. */
export type KernelBooks = {
  /** What the kernel is to be made of. */
  readonly options: Pick<TradingKernelOptions, 'snapshot' | 'history' | 'journal'>
  /** Records that a start has to read after the last snapshot. */
  readonly tail: number
  /**
   * Writes a snapshot of the kernel, where at least `worthIt` records (5,000) were journalled since the last one. Takes the kernel as it stands
   * between two of its turns, and little of the thread at a time. Never rejects: without a snapshot a start takes longer, and that is all.
   */
  save(kernel: TradingKernel, worthIt?: number): Promise<void>
  /** From now on writes a snapshot whenever `every` records (20,000) were journalled since the last one: what a start after a crash has to read is bounded. */
  follow(kernel: TradingKernel, every?: number): void
}

/**
 * A kernel on the books of an account as the storage holds them: the last snapshot with what was journalled after it, or the whole journal
 * where there is no snapshot that belongs to it. A snapshot is taken for sound when its text has the hashes that were written with it, the
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
  let saving: Promise<void> = Promise.resolve()
  let noted: () => void = () => undefined
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
      noted()
    },
    durable: () => host.durable(),
  }
  const saveNext = async (kernel: TradingKernel, worthIt: number): Promise<void> => {
    if (tail < worthIt || !isSound) return
    let after: { readonly id: string | undefined; readonly records: number } | undefined
    try {
      const pieces = await kernel.capture(() => {
        if (isSound) after = { id: lastId, records: tail }
      })
      if (after?.id === undefined) return
      await host.durable()
      const entry = await host.journal.get(after.id)
      if (entry === undefined) return
      await writeSnapshot(host, account, entry, pieces)
      tail -= after.records
    } catch (thrown) {
      host.logger.warn('no snapshot of the books was kept, so the next start takes longer', {
        account,
        error: messageOf(thrown),
      })
    }
  }
  const save: KernelBooks['save'] = (kernel, worthIt = recordsWorthASnapshot) => {
    saving = saving.then(() => saveNext(kernel, worthIt))
    return saving
  }
  return {
    options: { ...(known === undefined ? {} : { snapshot: known.text }), history, journal },
    get tail() {
      return tail
    },
    save,
    follow(kernel, every = recordsBetweenSnapshots) {
      let isDue = every
      let isBusy = false
      noted = () => {
        if (tail < isDue || isBusy) return
        isBusy = true
        void save(kernel, every).then(() => {
          isBusy = false
          // One that failed is tried again after as many records more.
          isDue = tail < every ? every : tail + every
        })
      }
    },
  }
}
