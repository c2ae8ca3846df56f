export type { BookLevel, BookView, WebSocketLike } from '@tradeswarm/broker-kit'
export type { AccountChange } from './account-watch.js'
export type { AttachedExits } from './attached-exits.js'
export { createOkxBroker, type OkxBrokerDefinition } from './create-okx-broker.js'
export {
  createOkxMarketData,
  type OkxFeedContext,
  type OkxMarketData,
  type OkxMarketDataOptions,
} from './create-okx-market-data.js'
export type { OkxListing } from './instruments.js'
export { type BarQuery, type HistoryQuery, MarketDataClient } from './market-data-client.js'
export { OkxBroker } from './okx-broker.js'
export {
  type OkxBrokerOptions,
  type OkxRoute,
  type OkxSite,
  type OkxTransport,
  type OkxUrls,
  okxDefaults,
} from './okx-broker-options.js'
export { OkxFeed } from './okx-feed.js'
export type { OkxBalance, OkxPosition } from './parse-account.js'
export type { OkxBar, OkxBarPage, OkxFundingRate, OkxQuote, OkxTrade, Page } from './parse-market-data.js'
