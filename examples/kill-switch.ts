// The kill switch: latched for an agent and for the account, still there after a restart, reset with its own secret.
import { createTradingSwarm, defineTradingSwarm, type TradingSwarm } from '@tradeswarm/agents'
import { createSilentLogger, SwarmError, sha256Hex } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'

type Venue = NonNullable<Parameters<typeof defineTradingSwarm>[0]['brokers']>[number]

/** A venue at which nothing ever happens, to have an account to halt. */
const venue: Venue = {
  name: 'quiet',
  account: 'main',
  mode: 'paper',
  open: async () => ({
    name: 'quiet',
    account: 'main',
    mode: 'paper',
    instrument: () => undefined,
    place: async () => {},
    cancel: async () => {},
    order: async () => undefined,
    openOrders: async () => [],
    balances: async () => [{ asset: 'USD', total: '1000' }],
    subscribe: () => () => {},
    close: async () => {},
  }),
}
const storage = createMemoryStorage()

async function startSwarm(): Promise<TradingSwarm> {
  const swarm = createTradingSwarm(defineTradingSwarm({ symbols: ['AAPL'], brokers: [venue] }), {
    storage,
    feed: { name: 'silent', subscribe: () => () => {} },
    instruments: [],
    deposits: { main: '1000' },
    operators: ['Ada', 'Grace'],
    killSwitchSecretHash: sha256Hex('open sesame'), // keep the secret elsewhere, and give the hash
    runtime: { logger: createSilentLogger() },
  })
  await swarm.start()
  return swarm
}

const refusal = (error: unknown): string => (SwarmError.isInstance(error) ? `${error.code}: ${error.message}` : 'odd')
const tell = (what: string, state: { state: string; reasons: readonly string[] }): void =>
  console.log(`${what}: ${state.state} ${JSON.stringify(state.reasons)}`)

const first = await startSwarm()
const scope = { agent: 'trader' }
await first.kill('it raves', { scope, operator: 'Grace' })
tell('one agent is stopped', first.kernel().tradingState(scope))
tell('the account goes on', first.tradingState())
await first.kill('smoke in the server room')
tell('now it is stopped too', first.tradingState())
await first.stop()

const second = await startSwarm()
tell('after a restart', second.tradingState())
await second.resume({ operator: 'Ada', reason: 'a resume is no reset' })
tell('after a resume', second.tradingState())
await second.resetKillSwitch({ operator: 'Eve', secret: 'open sesame' }).catch((error) => console.log(refusal(error)))
await second.resetKillSwitch({ operator: 'Ada', secret: 'open barley' }).catch((error) => console.log(refusal(error)))
await second.resetKillSwitch({ operator: 'Ada', secret: 'open sesame' })
tell('after the reset', second.tradingState())
tell('but the agent', second.kernel().tradingState(scope))
await second.resetKillSwitch({ operator: 'Ada', secret: 'open sesame', scope })
tell('and after its own', second.kernel().tradingState(scope))
await second.stop()
