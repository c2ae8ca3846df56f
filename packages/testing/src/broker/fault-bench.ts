import {
  createSeededRandom,
  createSequentialIds,
  createSilentLogger,
  createSystemClock,
  type EpochMs,
  SwarmError,
} from '@tradeswarm/core'
import { AwaitedCalls } from './awaited-calls.js'
import { defaultSetup } from './broker-bench.js'
import type { BrokerHarness, BrokerSetup } from './broker-harness.js'
import { eventLoopTurn } from './event-loop-turn.js'
import type { FaultyVenue } from './faulty-venue.js'
import { createManualFeed } from './manual-feed.js'
import { createOpenGuard } from './open-guard.js'
import { createOrderDesk, type OrderDesk, type OrderFields } from './order-desk.js'
import { spellFor } from './role-spelling.js'

type Sizes = { readonly bidSize?: string; readonly askSize?: string }

/** What became of a request: what it threw, if anything. */
export type Answered = { readonly error: SwarmError | undefined }

/** An open account at a venue that can be made to fail, and all that the account said. */
export type FaultBench = OrderDesk & {
  readonly venue: FaultyVenue
  now(): EpochMs
  /** New best prices of AAA. */
  quote(bid: string, ask: string, sizes?: Sizes): Promise<void>
  /** Places an order, whatever becomes of that. */
  tryToPlace(fields?: OrderFields): Promise<Answered & { readonly id: string }>
  /** Waits for what a call comes to. Anything thrown that is no `SwarmError` is thrown on. */
  answerOf(call: Promise<unknown>): Promise<Answered>
  /** Lets time pass by the venue's clock. */
  pass(ms: number): Promise<void>
  /** Waits until something is so, then until all is told. Throws what it waited for, where it does not come about. */
  until(isSo: () => boolean, what: string): Promise<void>
}

/** A machine that is busy takes a while. */
const patienceMs = 20_000

/** How long one wait of a case may take, when all of them must have ended by the machine's clock, and who is told what is waited for. */
export type FaultBenchOptions = {
  readonly patienceMs?: number
  readonly endsAt?: EpochMs
  readonly awaited?: AwaitedCalls
}

/** Opens an account of the harness at a venue of its own; AAA stands at 99.9 to 100.1, BBB at half of that. */
export async function openFaultBench(
  harness: BrokerHarness,
  setup: Partial<BrokerSetup> = {},
  options: FaultBenchOptions = {},
): Promise<FaultBench> {
  const { faults, capabilities: declared, elsewhere = [] } = harness
  if (faults === undefined) throw new SwarmError({ code: 'INVALID_OPTION', message: 'the harness has no faults' })
  const wanted: BrokerSetup = { ...defaultSetup, cash: { USD: '1000000' }, ...setup }
  const spelled = spellFor(harness.instruments ?? {}, wanted)
  const awaited = options.awaited ?? new AwaitedCalls()
  const venue = awaited.watched('venue', await awaited.note('the double is started', () => faults(spelled.setup)))
  try {
    const guard = createOpenGuard()
    const context = {
      clock: { now: () => venue.clock.now() },
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      logger: createSilentLogger(),
      feed: createManualFeed(),
      guard: spelled.guard(guard),
    }
    const opened = await awaited.note('the account is opened', () => venue.definition.open(context))
    const { account } = wanted
    const broker = awaited.watched('broker', spelled.broker(opened))
    const desk = createOrderDesk({ broker, declared, elsewhere, guard, account })
    const bench = benchOf(
      desk,
      venue,
      { patienceMs, endsAt: Number.POSITIVE_INFINITY, ...options, awaited },
      (symbol, bid, ask, sizes) =>
        venue.emit(spelled.event({ type: 'quote', symbol, time: venue.clock.now(), bid, ask, ...sizes })),
    )
    for (const [symbol, bid, ask] of [
      ['AAA', '99.9', '100.1'],
      ['BBB', '49.9', '50.1'],
    ] as const)
      if (wanted.instruments.some((one) => one.symbol === symbol)) await bench.quoteOf(symbol, bid, ask)
    return bench
  } catch (thrown) {
    await venue.close()
    throw thrown
  }
}

function benchOf(
  desk: OrderDesk,
  venue: FaultyVenue,
  { patienceMs: waitMs, endsAt, awaited }: Required<FaultBenchOptions>,
  quoteOf: (symbol: string, bid: string, ask: string, sizes?: Sizes) => Promise<void>,
) {
  const machine = createSystemClock()
  const bench: FaultBench & { quoteOf: typeof quoteOf } = {
    ...desk,
    venue,
    quoteOf,
    now: () => venue.clock.now(),
    quote: (bid, ask, sizes) => quoteOf('AAA', bid, ask, sizes),
    async tryToPlace(fields) {
      const request = desk.request(fields)
      const { error } = await bench.answerOf(desk.broker.place(desk.guard.permit(request)))
      return { id: request.clientOrderId, error }
    },
    async answerOf(call) {
      try {
        await call
        return { error: undefined }
      } catch (thrown) {
        if (SwarmError.isInstance(thrown)) return { error: thrown }
        throw thrown
      } finally {
        await venue.settled()
      }
    },
    pass: (ms) =>
      awaited.note(
        `${ms} ms have passed by the clock of the venue`,
        () => new Promise((resolve) => void venue.clock.at(venue.clock.now() + ms, resolve)),
      ),
    async until(isSo, what) {
      const begun = machine.now()
      const come = async (): Promise<void> => {
        while (!isSo()) {
          const now = machine.now()
          if (now - begun > waitMs || now > endsAt)
            throw new Error(`it did not come about within ${now - begun} ms: ${what}`)
          await eventLoopTurn()
        }
      }
      await awaited.note(what, come)
      await venue.settled()
    },
  }
  return bench
}
