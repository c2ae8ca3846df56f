export { AlpacaBroker } from './alpaca-broker.js'
export {
  type AlpacaBrokerOptions,
  type AlpacaConnection,
  type AlpacaTransport,
  type AlpacaUrls,
  alpacaDefaults,
  type WebSocketLike,
} from './alpaca-broker-options.js'
export { type AlpacaBrokerDefinition, createAlpacaBroker } from './create-alpaca-broker.js'
