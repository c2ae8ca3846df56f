import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { createAlwaysOpenCalendar } from '../instruments/always-open-calendar.js'
import type { BrokerDefinition } from '../orders/broker.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers, type ManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const operator = { operator: 'Ada', reason: 'looked into it' }
const anySize = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
}

const causesOf = (bench: KernelBench): readonly string[] => bench.kernel.halts().map(({ cause }) => cause)

/** One round of the watch. */
async function round(bench: KernelBench, timers: ManualTimers): Promise<void> {
  timers.fire()
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  await bench.kernel.settled()
}

describe('I15 a loss limit that a person lifts after a restart, before what is held has a price', () => {
  const wide = { maxPositionFraction: 0.5, maxOrderFraction: 0.5, maxSymbolExposureFraction: 0.5 }
  const plan = { stopPrice: '10', targetPrice: '1000', maximumSessions: 100 }

  /** Three hundred units that were bought at 100 are worth so much now, and the account was started again since. */
  const restarted = async (price: number): Promise<{ readonly bench: KernelBench; readonly before: KernelBench }> => {
    const before = await openKernelBench({ policy: wide })
    await before.enter({ quantity: '300', exits: plan })
    before.broker.fill(before.broker.sent[0]?.clientOrderId ?? '', '300', '100')
    await before.kernel.settled()
    await before.session(price)
    const bench = await openKernelBench({ policy: wide, history: before.journal }, 0, (broker) => {
      broker.balances.set('AAA', '300')
      broker.balances.set('USD', '69999')
    })
    bench.now = before.now
    return { bench, before }
  }
  const price = async (bench: KernelBench, of: string): Promise<void> =>
    bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1, price: of, quantity: '1' })

  test.each([
    ['the drawdown', 40, 'drawdown', ['80', '20']],
    ['the loss of the day', 92, 'daily-loss', ['70']],
  ] as const)('%s: it stays lifted, and losses count from the first price', async (_, fallen, cause, later) => {
    const { bench, before } = await restarted(fallen)
    expect(causesOf(bench)).toContain(cause)
    await bench.kernel.resume(operator)
    expect(bench.kernel.tradingState().state).toBe('active')
    expect(bench.events.findLast(({ type }) => type === 'trading-state')).toMatchObject({
      reason: expect.stringContaining('from the first price of all that is held'),
    })
    const early = await bench.kernel.assess(bench.intent({ symbol: 'BBB', quantity: '1' }))
    expect(early.status).toBe('denied')
    await price(bench, String(fallen))
    expect(causesOf(bench)).toEqual([])
    // From there a loss of the same kind halts again.
    for (const next of later) await price(bench, next)
    expect(causesOf(bench)).toContain(cause)
    expect(rebuildKernelState([...before.journal, ...bench.journal])).toBe(bench.kernel.snapshot())
  })
})

describe('I13 a streak of rejections', () => {
  const reject = async (bench: KernelBench, times: number): Promise<void> => {
    bench.broker.onPlace = () => 'silent'
    for (let count = 0; count < times; count += 1) {
      await bench.enter({ quantity: '1' })
      bench.broker.say(bench.broker.sent.at(-1)?.clientOrderId ?? '', { type: 'rejected', code: 'NO', message: 'no' })
      await bench.kernel.settled()
    }
  }

  test('sets reducing, not before the limit, survives a restart, and is lifted by a person, from zero', async () => {
    const bench = await openKernelBench({ automaticHalts: { rejectionStreak: 3 } })
    await reject(bench, 2)
    expect(causesOf(bench)).toEqual([])
    const restarted = await openKernelBench({ history: bench.journal, automaticHalts: { rejectionStreak: 3 } })
    await reject(restarted, 1)
    expect(restarted.kernel.tradingState()).toEqual({
      state: 'reducing',
      reasons: ['the venue rejected 3 orders in a row'],
    })
    await restarted.kernel.resume(operator)
    await reject(restarted, 2)
    expect(causesOf(restarted)).toEqual([])
    expect(rebuildKernelState([...bench.journal, ...restarted.journal])).toBe(restarted.kernel.snapshot())
  })

  test('is broken by an order that the venue accepts, and counts what an adapter could not send', async () => {
    const bench = await openKernelBench({ automaticHalts: { rejectionStreak: 3 } })
    await reject(bench, 2)
    bench.broker.onPlace = () => 'accept'
    await bench.enter({ quantity: '1' })
    await reject(bench, 2)
    expect(causesOf(bench)).toEqual([])
    bench.broker.onPlace = () => new Error('timed out')
    await bench.enter({ quantity: '1' })
    expect(causesOf(bench), 'an unknown outcome is no rejection').toEqual([])
    bench.broker.onPlace = () => new SwarmError({ code: 'REFUSED', message: 'no such market', retryability: 'fatal' })
    await bench.enter({ symbol: 'BBB', quantity: '1' }).catch(() => undefined)
    expect(causesOf(bench)).toEqual(['rejections'])
  })

  test('is not looked at where the limit is off', async () => {
    const bench = await openKernelBench({ automaticHalts: { rejectionStreak: false } })
    await reject(bench, 8)
    expect(causesOf(bench)).toEqual([])
  })
})

