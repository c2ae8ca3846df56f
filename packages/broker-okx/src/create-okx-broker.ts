import { assertContext } from '@tradeswarm/broker-kit'
import type { BrokerContext, BrokerDefinition } from '@tradeswarm/trading'
import { OkxBroker } from './okx-broker.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'
import { parseOkxOptions } from './parse-okx-options.js'

/** An OKX account before it is opened. */
export type OkxBrokerDefinition = Omit<BrokerDefinition, 'open'> & {
  open(context: BrokerContext): Promise<OkxBroker>
}

/**
 * An account at OKX: spot and perpetual swaps, at demo trading unless `mode: 'live'` is said with `allowLive: true`. Inert until it is opened.
 * Throws `INVALID_OPTION`.
 */
export function createOkxBroker(options: OkxBrokerOptions): OkxBrokerDefinition {
  const settings = parseOkxOptions(options)
  const { account, mode, currency } = settings
  return {
    name: 'okx',
    account,
    mode,
    currency,
    calendar: 'always-open',
    async open(context) {
      assertContext('createOkxBroker: open', context, ['clock', 'random', 'logger', 'guard'])
      return new OkxBroker(settings, context).open()
    },
  }
}
