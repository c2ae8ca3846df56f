import {
  type Cancel,
  type ClockAndTimers,
  type EpochMs,
  messageOf,
  type Service,
  type ServiceHost,
  SwarmError,
  sha256Hex,
} from '@tradeswarm/core'
import type { SignalSource, SourceItem } from '@tradeswarm/signals'
import { PostReceived, ReadText } from '../messages/signal-topics.js'

export type IntakeOptions = {
  readonly sources: readonly SignalSource[]
  readonly symbols: readonly string[]
  readonly fetch: typeof fetch
}

/** Texts kept at hand for whoever reads them; older ones come from the blob store. */
const maximumTextsAtHand = 5_000
/** Longer texts are cut before they are kept. */
const maximumTextLength = 20_000

/**
 * Polls every source when it is due, keeps each text under its hash and tells the bus of each post.
 * A poll that fails is logged and tried again when the source is next due; nothing that came earlier is lost.
 */
export function createIntakeService(options: IntakeOptions): Service {
  const texts = new Map<string, string>()
  const cancels = new Map<string, Cancel>()
  const abort = new AbortController()

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

  const take = async (host: ServiceHost, source: SignalSource, item: SourceItem): Promise<void> => {
    if (!options.symbols.includes(item.symbol)) return
    await host.publish(PostReceived, {
      source: source.name,
      synthetic: source.synthetic,
      weight: source.weight,
      id: item.id,
      symbol: item.symbol,
      at: item.at,
      textHash: keepText(host, item.text.slice(0, maximumTextLength)),
      ...(item.author === undefined ? {} : { author: item.author }),
      ...(item.followers === undefined ? {} : { followers: item.followers }),
      ...(item.url === undefined ? {} : { url: item.url }),
    })
  }

  const run = (host: ServiceHost, source: SignalSource): void => {
    let since: EpochMs | undefined
    const polls: EpochMs[] = []
    const poll = async (): Promise<void> => {
      const now = host.clock.now()
      try {
        if (!withinQuota(source, polls, now)) return
        const items = await source.poll({ since, now, signal: abort.signal, fetch: options.fetch })
        for (const item of items) await take(host, source, item)
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
    async start(host) {
      host.respond(ReadText, async ({ hash }) => {
        const text = texts.get(hash) ?? (await host.readBlob(hash))
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
