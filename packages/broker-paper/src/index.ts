export { createPaperBroker } from './create-paper-broker.js'
export { type PaperBrokerOptions, paperBrokerDefaults } from './paper-broker-options.js'
