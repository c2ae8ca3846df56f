import { type BrokerBench, benchInstruments, openBrokerBench } from '@tradeswarm/testing'
import type { MarketEvent } from '@tradeswarm/trading'
import { createPaperBroker } from './create-paper-broker.js'
import type { PaperBrokerOptions } from './paper-broker-options.js'
import type { PaperOperator } from './paper-operator.js'

/** A bench on the paper venue, with what its operator can do. */
export type PaperBench = BrokerBench & { readonly operator: PaperOperator }

/** Opens a paper account of 10,000 USD without fees and slippage on a fresh feed, after one session of known prices. */
export async function openPaper(options: Partial<PaperBrokerOptions> = {}): Promise<PaperBench> {
  let operator: PaperOperator | undefined
  const bench = await openBrokerBench({
    capabilities: [],
    define: ({ account }) => {
      const free = { fees: { basisPoints: '0' }, slippage: { basisPoints: '0' } }
      const defaults = { account, instruments: benchInstruments, cash: { USD: '10000' }, ...free }
      const definition = createPaperBroker({ ...defaults, ...options })
      const open: typeof definition.open = async (context) => {
        const opened = await definition.open(context)
        operator = opened
        return opened
      }
      return { ...definition, open }
    },
  })
  if (operator === undefined) throw new Error('the account was not opened')
  return { ...bench, operator }
}

/** Opens a session and says what AAA is quoted at; the clock stands at the quote. */
export async function openQuoted(bench: BrokerBench, bid: string, ask: string): Promise<void> {
  await bench.market.preOpen()
  await bench.market.open({})
  await sayQuote(bench, bid, ask)
}

/** Quotes a symbol a second later than the last event. */
export async function sayQuote(bench: BrokerBench, bid: string, ask: string, symbol = 'AAA'): Promise<void> {
  const quote: MarketEvent = { type: 'quote', symbol, time: bench.feed.clock.now() + 1_000, bid, ask }
  await bench.feed.emit(quote)
}
