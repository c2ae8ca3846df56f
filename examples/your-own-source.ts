// A source of one's own, polled in virtual time beside the tape.
import { defineTradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { defineSignalSource } from '@tradeswarm/signals'

const week = 7 * 86_400_000

// A real one would call `fetch` and parse what comes back; this one comments once a week.
const myFeed = defineSignalSource({
  name: 'my-feed',
  every: '1h',
  quota: { requests: 60, perMs: 3_600_000 },
  weight: 0.7,
  async poll({ since, now }) {
    const last = Math.floor(now / week) * week
    if (since !== undefined && last <= since) return []
    return [
      {
        id: `weekly-${last}`,
        symbol: 'SPX',
        text: '$SPX breadth is improving, buyers step in on every dip',
        at: last,
        author: 'me',
      },
    ]
  },
  nextDue: (after) => (Math.floor(after / week) + 1) * week,
})

const result = await backtest({
  tape: await bundledTape({ to: '2014-03-31' }),
  swarm: defineTradingSwarm({ symbols: ['SPX'] }),
  sources: [myFeed],
  cash: { USD: '100000' },
  onStarted: (swarm) =>
    console.log(
      'agents:',
      swarm
        .status()
        .agents.map((agent) => agent.id)
        .join(', '),
    ),
})
console.log(`${result.counts.posts} posts of the tape and of my-feed, ${result.counts.signals} of them became signals`)
