export type { WebSocketLike } from '@tradeswarm/broker-kit'
export type { AccountChange } from './account-watch.js'
export { createOkxBroker, type OkxBrokerDefinition } from './create-okx-broker.js'
export { OkxBroker } from './okx-broker.js'
export {
  type OkxBrokerOptions,
  type OkxRoute,
  type OkxSite,
  type OkxTransport,
  type OkxUrls,
  okxDefaults,
} from './okx-broker-options.js'
export type { OkxBalance, OkxPosition } from './parse-account.js'
