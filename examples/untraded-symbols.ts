// What a swarm says of a symbol that no account trades: an alert at the start, and a denial for whoever asks all the same.
import { AlertRaised, AssessRisk, createTradingSwarm, defineTradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { Agent, createSilentLogger } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { Instrument } from '@tradeswarm/trading'

const terms = { kind: 'equity', tickSize: '0.01', lotSize: '1', minimumNotional: '1', calendar: 'us-equity' } as const
const instruments: Instrument[] = [{ ...terms, symbol: 'AAPL', asset: 'AAPL', currency: 'USD' }]

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly requests = [AssessRisk]

  protected override onStart(): void {
    this.subscribe(AlertRaised, async ({ account, code, message }, context) => {
      console.log(`${code}: ${message}`)
      const assessment = await context.request(AssessRisk, {
        intentId: 'buy-1',
        account,
        agent: this.id,
        strategy: 'example',
        symbol: 'APPL',
        side: 'buy',
        type: 'market',
        quantity: '10',
        timeInForce: 'day',
        exits: { stopPrice: '180', targetPrice: '220', maximumSessions: 5 },
        decidedAt: context.clock.now(),
        causationId: 'example',
        correlationId: 'example',
      })
      if (assessment.status === 'denied')
        for (const finding of assessment.findings) console.log(`denied, ${finding.code}: ${finding.message}`)
    })
  }
}

const swarm = createTradingSwarm(
  defineTradingSwarm({
    symbols: ['AAPL', 'APPL'],
    brokers: [createPaperBroker({ instruments, cash: { USD: '100000' } })],
    agents: [Asker],
  }),
  {
    storage: createMemoryStorage(),
    feed: { name: 'silent', subscribe: () => () => {} }, // yours
    instruments,
    deposits: { paper: '100000' },
    runtime: { logger: createSilentLogger() },
  },
)
await swarm.start()
await swarm.stop()
