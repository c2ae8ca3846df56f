import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import type { BrokerEvent, PermittedOrder } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createAlpacaBroker } from './create-alpaca-broker.js'

const order = {
  id: '5d0f1c1e-0000-4000-8000-000000000001',
  client_order_id: 'one',
  created_at: '2026-03-02T15:00:00.123456789Z',
  updated_at: '2026-03-02T15:00:00.123456789Z',
  submitted_at: '2026-03-02T15:00:00.12Z',
  asset_id: 'asset',
  asset_class: 'us_equity',
  symbol: 'AAPL',
  qty: '10',
  filled_qty: '0',
  filled_avg_price: null,
  order_class: '',
  type: 'limit',
  side: 'buy',
  time_in_force: 'day',
  status: 'pending_new',
  legs: null,
}
const answers: Readonly<Record<string, unknown>> = {
  'GET /v2/account': { status: 'ACTIVE', currency: 'USD', cash: '1000' },
  'GET /v2/assets/AAPL': { id: 'asset', class: 'us_equity', symbol: 'AAPL', tradable: true, fractionable: true },
  'GET /v2/clock': {
    timestamp: '2026-03-02T10:00:00-05:00',
    is_open: true,
    next_open: '2026-03-03T09:30:00-05:00',
    next_close: '2026-03-02T16:00:00-05:00',
  },
  'GET /v2/orders': [],
  'GET /v2/positions': [],
  'POST /v2/orders': order,
}

/** A socket that logs in and then tells of one execution, in binary frames. */
function socket(): WebSocketLike & { tell(message: unknown): void } {
  const listeners: ((event: { readonly data: unknown }) => void)[] = []
  let end = (): void => undefined
  const tell = (message: unknown): void => {
    const { buffer } = new TextEncoder().encode(JSON.stringify(message))
    for (const listener of listeners) listener({ data: buffer })
  }
  return {
    binaryType: '',
    readyState: 1,
    tell,
    send(text) {
      const { action } = JSON.parse(text) as { action: string }
      const data = action === 'listen' ? { streams: ['trade_updates'] } : { status: 'authorized' }
      queueMicrotask(() => tell({ stream: action === 'listen' ? 'listening' : 'authorization', data }))
    },
    close: () => end(),
    addEventListener(type: string, listener: never) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') end = listener as () => void
      if (type === 'message') listeners.push(listener)
    },
  }
}

test('on workerd it logs in, sends an order and tells what becomes of it', async () => {
  const stream = socket()
  const sent: string[] = []
  const broker = await createAlpacaBroker({
    keyId: 'PKTHEKEY',
    secret: 'the-secret',
    symbols: ['AAPL'],
    transport: {
      connect: () => stream,
      fetch: async (url, init) => {
        const name = `${init.method} ${new URL(url).pathname}`
        sent.push(name)
        return Response.json(answers[name] ?? { code: 40410000, message: 'not found' }, {
          status: name in answers ? 200 : 404,
        })
      },
    },
  }).open({
    clock: { now: () => 0 },
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed: { name: 'none', subscribe: () => () => undefined },
    guard: { consume: () => undefined },
  })
  const events: BrokerEvent[] = []
  broker.subscribe((event) => void events.push(event))
  const request = {
    account: 'alpaca',
    clientOrderId: 'one',
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    limitPrice: '187.5',
    quantity: '10',
    timeInForce: 'day',
    reduceOnly: false,
  }
  await broker.place({ request } as unknown as PermittedOrder)
  const filled = { ...order, status: 'filled', filled_qty: '10', updated_at: '2026-03-02T15:00:01Z' }
  const update = { event: 'fill', timestamp: '2026-03-02T15:00:01.5Z', price: '187.45', qty: '10', order: filled }
  stream.tell({ stream: 'trade_updates', data: update })
  stream.tell({ stream: 'trade_updates', data: update })
  await broker.settled()
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled'])
  expect(events[1]).toMatchObject({ time: Date.parse('2026-03-02T15:00:01.500Z'), execution: { price: '187.45' } })
  expect(await broker.balances()).toEqual([{ asset: 'USD', total: '1000' }])
  expect(sent.filter((name) => name === 'POST /v2/orders')).toHaveLength(1)
  await broker.close()
})
