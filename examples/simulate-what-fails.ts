// What the simulator says of an adapter that never answers, and of an agent of which nothing is permitted.
import {
  createSessionBroker,
  examineSeed,
  type SimulatedAdapter,
  type SimulatedAgent,
  simulateSeed,
  subjectDenied,
  subjectPermitted,
} from '@tradeswarm/testing'

/** Sends an order, and then waits for a word of the stream that it has no time-out for. */
const patient: SimulatedAdapter = (session, context, account) => ({
  ...createSessionBroker(session, context, account),
  async place(order) {
    context.guard.consume(order)
    await session.place(order.request)
    return new Promise<never>(() => undefined)
  },
})

const failure = await examineSeed(11, { adapter: patient })
console.log(`seed ${failure?.seed}, invariant ${failure?.invariant}:`)
console.log(failure?.message.replace(': ', ':\n  '))

/** Trades by the names that it has at home. */
const homesick: SimulatedAgent = {
  name: 'homesick',
  decide: ({ intent }) => [intent({ symbol: 'AAPL', side: 'buy', quantity: '1' })],
}
const { violation, covered } = await simulateSeed(11, { agents: () => [homesick] })
console.log(`homesick: ${violation === undefined ? 'every invariant held' : violation.message}`)
console.log(`something was permitted: ${covered.includes(subjectPermitted)}`)
for (const what of covered.filter((each) => each.startsWith(subjectDenied))) console.log(what)
