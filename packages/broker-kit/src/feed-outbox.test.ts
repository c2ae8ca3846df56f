import { createSilentLogger } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { expect, it } from 'vitest'
import { FeedOutbox } from './feed-outbox.js'

const quote = (time: number, symbol = 'AAA'): MarketEvent => ({ type: 'quote', symbol, time, bid: '1', ask: '2' })
const trade = (time: number, symbol = 'AAA'): MarketEvent => ({
  type: 'trade',
  symbol,
  time,
  price: '1',
  quantity: '1',
})

function open() {
  const outbox = new FeedOutbox(createSilentLogger())
  const told: number[] = []
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  outbox.subscribe(async ({ time }) => {
    told.push(time)
    await gate
  })
  return { outbox, told, release }
}

it('a quote that nobody has heard gives way to the next of its symbol, in its place', async () => {
  const { outbox, told, release } = open()
  for (const event of [quote(1), quote(2, 'BBB'), quote(3), trade(4), quote(5), quote(6), quote(7, 'BBB')])
    outbox.push(event)
  release()
  await outbox.settled()
  expect(told).toEqual([3, 7, 4, 6])
  expect(outbox.conflated).toBe(3)
})

it('a quote of a session does not take the place of one from before its open', async () => {
  const { outbox, told, release } = open()
  outbox.push(quote(1))
  outbox.push(quote(2))
  outbox.push({ type: 'session', phase: 'open', calendar: 'us-equity', sessionDate: '2026-01-13', time: 3 })
  outbox.push(quote(4))
  release()
  await outbox.settled()
  expect(told).toEqual([2, 3, 4])
})

it('a quote that is being told gives way no more', async () => {
  const { outbox, told, release } = open()
  outbox.push(quote(1))
  await Promise.resolve()
  await Promise.resolve()
  expect(told).toEqual([1])
  outbox.push(quote(2))
  release()
  await outbox.settled()
  expect(told).toEqual([1, 2])
})

it('whoever never catches up does not keep what was told, and loses nothing', async () => {
  const outbox = new FeedOutbox(createSilentLogger())
  let heard = 0
  let next = 20_000
  outbox.subscribe(({ time }) => {
    heard += 1
    next += 1
    if (time < 20_000) outbox.push(trade(next))
  })
  for (let time = 0; time < 20_000; time += 1) outbox.push(trade(time))
  await outbox.settled()
  expect(heard).toBe(40_000)
  expect(outbox.waiting).toBe(0)
})
