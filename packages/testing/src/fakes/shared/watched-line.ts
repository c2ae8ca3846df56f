import type { EpochMs } from '@tradeswarm/core'
import type { VenueRequest } from '../../broker/faulty-venue.js'
import { createHurriedLine, type HurriedLine, type Line, type LineEnd } from './hurried-line.js'

type Requested = { readonly method?: string }
type Answer = { readonly status: number }

/** A hurried line, and what went over it. */
export type WatchedLine<Fetch, Connected extends LineEnd> = HurriedLine<Fetch, Connected> & {
  /** When each request of a kind was sent. */
  requests(kind: VenueRequest): readonly EpochMs[]
  /** How many requests have no answer yet, how many sockets were opened, and how many answers were a 429. */
  readonly underWay: number
  readonly opened: number
  readonly tooMany: number
  /** Counts whatever comes or goes. */
  readonly activity: number
}

/** {@link createHurriedLine} that remembers what was asked; `kindOf` tells requests apart by method and URL. */
export function createWatchedLine<Init extends Requested, Answered extends Answer, Connected extends LineEnd>(
  line: Line<(url: string, init: Init) => Promise<Answered>, Connected>,
  kindOf: (method: string, url: string) => VenueRequest | undefined,
): WatchedLine<(url: string, init: Init) => Promise<Answered>, Connected> {
  const hurried = createHurriedLine(line)
  const requests: { readonly kind: VenueRequest | undefined; readonly at: EpochMs }[] = []
  const seen = { underWay: 0, opened: 0, tooMany: 0, activity: 0 }
  const note = (): void => {
    seen.activity += 1
  }
  return {
    clock: hurried.clock,
    transport: {
      clock: hurried.clock,
      async fetch(url, init) {
        note()
        requests.push({ kind: kindOf(init.method ?? 'GET', url), at: hurried.clock.now() })
        seen.underWay += 1
        try {
          const answered = await hurried.transport.fetch(url, init)
          if (answered.status === 429) seen.tooMany += 1
          return answered
        } finally {
          seen.underWay -= 1
          note()
        }
      },
      connect(url) {
        const socket = hurried.transport.connect(url)
        seen.opened += 1
        for (const type of ['open', 'close', 'error', 'message'] as const) socket.addEventListener(type, note)
        return socket
      },
    },
    requests: (kind) => requests.filter((one) => one.kind === kind).map(({ at }) => at),
    get underWay() {
      return seen.underWay
    },
    get opened() {
      return seen.opened
    },
    get tooMany() {
      return seen.tooMany
    },
    get activity() {
      return seen.activity
    },
  }
}
