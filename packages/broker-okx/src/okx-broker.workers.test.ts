import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import type { BrokerEvent, PermittedOrder } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createOkxBroker } from './create-okx-broker.js'

const now = Date.UTC(2026, 2, 2, 15)
const told = (...data: readonly unknown[]) => ({ code: '0', msg: '', data })
const order = {
  instType: 'SPOT',
  instId: 'BTC-USDT',
  ordId: '680800019749904384',
  clOrdId: 'one',
  tag: '',
  px: '51000',
  sz: '0.01',
  ordType: 'limit',
  side: 'buy',
  accFillSz: '0',
  avgPx: '',
  state: 'live',
  cancelSource: '',
  algoId: '',
  algoClOrdId: '',
  tgtCcy: '',
  cTime: String(now),
  uTime: String(now),
}
const instrument = {
  instType: 'SPOT',
  instId: 'BTC-USDT',
  baseCcy: 'BTC',
  quoteCcy: 'USDT',
  tickSz: '0.1',
  lotSz: '0.00000001',
  minSz: '0.00001',
  state: 'live',
}
const answers: Readonly<Record<string, unknown>> = {
  'GET public/time': told({ ts: String(now) }),
  'GET account/config': told({ acctLv: '2', posMode: 'net_mode', perm: 'read_only,trade' }),
  'GET account/instruments': told(instrument),
  'GET account/balance': told({ details: [{ ccy: 'USDT', cashBal: '1000', uTime: String(now) }] }),
  'GET account/positions': told(),
  'GET trade/orders-pending': told(),
  'GET trade/orders-algo-pending': told(),
  'POST trade/order': told({ ordId: order.ordId, clOrdId: 'one', tag: '', ts: String(now), sCode: '0', sMsg: '' }),
}

/** A socket that logs in and answers each subscription; `tell` pushes. */
function socket(): WebSocketLike & { tell(message: unknown): void; readonly logins: readonly unknown[] } {
  const listeners: ((event: { readonly data: unknown }) => void)[] = []
  let end = (): void => undefined
  const logins: unknown[] = []
  const tell = (message: unknown): void => {
    for (const listener of listeners) listener({ data: JSON.stringify(message) })
  }
  return {
    binaryType: '',
    readyState: 1,
    logins,
    tell,
    send(text) {
      const { op, args } = JSON.parse(text) as { op: string; args: readonly unknown[] }
      if (op === 'login') logins.push(args[0])
      queueMicrotask(() => {
        if (op === 'login') tell({ event: 'login', code: '0', msg: '', connId: 'a4d3ae55' })
        else for (const arg of args) tell({ event: op, arg, connId: 'a4d3ae55' })
      })
    },
    close: () => end(),
    addEventListener(type: string, listener: never) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') end = listener as () => void
      if (type === 'message') listeners.push(listener)
    },
  }
}

test('on workerd it signs, logs in, sends an order and tells what becomes of it', async () => {
  const sockets = { private: socket(), business: socket() }
  const sent: string[] = []
  const signatures: string[] = []
  const broker = await createOkxBroker({
    key: 'the-key',
    secret: '22582BD0CFF14C41EDBF1AB98506286D',
    passphrase: 'the-phrase',
    symbols: ['BTC-USDT'],
    transport: {
      connect: (url) => (url.endsWith('/private') ? sockets.private : sockets.business),
      fetch: async (url, init) => {
        const name = `${init.method} ${new URL(url).pathname.replace('/api/v5/', '')}`
        sent.push(name)
        signatures.push(new Headers(init.headers).get('OK-ACCESS-SIGN') ?? '')
        return Response.json(answers[name] ?? { code: '51603', msg: 'Order does not exist', data: [] })
      },
    },
  }).open({
    clock: { now: () => now },
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed: { name: 'none', subscribe: () => () => undefined },
    guard: { consume: () => undefined },
  })
  expect(sockets.private.logins).toMatchObject([{ apiKey: 'the-key', timestamp: String(now / 1_000) }])
  const events: BrokerEvent[] = []
  broker.subscribe((event) => void events.push(event))
  const request = {
    account: 'okx',
    clientOrderId: 'one',
    symbol: 'BTC-USDT',
    side: 'buy',
    type: 'limit',
    limitPrice: '51000',
    quantity: '0.01',
    timeInForce: 'gtc',
    reduceOnly: false,
  }
  await broker.place({ request } as unknown as PermittedOrder)
  const filled = {
    ...order,
    state: 'filled',
    accFillSz: '0.01',
    avgPx: '50990.5',
    uTime: String(now + 5),
    tradeId: '744876980',
    fillPx: '50990.5',
    fillSz: '0.01',
    fillTime: String(now + 4),
    fillFee: '-0.00001',
    fillFeeCcy: 'BTC',
    execType: 'T',
  }
  const push = { arg: { channel: 'orders', instType: 'ANY' }, data: [filled] }
  sockets.private.tell(push)
  sockets.private.tell(push)
  await broker.settled()
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled'])
  expect(events[1]).toMatchObject({
    time: now + 4,
    execution: { tradeId: '744876980', price: '50990.5', fee: '0.00001', feeCurrency: 'BTC' },
  })
  expect(await broker.balances()).toEqual([{ asset: 'USDT', total: '1000' }])
  expect(sent.filter((name) => name === 'POST trade/order')).toHaveLength(1)
  expect(signatures.filter((text) => text !== '').every((text) => /^[A-Za-z0-9+/]{43}=$/.test(text))).toBe(true)
  await broker.close()
})