test('I13 more entries than a minute bears: the one too many is not sent, exits are, and a restart is no way round', async () => {
  const options = { automaticHalts: { entriesPerMinute: 3 }, policy: anySize }
  const bench = await openKernelBench(options)
  const { broker } = bench
  for (const symbol of ['AAA', 'BBB', 'CCC']) await bench.enter({ symbol, quantity: '1' })
  const [first] = broker.sent
  broker.fill(first?.clientOrderId ?? '', '1', '100')
  await bench.kernel.settled()
  const sent = broker.sent.length
  const restarted = await openKernelBench({ ...options, history: bench.journal }, 0)
  restarted.now = bench.now
  await expect(bench.enter({ symbol: 'DDD', quantity: '1' })).rejects.toThrow('PERMIT_STALE')
  expect(broker.sent.length).toBe(sent)
  expect(bench.kernel.tradingState()).toMatchObject({
    state: 'reducing',
    reasons: [expect.stringContaining('3 entries')],
  })
  await bench.enter({ side: 'sell', quantity: '1' })
  expect(broker.sent.length).toBeGreaterThan(sent)
})

test('I13 the minute is counted from the oldest of the entries', async () => {
  for (const [laterMs, causes] of [
    [19_999, ['order-rate']],
    [20_000, []],
  ] as const) {
    const bench = await openKernelBench({ automaticHalts: { entriesPerMinute: 3 }, policy: anySize })
    for (const symbol of ['AAA', 'BBB', 'CCC']) {
      await bench.enter({ symbol, quantity: '1' })
      bench.now += symbol === 'CCC' ? laterMs : 20_000
    }
    await bench.enter({ symbol: 'DDD', quantity: '1' }).catch(() => undefined)
    expect(causesOf(bench)).toEqual(causes)
  }
})

test('I13 entries that are a minute apart from the oldest are not too many', async () => {
  const bench = await openKernelBench({ automaticHalts: { entriesPerMinute: 2 }, policy: anySize })
  for (const symbol of ['AAA', 'BBB', 'CCC', 'DDD']) {
    await bench.enter({ symbol, quantity: '1' })
    bench.now += 30_000
  }
  expect(causesOf(bench)).toEqual([])
})

