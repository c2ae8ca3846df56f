// Limits for a swarm and for one agent in it, and a rule of one's own beside those of the risk authority.
import { defineTradingSwarm, IntentDenied } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { Agent } from '@tradeswarm/core'
import { decimal, defineRiskRule } from '@tradeswarm/trading'

// Says why an order is denied, or nothing. It sees what every rule sees, and cannot change it.
const weekendAhead = defineRiskRule({
  code: 'WEEKEND_AHEAD',
  binds: 'entry',
  check: ({ request, time }, { notional }) =>
    new Date(time).getUTCDay() === 5 && notional.gt(decimal('6000'))
      ? { message: `${request.symbol} would be held over a weekend`, value: notional.toFixed(2), limit: '6000' }
      : undefined,
})

const denied = new Map<string, string>()
class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'

  protected override onStart(): void {
    this.subscribe(IntentDenied, ({ findings }) => {
      for (const { code, message } of findings) if (!denied.has(code)) denied.set(code, message)
    })
  }
}

const result = await backtest({
  tape: await bundledTape({ to: '2016-12-31' }),
  swarm: defineTradingSwarm({
    symbols: ['SPX'],
    agents: [Listener],
    policy: {
      maxOrderFraction: 0.08,
      consecutiveLosses: { count: 3, pauseMs: 5 * 86_400_000 },
      principals: [{ agent: 'trader', capital: '7250', sides: ['buy'] }],
    },
    rules: { add: [weekendAhead] },
  }),
  cash: { USD: '100000' },
})
console.log(`${result.counts.intents} intents, ${result.counts.denials} denied, ${result.counts.trades} trades`)
for (const [code, message] of denied) console.log(`${code}: ${message}`)
