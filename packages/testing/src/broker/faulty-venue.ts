import type { ClockAndTimers, EpochMs } from '@tradeswarm/core'
import type { BrokerDefinition, MarketEvent } from '@tradeswarm/trading'

/** What is asked of a venue, as far as the cases tell it apart: orders, cancels, amendments, and of what `balances` reads the cash. */
export type VenueRequest = 'place' | 'cancel' | 'replace' | 'balance'

/** What befalls the stream of an account's orders. */
export type StreamTrouble =
  /** Nothing of it arrives, and when all has happened its connection breaks. */
  | 'break'
  /** Its connection stands and says nothing, no sign of life either, until the adapter has left it. */
  | 'silence'
  /** All of it arrives twice, as news where the venue can make it look so. */
  | 'repeated'
  /** It arrives in another order. */
  | 'reordered'

/**
 * A double of a venue behind its network, that fails when it is told to. Times are those of `clock`, which may hurry through waits in which
 * nothing happens. The cases end each of their steps with `settled`.
 */
export type FaultyVenue = {
  /** The account; whoever opens it gives it `clock`, and a feed that says nothing. */
  readonly definition: BrokerDefinition
  /** The adapter's clock, and the venue's as long as that is not skewed. */
  readonly clock: ClockAndTimers
  /** How many rows one answer holds at most; 0 where the venue answers with all of them. */
  readonly pages: { readonly openOrders: number; readonly executions: number }
  /** Says what the market does, in the venue's words; resolves when orders have been matched with it. */
  emit(event: MarketEvent): Promise<void>
  /** Resolves when all that has happened has reached the adapter and been told, and no request is under way. */
  settled(): Promise<void>
  /**
   * Loses the answer of the next such request, `after` the venue has carried it out, or the request itself, `before` that. The connection
   * breaks, or nothing ever comes.
   */
  loseAnswer(request: VenueRequest, when: 'before' | 'after', how: 'broken' | 'silent'): void
  /** The next so many look-ups of single orders find none, though it is there. */
  hideOrders(lookUps: number): void
  /** Answers the next so many such requests with too many; tells for how many milliseconds from then the venue is to be left alone with them. */
  refuseAsTooMany(request: VenueRequest, times: number): number
  /** From now on the venue's clock is so far ahead. */
  skewClock(byMs: number): void
  /** Troubles the stream while something happens, and has it pass again then; resolves when it has been mended. */
  troubleStream(trouble: StreamTrouble, happen: () => Promise<void>): Promise<void>
  /** The client order ids of all orders that the venue has taken, in order, one for each order: twice the same where it has two. */
  orders(): readonly string[]
  /** When each such request was sent, lost ones and repetitions included. */
  requests(request: VenueRequest): readonly EpochMs[]
  /** How many requests the venue has turned away as too many of its own accord. */
  turnedAway(): number
  /** Ends it. */
  close(): Promise<void>
}
