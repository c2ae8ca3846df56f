export { createPaperBroker, type PaperBrokerDefinition } from './create-paper-broker.js'
export type { PaperHolding } from './paper-account.js'
export {
  type PaperBrokerOptions,
  type PaperFees,
  paperBrokerDefaults,
  type TradingHalt,
} from './paper-broker-options.js'
export type { CorrectedFigures, PaperOperator } from './paper-operator.js'
