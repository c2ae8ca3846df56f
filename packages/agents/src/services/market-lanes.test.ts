import { createSilentLogger } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createBoundedLanes, createMarketLanes } from './market-lanes.js'

/** Real time that a test drives by hand. */
function createFakeClock() {
  let now = 0
  let timers: { readonly time: number; readonly callback: () => void | Promise<void> }[] = []
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve()
  }
  return {
    now: () => now,
    at(time: number, callback: () => void | Promise<void>) {
      const timer = { time, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms: number): Promise<void> {
      await settle()
      now += ms
      const due = timers.filter(({ time }) => time <= now)
      timers = timers.filter((timer) => !due.includes(timer))
      for (const { callback } of due) void callback()
      await settle()
    },
    pending: () => timers.length,
  }
}

function createGate() {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

const quote = (symbol: string, time: number): MarketEvent => ({ type: 'quote', symbol, time, bid: '1', ask: '2' })
const trade = (symbol: string, time: number): MarketEvent => ({
  type: 'trade',
  symbol,
  time,
  price: '1',
  quantity: '1',
})
const open = (symbol: string, time: number): MarketEvent => ({
  type: 'open',
  symbol,
  sessionDate: '2024-01-02',
  time,
  price: '1',
})

/** An account whose venue hangs until the gate is opened, beside one that does not. */
function accounts() {
  const clock = createFakeClock()
  const gate = createGate()
  const heard = { slow: [] as MarketEvent[], quick: [] as MarketEvent[] }
  const kernels = new Map([
    [
      'slow',
      {
        settled: () => gate.passed,
        onMarket: async (event: MarketEvent) => void heard.slow.push(event),
      },
    ],
    ['quick', { settled: async () => undefined, onMarket: async (event: MarketEvent) => void heard.quick.push(event) }],
  ])
  return {
    clock,
    gate,
    heard,
    kernels,
    lanes: createBoundedLanes(kernels, { logger: createSilentLogger(), timers: clock }),
  }
}

test('an account that hangs holds up the first event for a moment, and none after it', async () => {
  const { clock, gate, heard, lanes } = accounts()
  let isDone = false
  const first = lanes.take(open('AAA', 1)).then(() => (isDone = true))
  await clock.advance(249)
  expect(isDone).toBe(false)
  expect(heard.quick).toHaveLength(1)
  await clock.advance(1)
  await first
  for (let time = 2; time <= 100; time += 1) await lanes.take(open('AAA', time))
  expect(heard.quick).toHaveLength(100)
  expect(heard.slow).toEqual([])
  gate.open()
  await clock.advance(0)
  expect(heard.slow).toEqual(heard.quick)
  // And keeps step again.
  await lanes.take(open('AAA', 101))
  expect(heard.slow).toHaveLength(101)
  expect(clock.pending()).toBe(0)
})

test('I37 of what waits for it quotes conflate, trades in a flood, and nothing else is left out', async () => {
  const { clock, gate, heard, lanes } = accounts()
  const first = lanes.take(open('AAA', 0))
  await clock.advance(250)
  await first
  for (let time = 1; time <= 2_000; time += 1) await lanes.take(quote(time % 2 === 0 ? 'AAA' : 'BBB', time))
  for (let time = 1; time <= 2_000; time += 1) await lanes.take(trade('AAA', time))
  await lanes.take(open('BBB', 2_001))
  expect(heard.quick).toHaveLength(4_002)
  gate.open()
  for (let turn = 0; turn < 100; turn += 1) await clock.advance(1)
  expect(heard.slow.length).toBeLessThan(1_010)
  const times = (type: string) => heard.slow.filter((event) => event.type === type).map(({ time }) => time)
  expect(times('quote')).toEqual([1_999, 2_000])
  expect(times('open')).toEqual([0, 2_001])
  expect(times('trade').at(-1)).toBe(2_000)
  expect(times('trade').toSorted((a, b) => a - b)).toEqual(times('trade'))
})

test('what an account throws is thrown where it is waited for, and keeps no other from the event', async () => {
  const heard: MarketEvent[] = []
  const failing = { settled: async () => undefined, onMarket: () => Promise.reject(new Error('no')) }
  const other = { settled: async () => undefined, onMarket: async (event: MarketEvent) => void heard.push(event) }
  const kernels = new Map([
    ['failing', failing],
    ['other', other],
  ])
  const clock = createFakeClock()
  for (const lanes of [
    createMarketLanes(kernels),
    createBoundedLanes(kernels, { logger: createSilentLogger(), timers: clock }),
  ]) {
    await expect(lanes.take(open('AAA', 1))).rejects.toThrow('no')
    await expect(lanes.take(open('AAA', 2))).rejects.toThrow('no')
  }
  expect(heard).toHaveLength(4)
})
