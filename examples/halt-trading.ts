// An operator stops one strategy, leaves all positions, and freezes the account, in a swarm that trades a recorded month.
import { defineTradingSwarm, type TradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'

const ada = { operator: 'Ada', reason: 'drill' }
const scope = { strategy: 'swarm' }

const acts: Readonly<Record<string, readonly [string, (swarm: TradingSwarm) => Promise<void>]>> = {
  '2014-01-03': ['stop a strategy', (swarm) => swarm.halt('halted', 'it behaves oddly', { scope, operator: 'Ada' })],
  '2014-01-07': ['let it go on', (swarm) => swarm.resume({ ...ada, scope })],
  '2014-01-09': ['leave everything', (swarm) => swarm.flatten(ada)],
  '2014-01-13': ['let it enter again', (swarm) => swarm.resume(ada)],
  '2014-01-15': ['freeze the account', (swarm) => swarm.freeze(ada)],
  '2014-01-17': ['end the freeze', (swarm) => swarm.unfreeze(ada)],
}

await backtest({
  tape: await bundledTape({ to: '2014-01-31' }),
  swarm: defineTradingSwarm({ symbols: ['SPX'] }),
  cash: { USD: '100000' },
  seed: 42,
  async onSessionClosed(date, swarm) {
    const [what, act] = acts[date] ?? []
    if (what === undefined || act === undefined) return
    const held = swarm.portfolio().positions.map(({ symbol, quantity }) => `${quantity} ${symbol}`)
    await act(swarm)
    console.log(`${date}  ${what}, holding ${held.join(', ') || 'nothing'}: trading is ${swarm.tradingState().state}`)
    for (const { scope, state, reason, operator } of swarm.kernel().halts())
      console.log(`            ${JSON.stringify(scope ?? 'account')} is ${state} by ${operator}: ${reason}`)
  },
})
