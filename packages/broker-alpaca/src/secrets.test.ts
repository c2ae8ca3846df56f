import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeFault } from '@tradeswarm/testing/fakes'
import { afterEach, expect, test } from 'vitest'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog, hurriedLine, until } from './live-account.test-support.js'
import { loadAlpacaCalendar } from './load-alpaca-calendar.js'

afterEach(stopAll)

const secrets = { keyId: 'PKCANARYKEYID0001', secret: 'canary/secret+of=the-account' }
const said = `bad key ${secrets.keyId} ${secrets.secret}`

/** Keeps all that errors show. */
function notes() {
  const seen: unknown[] = []
  return {
    seen,
    note(thrown: unknown): void {
      const error = thrown as Error & { context?: unknown }
      seen.push(String(error), error.stack, error.cause, error.context, JSON.stringify(error))
    },
    expectNoSecret(...more: readonly string[]): void {
      const text = [...seen, ...more].map(String).join('\n')
      for (const secret of Object.values(secrets)) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(encodeURIComponent(secret))
      }
    },
  }
}

test('market data and calendar show no secret, whatever fails', async () => {
  const fake = await createFakeAlpaca({ ...secrets, requestsPerMinute: 100_000, dataRequestsPerMinute: 100_000 })
  stopLater(() => fake.close())
  const { seen, note, expectNoSecret } = notes()
  const echo = JSON.stringify({ code: 40010001, message: said })
  const faults: readonly FakeFault[] = [
    ...[400, 401, 403, 404, 422, 500, 503].map((status) => ({ kind: 'status', status, body: echo }) as const),
    { kind: 'status', status: 200, body: said },
    { kind: 'html', status: 401 },
    { kind: 'hang' },
    { kind: 'cut' },
    { kind: 'redirect', to: `http://127.0.0.1:1/?${secrets.secret}` },
  ]
  const random = createSeededRandom(1)
  for (const fault of faults) {
    const { transport } = hurriedLine()
    const connection = { ...secrets, requestTimeoutMs: 150, transport }
    const history = createAlpacaMarketData({ ...connection, symbols: ['AAPL'], urls: { data: fake.url } }).history({
      random,
    })
    const asks: readonly (() => Promise<unknown>)[] = [
      () => history.latestQuotes(['AAPL']),
      () => history.orderBook('BTC-USD'),
      () => history.corporateActions({ symbols: ['AAPL'], from: '2024-01-01', to: '2024-02-01' }).next(),
      () =>
        loadAlpacaCalendar({ ...connection, urls: { trading: fake.url }, from: 0, to: fake.market.now() }, { random }),
    ]
    for (const ask of asks) {
      fake.fail({ ...fault, times: 50 })
      await ask().catch(note)
      fake.heal()
    }
  }
  expect(seen.length).toBeGreaterThan(5 * 40)
  expectNoSecret()
})

/** A server that repeats the keys in all that it says. */
function echoing(messages: readonly unknown[]): (url: string) => WebSocketLike {
  return () => {
    const listeners = new Map<string, (event: { readonly data: unknown }) => void>()
    const socket = {
      binaryType: '',
      readyState: 1,
      send: () => queueMicrotask(() => listeners.get('message')?.({ data: JSON.stringify(messages) })),
      close: () => listeners.get('close')?.({ data: undefined }),
      addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) =>
        void listeners.set(type, listener),
    }
    queueMicrotask(() => listeners.get('open')?.({ data: undefined }))
    return socket as unknown as WebSocketLike
  }
}

test.each([
  [[{ T: 'error', code: 402, msg: said }]],
  [[{ T: 'error', code: 406, msg: said }]],
  [[{ T: 'subscription' }, { T: 'error', code: 500, msg: said }]],
  [[{ T: 'subscription' }, { T: 'q', S: said, bp: said }, { T: 'o', S: 'BTC/USD', t: said, b: [{ p: said }] }]],
])('streams of market data show no secret that a server repeats: %j', async (messages) => {
  const { seen, note, expectNoSecret } = notes()
  const { lines, logger } = createKeptLog()
  const { clock } = hurriedLine()
  const fetch = async (): Promise<Response> => Response.json({ message: `invalid symbol: ${said}` }, { status: 400 })
  const transport = { connect: echoing(messages), clock, fetch }
  const data = createAlpacaMarketData({ ...secrets, symbols: ['BTC-USD'], bookSymbols: ['BTC-USD'], transport })
  const feed = await data.open({ random: createSeededRandom(1), logger }).catch(note)
  stopLater(async () => feed?.close())
  await until(() => seen.length + lines.length > 0, 'something was said')
  expectNoSecret(...lines)
})
