import { describe, expect, test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import type { Broker } from '../orders/broker.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers, type ManualTimers } from './manual-timers.test-support.js'

type Call = 'place' | 'cancel' | 'order' | 'openOrders' | 'balances' | 'time'

/** A kernel whose venue never answers the calls named, once it has begun to hang, and does what they ask for where it `carriesOut`. */
async function hanging(...calls: readonly (Call | 'carriesOut')[]): Promise<{
  readonly bench: KernelBench
  readonly timers: ManualTimers
  readonly hang: (hangs: boolean) => void
}> {
  const timers = createManualTimers()
  let hangs = false
  const never = new Promise<never>(() => undefined)
  const bench = await openKernelBench({ timers }, 80, (broker) => {
    const { open } = broker.definition
    const slow = async (context: Parameters<typeof open>[0]): Promise<Broker> => {
      const opened = await open(context)
      const slowed = Object.fromEntries(
        calls.flatMap((call) => {
          if (call === 'carriesOut') return []
          const real = opened[call] as (...given: readonly unknown[]) => Promise<unknown>
          const silent = (...given: readonly unknown[]): Promise<unknown> => {
            if (calls.includes('carriesOut')) void real(...given)
            return never
          }
          return [[call, (...given: readonly unknown[]) => (hangs ? silent(...given) : real(...given))]]
        }),
      )
      return { ...opened, ...slowed }
    }
    Object.assign(broker.definition, { open: slow })
  })
  return {
    bench,
    timers,
    hang: (now) => {
      hangs = now
    },
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

const statuses = ({ kernel }: KernelBench): readonly string[] =>
  (JSON.parse(kernel.snapshot()) as { orders: { state: { status: string } }[] }).orders.map(({ state }) => state.status)

describe('a venue that hangs for good', () => {
  test('I08 leaves an order unknown, and holds up no event of the market', async () => {
    const { bench, timers, hang } = await hanging('place')
    hang(true)
    const entered = bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    await settle()
    const quote = (): MarketEvent => ({ type: 'quote', symbol: 'BBB', time: bench.now, bid: '99', ask: '101' })
    const marked = bench.market(quote())
    await settle()
    expect(statuses(bench)).toEqual(['submitted'])
    // The look-up that the event asks for finds nothing, and sends it again, in vain.
    for (let call = 1; call <= 2; call += 1) {
      timers.fire()
      await settle()
    }
    await entered
    await marked
    expect(statuses(bench)).toEqual(['unknown'])
    expect(bench.kernel.portfolio().cash.USD?.locked).not.toBe('0')
    hang(false)
    bench.now += 2_000
    await bench.market(quote())
    await bench.kernel.settled()
    expect(statuses(bench)).toEqual(['accepted'])
  })

  test('I29 is not waited for where its stream tells of the order: what it filled is covered, and others are served', async () => {
    const { bench, hang } = await hanging('place', 'cancel', 'carriesOut')
    hang(true)
    await bench.enter({ exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 } })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    expect(bench.broker.sent.map(({ type, side }) => `${side} ${type}`)).toEqual([
      'buy market',
      'sell stop',
      'sell limit',
    ])
    expect(bench.events).not.toContainEqual(expect.objectContaining({ type: 'alert' }))
    await bench.kernel.flatten({ operator: 'Ada', reason: 'test' })
    await bench.kernel.settled()
    expect(bench.broker.sent.at(-1)).toMatchObject({ side: 'sell', type: 'market' })
  })

  test('leaves a cancel pending, which is asked about', async () => {
    const { bench, timers, hang } = await hanging('cancel')
    const orderId = await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
    hang(true)
    const cancelled = bench.kernel.cancel(orderId, 'test')
    await settle()
    timers.fire()
    await cancelled
    expect(statuses(bench)).toEqual(['pending-cancel'])
  })

  test.each(['openOrders', 'balances'] as const)(
    'I25 in %s is read as no answer, never as nothing there',
    async (call) => {
      const { bench, timers, hang } = await hanging(call)
      hang(true)
      const compared = bench.kernel.reconcile()
      await settle()
      timers.fire()
      await compared
      expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'RECONCILIATION_FAILED' }))
      hang(false)
      await bench.kernel.reconcile()
      expect((await bench.kernel.assess(bench.intent())).status).toBe('permitted')
    },
  )
})

test('what the venue cannot do is not promised by the bounds around it', async () => {
  const { bench } = await hanging()
  const entry = await bench.enter({ type: 'limit', limitPrice: '99', timeInForce: 'gtc' })
  await bench.kernel.amend(entry, { limitPrice: '98' }, 'lower')
  await bench.kernel.settled()
  // Without `replace` an amendment is a cancel and a new order.
  expect(bench.broker.replacements).toEqual([])
  expect(bench.broker.cancels).toHaveLength(1)
  expect(bench.broker.sent).toHaveLength(2)
})
