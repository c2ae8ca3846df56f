import { MarketBar, MarketDividend, MarketOpen, MarketSession, PostReceived } from '@tradeswarm/agents'
import { type JournalEntry, type RecordedRun, type Storage, SwarmError } from '@tradeswarm/core'
import { defineSignalSource, type SignalSource, type SourceItem } from '@tradeswarm/signals'
import type { MarketEvent } from '@tradeswarm/trading'
import { firstDifference } from './difference.js'
import { type RunHeader, runHeader, runHeaderId } from './run-header.js'

/** What a run took in, read back from its journal. */
export type RecordedInputs = {
  readonly events: readonly MarketEvent[]
  readonly sources: readonly SignalSource[]
  /** Hashes of texts that are no longer in the blob store. */
  readonly erased: readonly string[]
}

type RecordedMessage = { readonly topic: string; readonly publisher: string; readonly payload: unknown }
type RecordedItem = { readonly receivedAt: number; readonly item: SourceItem }
type RecordedSource = { readonly weight: number; readonly synthetic: boolean; readonly items: RecordedItem[] }

/** The header of the run in a storage. Throws `RUN_NOT_FOUND` when it holds none, `RUN_UNREADABLE` when it is not as it was written. */
export async function readRunHeader(storage: Storage): Promise<RunHeader> {
  const entry = await storage.journal.get(runHeaderId)
  if (entry === undefined)
    throw new SwarmError({
      code: 'RUN_NOT_FOUND',
      message: 'the storage holds no run: its journal does not begin with a run header',
    })
  const parsed = runHeader.safeParse(JSON.parse(entry.text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SwarmError({
    code: 'RUN_UNREADABLE',
    message: `the run header is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
  })
}

/** The first field in which two headers differ, as a sentence's end. */
export function firstHeaderDifference(recorded: RunHeader, now: RunHeader): string {
  const found = firstDifference(recorded, now, '')
  return found === undefined
    ? 'nothing'
    : `${found.field} was ${JSON.stringify(found.a)} and is now ${JSON.stringify(found.b)}`
}

const marketTopics: ReadonlySet<string> = new Set(
  [MarketSession, MarketOpen, MarketBar, MarketDividend].map((topic) => topic.name),
)

/** The message in a journal entry, or undefined for entries of other kinds. */
export function messageIn(entry: JournalEntry): RecordedMessage | undefined {
  return entry.kind === 'message' ? (JSON.parse(entry.text) as RecordedMessage) : undefined
}

/** A run's record, for services that are to be answered as then; `undefined` where nothing is recorded yet. */
export function recordedRun(storage: Storage, entries: number, goesOn: boolean): RecordedRun | undefined {
  if (entries === 0) return undefined
  return { goesOn, entries: (kind) => storage.journal.read({ to: entries, kinds: [kind], unverified: true }) }
}

/** Market events and posts in the order in which they came in. */
export async function readInputs(storage: Storage): Promise<RecordedInputs> {
  const events: MarketEvent[] = []
  const bySource = new Map<string, RecordedSource>()
  const erased: string[] = []
  for await (const entry of storage.journal.read({ kinds: ['message'], unverified: true })) {
    const message = messageIn(entry)
    if (message === undefined) continue
    // What these two services publish is what came from outside.
    if (message.publisher === 'market' && marketTopics.has(message.topic)) events.push(message.payload as MarketEvent)
    if (message.publisher !== 'intake' || message.topic !== PostReceived.name) continue
    const { source, synthetic, weight, textHash, ...post } = PostReceived.schema.parse(message.payload)
    const text = await storage.blobs.get(textHash)
    if (text === undefined) {
      erased.push(textHash)
      continue
    }
    const known = bySource.get(source) ?? { weight, synthetic, items: [] }
    known.items.push({ receivedAt: entry.time, item: { ...post, text } })
    bySource.set(source, known)
  }
  return { events, sources: [...bySource].map(([name, recorded]) => recordedSource(name, recorded)), erased }
}

/** A source that gives each item when it was received the first time. */
function recordedSource(name: string, { weight, synthetic, items }: RecordedSource): SignalSource {
  let taken = 0
  return defineSignalSource({
    name,
    weight,
    synthetic,
    every: 1,
    async poll({ now }) {
      const first = taken
      while ((items[taken]?.receivedAt ?? Number.POSITIVE_INFINITY) <= now) taken += 1
      return items.slice(first, taken).map(({ item }) => item)
    },
    nextDue: () => items[taken]?.receivedAt,
  })
}
