import { createTradingKernel } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { generateScenario } from './generate-scenario.js'
import { runScenario } from './run-scenario.js'
import { createSessionBroker, type SimulatedAdapter } from './session-broker.js'
import { examineSeed, simulate, simulateSeed } from './simulate.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** The adapter of simulations, but for what `change` makes of it. */
const changed =
  (change: (broker: Awaited<ReturnType<typeof createSessionBroker>>) => object): SimulatedAdapter =>
  (session, context, account) => {
    const broker = createSessionBroker(session, context, account)
    return { ...broker, ...change(broker) }
  }

test.each([
  [
    'place',
    /^the adapter's place of ts[0-9a-f]{30}, called by life \d+ at \d+ ms, had not settled at \d+ ms, and never will/,
  ],
  ['openOrders', /^the adapter's openOrders, called by life \d+ at \d+ ms, had not settled at \d+ ms/],
  ['balances', /^the adapter's balances, called by life/],
])('an adapter whose %s never settles is a failure of the subject that names the call', async (method, told) => {
  const adapter = changed(() => ({ [method]: never }))
  const { violation } = await simulateSeed(11, { adapter })
  expect(violation?.invariant).toBe('subject')
  expect(violation?.message).toMatch(told)
  expect(violation?.message).toContain('nothing but promises and the timers of its context and session')
})

test('an adapter that never opens is named by that, and the next seed is played', async () => {
  const { seeds, failures } = await simulate({ seeds: 2, from: 11, maximumFailures: 2, adapter: never })
  expect({ seeds, invariants: failures.map(({ invariant }) => invariant) }).toEqual({
    seeds: 2,
    invariants: ['subject', 'I25'],
  })
  expect(failures[0]?.message).toContain("the adapter's open, called by life 1 at 0 ms, had not settled at 60000 ms")
  // Where it is started again and again the kernel gives each opening up, and says so.
  expect(failures[1]?.message).toMatch(/did not start again .*account simulated was not opened/)
})

test('it shrinks to the steps that bring the call about', async () => {
  const adapter = changed(() => ({ place: never }))
  const failure = await examineSeed(11, { adapter })
  const steps = failure?.trace.filter((line) => line.includes('step: ')) ?? []
  expect(steps.map((line) => line.replace(/^.*"do":"(.*?)".*$/, '$1'))).toEqual(['enter'])
  expect(failure?.trace.at(-1)).toContain("the subject failed: the adapter's place of ")
  expect(await examineSeed(11, { adapter })).toEqual(failure)
})

test('what takes long, and comes, is no failure', async () => {
  const adapter: SimulatedAdapter = (session, context, account) => {
    const broker = createSessionBroker(session, context, account)
    const slowly = async (orderId: string) => {
      await new Promise<void>((resolve) => session.after(55_000, resolve))
      return broker.order(orderId)
    }
    return { ...broker, order: slowly }
  }
  const { violation } = await simulateSeed(12, { adapter })
  expect(violation?.invariant).not.toBe('subject')
})

test('it is the cause that is told, and the invariant that broke meanwhile stands in the trace', async () => {
  const adapter = changed(() => ({ cancel: never }))
  const { violation, log } = await runScenario(generateScenario(14), { adapter }, { log: true })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: expect.stringMatching(/^the adapter's cancel of ts[0-9a-f]{30}, called by life \d+ at \d+ ms, had not/),
  })
  expect(log.at(-1)).toMatch(/^ *\d+ ms {2}since \d+ ms I29 does not hold either: /)
})

test('a kernel that never answers its start is named with since when', async () => {
  const { violation } = await simulateSeed(11, {
    createKernel: (options) => ({ ...createTradingKernel(options), start: never }),
  })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: expect.stringMatching(
      /^the kernel's start\(\), called by life \d+ at \d+ ms, had not settled at \d+ ms, and never will: let what createKernel /,
    ),
  })
})

test('an adapter that has itself called back at once for ever is told at which instant', async () => {
  let calls = 0
  const adapter: SimulatedAdapter = (session, context, account) => ({
    ...createSessionBroker(session, context, account),
    balances() {
      const again = (): void => {
        calls += 1
        if (calls < 150_000) session.after(0, again)
      }
      again()
      return session.balances()
    },
  })
  const { violation } = await simulateSeed(12, { adapter })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: expect.stringMatching(
      /^100000 things were due at \d+ ms, each set off by the one before: code under test has itself called back after 0 ms without an end/,
    ),
  })
})
