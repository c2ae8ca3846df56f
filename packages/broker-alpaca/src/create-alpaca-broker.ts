import { assertContext } from '@tradeswarm/broker-kit'
import type { BrokerContext, BrokerDefinition } from '@tradeswarm/trading'
import { AlpacaBroker } from './alpaca-broker.js'
import type { AlpacaBrokerOptions } from './alpaca-broker-options.js'
import { parseAlpacaOptions } from './parse-alpaca-options.js'

/** An Alpaca account before it is opened. */
export type AlpacaBrokerDefinition = Omit<BrokerDefinition, 'open'> & {
  open(context: BrokerContext): Promise<AlpacaBroker>
}

/**
 * An account at Alpaca: US equities and crypto, on paper unless `mode: 'live'` is said with `allowLive: true`. Inert until it is opened.
 * Throws `INVALID_OPTION`.
 */
export function createAlpacaBroker(options: AlpacaBrokerOptions): AlpacaBrokerDefinition {
  const settings = parseAlpacaOptions(options)
  const { account, mode } = settings
  return {
    name: 'alpaca',
    account,
    mode,
    currency: 'USD',
    async open(context) {
      assertContext('createAlpacaBroker: open', context, ['clock', 'random', 'logger', 'guard'])
      return new AlpacaBroker(settings, context).open()
    },
  }
}
