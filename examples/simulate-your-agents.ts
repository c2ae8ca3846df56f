// Your agents and your broker adapter against the fault simulator: a world that loses, repeats, delays, refuses and crashes.
import { SwarmError } from '@tradeswarm/core'
import { createSessionBroker, type SimulatedAdapter, type SimulatedAgent, simulate } from '@tradeswarm/testing'

/** Buys what has risen since it last looked, with half a per cent to the stop. */
function createMomentum(): SimulatedAgent {
  const seen = new Map<string, number>()
  return {
    name: 'momentum',
    decide({ prices, portfolio, intent }) {
      const rising = [...prices].filter(([symbol, price]) => Number(price) > (seen.get(symbol) ?? Infinity))
      for (const [symbol, price] of prices) seen.set(symbol, Number(price))
      const held = new Set(portfolio.positions.map(({ symbol }) => symbol))
      return rising
        .filter(([symbol]) => !held.has(symbol))
        .map(([symbol, text]) => {
          const price = Number(text)
          const exits = {
            stopPrice: (price * 0.995).toFixed(2),
            targetPrice: (price * 1.01).toFixed(2),
            maximumSessions: 2,
          }
          return intent({ symbol, side: 'buy', quantity: '20', exits })
        })
    },
  }
}

/** An adapter with a mistake: after a time-out it sends the order once more. */
const careless: SimulatedAdapter = (session, context, account) => ({
  ...createSessionBroker(session, context, account),
  async place(order) {
    context.guard.consume(order)
    await session.place(order.request).catch((error: unknown) => {
      if (!SwarmError.isInstance(error, 'TIMEOUT')) throw error
      return session.place(order.request)
    })
  },
})

const sound = await simulate({ seeds: 40, agents: () => [createMomentum()] })
console.log(`momentum: ${sound.seeds} seeds, ${sound.violations} violations`)

const { failures } = await simulate({ seeds: 200, adapter: careless })
for (const { invariant, trace } of failures) {
  const steps = trace.filter((line) => line.includes('step: ')).map((line) => line.replace(/^.*"do":"(.*?)".*$/, '$1'))
  console.log(`careless: ${invariant} does not hold; it takes these steps: ${steps.join(', ')}`)
}
