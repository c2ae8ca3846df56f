export { assertContext } from './assert-context.js'
export { assertExits, type ExitFields } from './assert-exits.js'
export {
  assertDepth,
  assertHistoryQuery,
  assertNamed,
  assertStretch,
  assertSymbol,
  type HistoryTerms,
  historyOptions,
} from './assert-history.js'
export { assertVenueOptions, type OtherNames } from './assert-venue-options.js'
export { type BookLevel, type BookView, placeLevel } from './book-levels.js'
export {
  assertAccountName,
  assertKeyText,
  assertMode,
  assertModeName,
  assertOutcomeWaits,
  assertSessions,
  invalidVenueOption,
  isWithin,
  parseBookSymbols,
  parseFlag,
  parseLine,
  parseSymbols,
  parseTradedSymbols,
  parseUrl,
  type SymbolForm,
  unfitVenueOption,
  type VenueLine,
  type VenuePatience,
  type VenueTransport,
  venuePatience,
  type WebSocketLike,
} from './connection.js'
export { EventOutbox } from './event-outbox.js'
export { exitsFault } from './exits-fault.js'
export { FeedOutbox } from './feed-outbox.js'
export { GapFiller, type GapFillerParts } from './gap-filler.js'
export { detailsIn, exchange, type HttpAnswer, type HttpRequest, jsonIn, queryText } from './http-exchange.js'
export { KeptLookups, type KeptLookupsOptions } from './kept-lookups.js'
export { LatestItems } from './latest-items.js'
export { Listeners } from './listeners.js'
export { MessageForms, type MessageFormsParts } from './message-forms.js'
export { requestFault } from './order-form.js'
export { isOffGrid, namedValues, type OrderField, priceFields, readAmount, remedyFor } from './order-values.js'
export { type LookUp, outcomeOf } from './outcome.js'
export { ownText } from './own-text.js'
export {
  amountText,
  asList,
  asPayload,
  badPayload,
  decimalIfAny,
  epochMs,
  givenAmount,
  givenDecimal,
  givenEpochMs,
  givenInstant,
  givenText,
  instant,
  missing,
  numberText,
  optionalAmount,
  optionalEpochMs,
  optionalInstant,
  optionalText,
  type Payload,
  text,
} from './payload.js'
export { isPlainAmount } from './plain-amount.js'
export { platformFetch } from './platform-fetch.js'
export { RateBuckets, sharedRateBuckets, type VenueRate } from './rate-buckets.js'
export { RecentIds } from './recent-ids.js'
export { RecentMap } from './recent-map.js'
export { type Explanation, RefusalDesk } from './refusal-desk.js'
export { emptyQuantity, offTick, RefusalWords, type RefusalWordsParts, type Refused } from './refusal-words.js'
export { type RequestClass, RequestLanes, type RequestLanesParts } from './request-lanes.js'
export { retryAfterMs } from './retry-after.js'
export { createScrubber, type Scrubber } from './scrubber.js'
export { SessionClock, type SessionPlan, settlingMs, usEquitySessions } from './session-clock.js'
export { tellUnlisted } from './tell-unlisted.js'
export { type Unmappable, unmappable } from './unmappable.js'
export { VenueClock } from './venue-clock.js'
export {
  connectionLost,
  isRetryable,
  isUnanswered,
  notJson,
  readFailure,
  redirected,
  refusalIn,
  seenWithinMs,
  VenueErrors,
  type VenueRefusal,
} from './venue-error.js'
export { type SocketProtocol, type SocketSend, type SocketWord, VenueSocket } from './venue-socket.js'
export { warnOfUnheardDay } from './warn-of-unheard-day.js'
