import {
  type Cancel,
  type ClockAndTimers,
  createOutboundLimiter,
  type EpochMs,
  messageOf,
  type OutboundLimiterOptions,
  type Service,
  type ServiceHost,
  SwarmError,
  sha256Hex,
} from '@tradeswarm/core'
import type { SignalSource, SourceItem } from '@tradeswarm/signals'
import { PostReceived, ReadText } from '../messages/signal-topics.js'
import { createLimitedFetch } from './limited-fetch.js'
import { maximumItemsPerPoll, readSourceItems, type SourceItemReading } from './read-source-items.js'

export type IntakeOptions = {
  readonly sources: readonly SignalSource[]
  readonly symbols: readonly string[]
  readonly fetch: typeof fetch
  /** Limits the requests of all sources together. */
  readonly outbound?: OutboundLimiterOptions | undefined
}

/** A hundred feeds that are due at once do not all ask at once. */
const defaultOutbound: OutboundLimiterOptions = { concurrency: 16 }

/** The intake, and what lies behind a hash: for services that read texts. */
export type IntakeService = Service & {
  /** The untrusted text; undefined where it was erased.  */
  textOf(hash: string): Promise<string | undefined>
}

/** Texts kept at hand for whoever reads them; older ones come from the blob store. */
const maximumTextsAtHand = 5_000

/**
 * Polls every source when it is due, keeps each text under its hash and tells the bus of each post.
 * A poll that fails is logged and tried again from the same time on when the source is next due. An item that is not as it should be
 * is logged and left out, and so is what one poll brings beyond its maximum; the others are taken and the source goes on. Throws
 * `INVALID_OPTION` for a wrong `outbound`.
 */
export function createIntakeService(options: IntakeOptions): IntakeService {
  const texts = new Map<string, string>()
  const cancels = new Map<string, Cancel>()
  const abort = new AbortController()
  let running: ServiceHost | undefined
  const limitedFetch = createLimitedFetch({
    fetch: options.fetch,
    limiter: createOutboundLimiter(options.outbound ?? defaultOutbound),
    stopped: abort.signal,
  })

  const keepText = (host: ServiceHost, text: string): string => {
    const hash = sha256Hex(text)
    if (!texts.has(hash)) {
      host.putBlob(text)
      if (texts.size >= maximumTextsAtHand) texts.delete(texts.keys().next().value ?? '')
    }
    texts.delete(hash)
    texts.set(hash, text)
    return hash
  }

  const textOf = async (hash: string): Promise<string | undefined> => texts.get(hash) ?? (await running?.readBlob(hash))

  const take = async (host: ServiceHost, source: SignalSource, item: SourceItem): Promise<void> => {
    if (!options.symbols.includes(item.symbol)) return
    const { text, ...post } = item
    await host.publish(PostReceived, {
      ...post,
      source: source.name,
      synthetic: source.synthetic,
      weight: source.weight,
      textHash: keepText(host, text),
    })
  }

  const run = (host: ServiceHost, source: SignalSource): void => {
    let since: EpochMs | undefined
    const polls: EpochMs[] = []
    const poll = async (): Promise<void> => {
      const now = host.clock.now()
      try {
        if (!withinQuota(source, polls, now)) return
        const reading = readSourceItems(await source.poll({ since, now, signal: abort.signal, fetch: limitedFetch }))
        tellFaults(host, source, reading)
        for (const item of reading.items) await take(host, source, item)
        since = now
      } catch (error) {
        host.logger.warn('a source could not be polled', { source: source.name, error: messageOf(error) })
      } finally {
        arm()
      }
    }
    const arm = (): void => {
      if (abort.signal.aborted) return
      const due = nextPoll(source, host.clock)
      if (due !== undefined) cancels.set(source.name, host.clock.at(due, poll, 'high'))
    }
    arm()
  }

  return {
    name: 'intake',
    publishes: [PostReceived],
    responds: [ReadText],
    textOf,
    async start(host) {
      running = host
      host.respond(ReadText, async ({ hash }) => {
        const text = await textOf(hash)
        if (text !== undefined) return { text }
        throw new SwarmError({
          code: 'TEXT_NOT_FOUND',
          message: `the text ${hash} is not in the blob store: it was erased`,
          context: { hash },
        })
      })
      for (const source of options.sources) run(host, source)
    },
    async stop() {
      abort.abort()
      for (const cancel of cancels.values()) cancel()
    },
  }
}

function tellFaults(host: ServiceHost, { name }: SignalSource, { rejected, faults, dropped }: SourceItemReading): void {
  if (rejected > 0)
    host.logger.warn('items of a source were left out: they are not as they should be', {
      source: name,
      rejected,
      first: faults,
    })
  if (dropped > 0)
    host.logger.warn('a source gave more items than one poll may bring: the rest is dropped', {
      source: name,
      dropped,
      maximumItemsPerPoll,
    })
}

/** The next multiple of the source's interval at which there is something to poll. */
function nextPoll(source: SignalSource, clock: ClockAndTimers): EpochMs | undefined {
  const now = clock.now()
  const due = source.nextDue === undefined ? now + 1 : source.nextDue(now)
  return due === undefined ? undefined : Math.max(now + 1, Math.ceil(due / source.everyMs) * source.everyMs)
}

function withinQuota(source: SignalSource, polls: EpochMs[], now: EpochMs): boolean {
  const { quota } = source
  if (quota === undefined) return true
  while (polls[0] !== undefined && polls[0] <= now - quota.perMs) polls.shift()
  if (polls.length >= quota.requests) return false
  polls.push(now)
  return true
}
