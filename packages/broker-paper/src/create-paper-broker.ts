import type { BrokerDefinition } from '@tradeswarm/trading'
import { PaperBroker } from './paper-broker.js'
import { type PaperBrokerOptions, parsePaperBrokerOptions } from './paper-broker-options.js'

/**
 * A paper account that fills orders from the bars of the market data feed; `docs/design/fills.md` says which price may fill which order.
 * Open it before anything else subscribes to the feed, so that fills come before others see the price. Throws `INVALID_OPTION`.
 */
export function createPaperBroker(options: PaperBrokerOptions): BrokerDefinition {
  const settings = parsePaperBrokerOptions(options)
  const calendar = options.instruments[0]?.calendar
  return {
    name: 'paper',
    account: settings.account,
    mode: 'paper',
    ...(calendar === undefined ? {} : { calendar }),
    open: async (context) => new PaperBroker(settings, context),
  }
}
