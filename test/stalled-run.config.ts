import { defineTradingSwarm, MarketBar } from '@tradeswarm/agents'
import { Agent } from '@tradeswarm/core'

const never = () => new Promise<void>(() => undefined)
/** What hangs: the test of what the command line says then sets it. */
const stuck = process.env['STUCK']

class Mine extends Agent<typeof Mine> {
  static readonly role = 'mine'

  protected override async onStart() {
    if (stuck === 'hook') await never()
    this.subscribe(MarketBar, async () => {
      if (stuck === 'handler') await never()
    })
  }
}

export default defineTradingSwarm({ symbols: ['SPX'], agents: [Mine] })
