export type { BookLevel, BookView, SessionPlan, WebSocketLike } from '@tradeswarm/broker-kit'
export { AlpacaBroker } from './alpaca-broker.js'
export {
  type AlpacaBrokerOptions,
  type AlpacaConnection,
  type AlpacaTransport,
  type AlpacaUrls,
  alpacaDefaults,
} from './alpaca-broker-options.js'
export { AlpacaFeed } from './alpaca-feed.js'
export type { CalendarRange } from './calendar-book.js'
export { type AlpacaBrokerDefinition, createAlpacaBroker } from './create-alpaca-broker.js'
export {
  type AlpacaFeedContext,
  type AlpacaMarketData,
  type AlpacaMarketDataOptions,
  createAlpacaMarketData,
} from './create-alpaca-market-data.js'
export type { AttachedExits } from './exit-legs.js'
export { type AlpacaCalendarOptions, loadAlpacaCalendar } from './load-alpaca-calendar.js'
export { type BarQuery, type CorporateActionQuery, type HistoryQuery, MarketDataClient } from './market-data-client.js'
export type { AlpacaClock } from './parse-account.js'
export type { AlpacaDividend, AlpacaSplit, CorporateActionPage } from './parse-corporate-actions.js'
export type { AlpacaBar, AlpacaQuote, AlpacaTrade, Page } from './parse-market-data.js'
