import type { Broker, BrokerContext, BrokerDefinition } from '@tradeswarm/trading'
import { PaperBroker } from './paper-broker.js'
import type { PaperBrokerOptions } from './paper-broker-options.js'
import type { PaperOperator } from './paper-operator.js'
import { parsePaperBrokerOptions } from './parse-paper-broker-options.js'

/** A paper account before it is opened. What it opens can be run by hand, too. */
export type PaperBrokerDefinition = Omit<BrokerDefinition, 'open'> & {
  open(context: BrokerContext): Promise<Broker & PaperOperator>
}

/**
 * A paper account that fills orders from the bars, quotes and trades of the market data feed; `docs/design/fills.md` says which price may
 * fill which order. Open it before anything else subscribes to the feed, so that fills come before others see the price. Throws `INVALID_OPTION`.
 */
export function createPaperBroker(options: PaperBrokerOptions): PaperBrokerDefinition {
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
