import { createSystemClock } from '@tradeswarm/core'
import type { BrokerDefinition } from '@tradeswarm/trading'
import { eventLoopTurn } from '../../broker/event-loop-turn.js'
import type { FaultyVenue, StreamTrouble, VenueRequest } from '../../broker/faulty-venue.js'
import type { LineEnd } from './hurried-line.js'
import type { WatchedLine } from './watched-line.js'

type FaultyConditions = {
  frozenMarketData?: boolean
  frozenUpdates: boolean
  duplicateUpdates: boolean
  shuffleUpdates: boolean
  loseUpdates: boolean
  clockSkewMs: number
}

/** A machine that is busy takes a while. */
const defaultPatienceMs = 20_000

/** What is the same of the fakes of all venues. */
type FailingFake = {
  readonly conditions: FaultyConditions
  readonly unsent: number
  /** What it still has to do of its own accord, such as a cancel that takes its time. */
  readonly underWay?: number
  readonly listening: { readonly updates: number }
  fail(fault: { readonly kind: 'hang' | 'cut'; readonly when: 'before' | 'after'; readonly on: string }): void
  fail(fault: { readonly kind: 'hidden' | 'too-many'; readonly on: string; readonly times: number }): void
  cutStreams(): void
  flushUpdates(): void
  close(): Promise<void>
}

/** A broker that tells when it has told all. */
type SettlingBroker = { settled(): Promise<void>; close(): Promise<void> }

export type FaultyFakeParts<Fetch, Connected extends LineEnd> = Pick<FaultyVenue, 'pages' | 'emit' | 'orders'> & {
  readonly fake: FailingFake
  readonly line: WatchedLine<Fetch, Connected>
  /** How requests begin: `POST /v2/orders`. */
  readonly targets: Readonly<Record<VenueRequest | 'look-up', string>>
  readonly account: string
  /** How long the stream is waited for in real time; 20 s by default. */
  readonly patienceMs?: number
  /** Says one request too many, and answers for how long the venue is to be left alone. */
  readonly tooMany: (on: string, times: number) => number
  readonly open: (
    context: Parameters<BrokerDefinition['open']>[0],
  ) => Promise<Awaited<ReturnType<BrokerDefinition['open']>> & SettlingBroker>
}

/** A fake of ours as the contract wants a venue that fails when it is told to; its adapter is reached over a watched line. */
export function createFaultyFake<Fetch, Connected extends LineEnd>({
  fake,
  line,
  targets,
  ...parts
}: FaultyFakeParts<Fetch, Connected>): FaultyVenue {
  const { clock } = line
  let broker: SettlingBroker | undefined
  let refused = 0
  const settled = async (): Promise<void> => {
    for (let calm = 0; calm < 2; calm += 1) {
      const before = line.activity
      // Passes as soon as nothing comes or goes any more.
      await new Promise<void>((resolve) => void clock.at(clock.now() + 20, resolve))
      await broker?.settled()
      if (line.activity !== before || line.underWay > 0 || fake.unsent > 0 || (fake.underWay ?? 0) > 0) calm = -1
    }
  }
  return {
    clock,
    pages: parts.pages,
    definition: {
      name: 'faulty fake',
      account: parts.account,
      mode: 'paper',
      async open(context) {
        const opened = await parts.open(context)
        broker = opened
        return opened
      },
    },
    emit: parts.emit,
    settled,
    loseAnswer: (request, when, how) =>
      fake.fail({ kind: how === 'silent' ? 'hang' : 'cut', when, on: targets[request] }),
    hideOrders: (times) => fake.fail({ kind: 'hidden', on: targets['look-up'], times }),
    refuseAsTooMany(request, times) {
      refused += times
      return parts.tooMany(targets[request], times)
    },
    skewClock(byMs) {
      fake.conditions.clockSkewMs = byMs
    },
    async troubleStream(trouble, happen) {
      await troubled({ fake, line, patienceMs: parts.patienceMs ?? defaultPatienceMs }, trouble, happen)
      await settled()
    },
    orders: parts.orders,
    requests: (kind) => line.requests(kind),
    turnedAway: () => Math.max(0, line.tooMany - refused),
    async close() {
      await broker?.close()
      await fake.close()
    },
  }
}

type Troubled = {
  readonly fake: FailingFake
  readonly line: { readonly opened: number }
  readonly patienceMs: number
}

async function troubled(
  { fake, line, patienceMs }: Troubled,
  trouble: StreamTrouble,
  happen: () => Promise<void>,
): Promise<void> {
  const { conditions } = fake
  const { opened } = line
  const machine = createSystemClock()
  const turnsUntil = async (isSo: () => boolean): Promise<void> => {
    for (const begun = machine.now(); !isSo(); await eventLoopTurn())
      if (machine.now() - begun > patienceMs) throw new Error('the stream was not left, or not opened anew')
  }
  const standsAgain = (): Promise<void> => turnsUntil(() => line.opened > opened && fake.listening.updates > 0)
  switch (trouble) {
    case 'break':
      conditions.loseUpdates = true
      await happen()
      conditions.loseUpdates = false
      fake.cutStreams()
      return standsAgain()
    case 'silence':
      conditions.frozenUpdates = true
      conditions.frozenMarketData = true
      await happen()
      await turnsUntil(() => fake.listening.updates === 0)
      conditions.frozenUpdates = false
      conditions.frozenMarketData = false
      return standsAgain()
    case 'repeated':
    case 'reordered': {
      const condition = trouble === 'repeated' ? 'duplicateUpdates' : 'shuffleUpdates'
      conditions[condition] = true
      await happen()
      conditions[condition] = false
      fake.flushUpdates()
    }
  }
}