describe('I13 a feed that falls silent', () => {
  const live = { automaticHalts: { staleFeedMs: 10_000 } }

  test('sets reducing while a position or an order is open in an open market, and not otherwise', async () => {
    const timers = createManualTimers()
    const bench = await openKernelBench({ ...live, timers })
    await bench.session(100, ['pre-open', 'open'])
    bench.now += 10_001
    await round(bench, timers)
    expect(causesOf(bench), 'nothing at stake').toEqual([])
    await bench.market({ type: 'open', symbol: 'AAA', sessionDate: '2014-05-07', time: bench.now, price: '100' })
    await bench.enter()
    bench.now += 10_000
    await round(bench, timers)
    expect(causesOf(bench), 'just in time').toEqual([])
    bench.now += 1
    await round(bench, timers)
    expect(bench.kernel.tradingState()).toMatchObject({ state: 'reducing', reasons: [expect.stringContaining('AAA')] })
    await bench.kernel.resume(operator)
    await bench.market({ type: 'open', symbol: 'AAA', sessionDate: '2014-05-07', time: bench.now, price: '100' })
    await round(bench, timers)
    expect(causesOf(bench)).toEqual([])
  })

  test('is found out though the clock was put back after the start', async () => {
    const first = await openKernelBench()
    await first.enter()
    first.broker.fill(first.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await first.kernel.settled()
    const timers = createManualTimers()
    const bench = await openKernelBench({ ...live, timers, history: first.journal }, 0)
    bench.now -= 7_200_000
    await round(bench, timers)
    expect(causesOf(bench)).toContain('stale-feed')
  })

  test('is no reason while the market is closed, and by default none for daily data', async () => {
    for (const options of [live, {}]) {
      const timers = createManualTimers()
      const bench = await openKernelBench({ ...options, timers })
      await bench.enter()
      if (options === live) bench.now += 3_600_000
      else await bench.session(100, ['pre-open', 'open'])
      if (options !== live) bench.now += 3_600_000
      await round(bench, timers)
      expect(causesOf(bench)).toEqual([])
    }
  })
})

describe('I13 clock skew', () => {
  const withTime = (definition: BrokerDefinition, time: () => Promise<number>): BrokerDefinition => ({
    ...definition,
    open: async (context) => ({ ...(await definition.open(context)), time }),
  })

  test.each<[string, (now: () => number, spend: (ms: number) => void) => Promise<number>, readonly string[]]>([
    ['within the limit', async (now) => now() + 1_000, []],
    ['ahead', async (now) => now() + 1_001, ['clock-skew']],
    ['behind', async (now) => now() - 1_001, ['clock-skew']],
    [
      'in doubt after a slow answer',
      async (now, spend) => {
        const time = now() + 2_500
        spend(3_000)
        return time
      },
      [],
    ],
    ['unknown', () => Promise.reject(new Error('down')), []],
    ['nonsense', async () => Number.NaN, []],
  ])('%s', async (_, answer, causes) => {
    const timers = createManualTimers()
    const template = await openKernelBench({}, 0)
    const { definition } = template.broker
    let isOpen = false
    const bench: KernelBench = await openKernelBench(
      {
        timers,
        definition: {
          ...definition,
          open: async (context) => ({
            ...(await definition.open(context)),
            time: async () => {
              if (!isOpen) return context.clock.now()
              return answer(
                () => bench.now,
                (ms) => {
                  bench.now += ms
                },
              )
            },
          }),
        },
      },
      0,
    )
    isOpen = true
    expect(causesOf(bench), 'at the start').toEqual([])
    for (let rounds = 0; rounds < 30; rounds += 1) await round(bench, timers)
    expect(causesOf(bench)).toEqual(causes)
  })

  test('is looked at before anything else at the start, also without timers', async () => {
    const template = await openKernelBench({}, 0)
    const bench = await openKernelBench({ definition: withTime(template.broker.definition, async () => 0) }, 0)
    expect(causesOf(bench)).toEqual(['clock-skew'])
  })

  test('is not waited for without end', async () => {
    const timers = createManualTimers()
    const template = await openKernelBench({}, 0)
    let hangs = false
    const definition = withTime(template.broker.definition, async () => {
      if (hangs) await new Promise(() => undefined)
      throw new Error('down')
    })
    const bench = await openKernelBench({ timers, definition }, 0)
    hangs = true
    await round(bench, timers)
    await round(bench, timers)
    await round(bench, timers)
    expect(timers.pending(), 'the watch goes on').toBeGreaterThan(0)
  })
})

describe('I15 the risk day', () => {
  test('of a market that never closes is the UTC day, though no feed announces it', async () => {
    const bench = await openKernelBench({ calendar: createAlwaysOpenCalendar(), policy: anySize })
    const { kernel, broker } = bench
    const day = 86_400_000
    const midnight = Math.ceil(bench.now / day) * day
    const price = (time: number, text: string) =>
      bench.market({
        type: 'open',
        symbol: 'AAA',
        sessionDate: new Date(time).toISOString().slice(0, 10),
        time,
        price: text,
      })
    await price(midnight - 1_000, '100')
    await bench.enter({ quantity: '500', exits: { stopPrice: '1', targetPrice: '1000', maximumSessions: 99 } })
    broker.fill(broker.sent[0]?.clientOrderId ?? '', '500', '100')
    await kernel.settled()
    const risk = (): Record<string, string> => (JSON.parse(kernel.snapshot()) as { risk: Record<string, string> }).risk
    const before = risk()['sessionDate']
    await price(midnight - 1, '96.2')
    expect([causesOf(bench), risk()['sessionDate']]).toEqual([[], before])
    await price(midnight, '96')
    expect(risk()).toMatchObject({
      sessionDate: new Date(midnight).toISOString().slice(0, 10),
      dayStartEquity: '97999',
    })
    await price(midnight + 1, '93')
    expect(causesOf(bench), 'less than 2 % since midnight').toEqual([])
    await price(midnight + 2, '92')
    expect(causesOf(bench)).toEqual(['daily-loss'])
    await price(midnight + day, '92')
    expect(causesOf(bench), 'the next day').toEqual([])
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  })

  test('that begins before holdings have a price is counted from the first price on', async () => {
    const bench = await openKernelBench()
    await bench.enter()
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    const again = await openKernelBench({ history: bench.journal }, 0, ({ balances }) => {
      balances.set('USD', '94999')
      balances.set('AAA', '50')
    })
    again.now = bench.now
    const dayStart = (): unknown => (JSON.parse(again.kernel.snapshot()) as { risk: object }).risk
    await again.session(100, ['pre-open'])
    expect(dayStart()).not.toHaveProperty('dayStartEquity')
    await again.session(90, ['open'])
    expect(dayStart()).toMatchObject({ dayStartEquity: '99499' })
    expect(rebuildKernelState([...bench.journal, ...again.journal])).toBe(again.kernel.snapshot())
  })
})

test.each([{ rejectionStreak: 0 }, { entriesPerMinute: 1.5 }, { clockSkewMs: 0 }, { staleFeedMs: Number.NaN }])(
  'I13 a limit that is none is refused: %j',
  async (automaticHalts) => {
    await expect(openKernelBench({ automaticHalts }, 0)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(Object.keys(automaticHalts)[0] ?? ''),
    })
  },
)
