import type { SeenRequest } from '../shared/fake-http-host.js'
import type { FakeMarket } from '../shared/fake-market.js'
import type { FakeOkxConditions, FakeOkxFault } from './fault-board.js'
import type { PlainLevel } from './okx-book.js'

/** A running fake of OKX (API v5): REST and the three WebSockets on one port of the loopback interface. */
export type FakeOkx = {
  readonly port: number
  /** The base URL of REST, such as `http://127.0.0.1:41234`; paths begin with `/api/v5/`. */
  readonly url: string
  /** The base URL of WebSockets, such as `ws://127.0.0.1:41234/ws/v5`; `/public`, `/private` or `/business` follows. */
  readonly streamUrl: string
  readonly keyId: string
  readonly secret: string
  readonly passphrase: string
  /** Where prices come from: say what the market does, and orders fill. */
  readonly market: FakeMarket
  /** Says the whole book of an instrument, best levels first; the best of each side are the quote that orders meet. Until a `market.quote` makes a book of one level each. */
  book(instId: string, bids: readonly PlainLevel[], asks: readonly PlainLevel[]): Promise<void>
  /** Suspends an instrument, or lets it trade again: new orders are refused meanwhile, resting ones do not fill, and the instruments channel tells. */
  setState(instId: string, state: 'live' | 'suspend'): void
  /** What befalls a book's sequence: a sign of life without change, a reset to a lower number, or an update that nobody is told. */
  disturbBook(instId: string, how: 'still-there' | 'reset' | 'gap'): void
  /** What is to go wrong with the next requests that fit. Throws `INVALID_OPTION` for a fault that there is not, and for requests that nothing answers. */
  fail(fault: FakeOkxFault): void
  /** What goes wrong as long as it is set. */
  readonly conditions: FakeOkxConditions
  /** Forgets all faults that are still to come. */
  heal(): void
  /** Breaks all connections of one kind of stream (`updates`: private; `market`: public and business), or of both. */
  cutStreams(which?: 'updates' | 'market'): void
  /** Sends the notice of an upgrade (64008) on public and private sockets. */
  announceUpgrade(): void
  /** Sends what `shuffleUpdates` has kept back. */
  flushUpdates(): void
  /** All orders as the API tells them, algo orders (`algoId`, `algoClOrdId`) among them, in the order of arrival; an algo order that was set off and the order that it became are both there. */
  orders(): readonly Readonly<Record<string, unknown>>[]
  /** What has been asked so far. */
  readonly requests: readonly SeenRequest[]
  /** How many messages about orders and of market data have gone out. */
  readonly sent: { readonly updates: number; readonly market: number }
  /** How many order updates wait until the answer of a request is out. */
  readonly unsent: number
  /** How many sockets listen to orders, and how many are connected for market data. */
  readonly listening: { readonly updates: number; readonly market: number }
  /** Lets go of the port and breaks all connections. */
  close(): Promise<void>
}
