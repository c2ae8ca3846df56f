import { EventOutbox, RefusalDesk } from '@tradeswarm/broker-kit'
import { createSilentLogger } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { CancelDesk } from './cancel-desk.js'
import { okxErrors } from './okx-error.js'
import { openViews } from './open-views.js'
import { OrderFinder } from './order-finder.js'
import { OrderTracker } from './order-tracker.js'
import { parseAlgo, parseOrder } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

const of = { instId: 'BTC-USDT', side: 'sell', cTime: '1000', uTime: '1001' }
const algo = parseAlgo({
  ...of,
  algoId: '7',
  algoClOrdId: 'mine',
  ordType: 'conditional',
  state: 'effective',
  sz: '6',
  slTriggerPx: '90',
  slOrdPx: '89',
  ordIdList: ['11', '12', '13'],
})
const childOf = (ordId: string, sz: string, state: string, accFillSz: string) =>
  parseOrder({ ...of, ordId, algoId: '7', algoClOrdId: 'mine', ordType: 'limit', px: '89', state, sz, accFillSz })
const children = [childOf('11', '1', 'filled', '1'), childOf('12', '2', 'live', '0'), childOf('13', '3', 'live', '0')]

/** A desk on a venue that refuses to cancel what is named. */
function deskOf(refused: (orderId: string) => boolean = () => false) {
  const cancelled: string[] = []
  const events: BrokerEvent[] = []
  const client = {
    algo: async () => algo,
    algoByClientId: async () => algo,
    order: async (_: string, id: string) => children.find((child) => child.id === id),
    cancel: async (_: string, id: string) => {
      cancelled.push(id)
      const refusal = { status: 200, venueCode: '51400', message: 'filled or canceled', details: {} }
      if (refused(id)) throw okxErrors.refused(refusal, 'POST cancel')
    },
    cancelAlgo: async (_: string, id: string) => void cancelled.push(id),
  } as unknown as TradingClient
  const tracker = new OrderTracker((event) => events.push(event))
  const finder = new OrderFinder(client, tracker, [])
  const outbox = new EventOutbox(createSilentLogger())
  outbox.subscribe((event) => void events.push(event))
  const refusals = new RefusalDesk(outbox, { now: () => 1_000 })
  const note = async (): Promise<void> => undefined
  return { desk: new CancelDesk({ client, tracker, finder, refusals, note }), tracker, cancelled, events }
}

describe('a stop that OKX made several orders of', () => {
  test('is cancelled whole, also where only some of them are known', async () => {
    const { desk, tracker, cancelled } = deskOf()
    tracker.note(algo)
    for (const child of children.slice(0, 2)) tracker.note(child)
    await desk.cancel('mine')
    expect(cancelled).toEqual(['12', '13'])
  })

  test('is cancelled whole in another life', async () => {
    const { desk, cancelled } = deskOf()
    await desk.cancel('mine')
    expect(cancelled).toEqual(['12', '13'])
  })

  test('is cancelled though one of them could not be, and refuses it where none could', async () => {
    const one = deskOf((id) => id === '12')
    await one.desk.cancel('mine')
    expect(one.events).toEqual([])
    const none = deskOf(() => true)
    await none.desk.cancel('mine')
    expect(none.events).toMatchObject([{ type: 'cancel-rejected', code: 'ORDER_NOT_OPEN' }])
  })

  test('is one open order', () => {
    const tracker = new OrderTracker(() => undefined)
    const open = children.slice(1)
    const whole = { clientOrderId: 'mine', status: 'open', quantity: '5', filledQuantity: '0' }
    expect(openViews(open, [], tracker)).toMatchObject([whole])
    tracker.note(algo)
    for (const child of children) tracker.note(child)
    expect(openViews(open, [], tracker)).toMatchObject([{ ...whole, quantity: '6', filledQuantity: '1' }])
    const waiting = { ...algo, state: 'partially_effective' }
    expect(openViews(open, [waiting], tracker)).toMatchObject([{ ...whole, quantity: '6', filledQuantity: '1' }])
  })
})

test('a cancel that comes too late takes nothing from the one before it', async () => {
  let count = 0
  const { desk, tracker } = deskOf(() => {
    count += 1
    return count > 1
  })
  const order = parseOrder({ ...of, ordId: '12', clOrdId: 'mine', ordType: 'ioc', state: 'live', sz: '2', px: '89' })
  tracker.note(order)
  await desk.cancel('mine')
  await desk.cancel('mine')
  expect(tracker.named('mine')?.wasCancelled).toBe(true)
})
