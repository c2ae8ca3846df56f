// One swarm over two accounts, each with a currency and instruments of its own, and one of them halted.
import { createTradingSwarm, defineTradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSilentLogger } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { Instrument } from '@tradeswarm/trading'

const terms = { kind: 'equity', tickSize: '0.01', lotSize: '1', minimumNotional: '1', calendar: 'us-equity' } as const
const apple: Instrument = { ...terms, symbol: 'AAPL', asset: 'AAPL', currency: 'USD' }
const sap: Instrument = { ...terms, symbol: 'SAP', asset: 'SAP', currency: 'EUR', calendar: 'always-open' }

const swarm = createTradingSwarm(
  defineTradingSwarm({
    symbols: ['AAPL', 'SAP'],
    brokers: [
      createPaperBroker({ account: 'us', instruments: [apple], cash: { USD: '100000' } }),
      // A currency and a calendar that are not those of the swarm are part of the account's definition.
      {
        ...createPaperBroker({ account: 'eu', instruments: [sap], cash: { EUR: '50000' } }),
        currency: 'EUR',
        calendar: 'always-open',
      },
    ],
    // Where several accounts trade a symbol, this says which does; else the first that can.
    routes: { SAP: 'eu' },
  }),
  {
    storage: createMemoryStorage(),
    feed: { name: 'silent', subscribe: () => () => {} }, // yours
    instruments: [apple, sap],
    currency: 'USD', // of the accounts that name none
    deposits: { us: '100000', eu: '50000' }, // what each begins with, in its own currency
    runtime: { logger: createSilentLogger() },
  },
)
await swarm.start()

const ada = { operator: 'Ada', reason: 'as agreed' }
await swarm.book({ type: 'deposit', eventId: 'wire-1', amount: '2500' }, { ...ada, account: 'eu' })
await swarm.kernel('eu').halt('halted', 'the venue is under repair', { operator: 'Ada' }) // swarm.halt is for all
for (const account of ['us', 'eu']) {
  const { currency, netDeposits } = swarm.portfolio(account)
  console.log(`${account}: ${netDeposits} ${currency}, trading is ${swarm.tradingState(account).state}`)
}
await swarm.stop()
