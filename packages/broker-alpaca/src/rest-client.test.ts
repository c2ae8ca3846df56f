import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { parseConnection } from './parse-alpaca-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

const base = 'http://127.0.0.1:1'

/** A client of an account by itself, and what is answered to it, one after the other. */
function clientOf(
  keyId: string,
  answers: readonly Response[],
): { readonly rest: RestClient; readonly asked: string[] } {
  const asked: string[] = []
  const transport = {
    async fetch(url: string, { method = 'GET' }: RequestInit): Promise<Response> {
      asked.push(`${method} ${url.slice(base.length)}`)
      return answers[asked.length - 1]?.clone() ?? Response.json({ message: 'no more' }, { status: 500 })
    },
  }
  const connection = parseConnection('test', { keyId, secret: 'hush', transport }, 'trading')
  return { rest: new RestClient(base, connection, createSeededRandom(1)), asked }
}

const order = { method: 'POST', path: '/v2/orders', body: {} } as const
const busy = new Response('<html>', { status: 503, headers: { 'Retry-After': '30' } })

test('Retry-After of a server that is busy keeps all that uses the account back, but for cancels', async () => {
  const first = clientOf('busy', [busy])
  await expect(first.rest.send(order, 'order')).rejects.toMatchObject({
    code: 'BROKER_SERVER_ERROR',
    retryability: 'unknown-outcome',
    context: { status: 503, retryAfterMs: 30_000 },
  })
  // Another broker of the same account in the same process.
  const second = clientOf('busy', [Response.json({})])
  await expect(second.rest.send(order, 'order')).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
  expect(second.asked).toEqual([])
  await second.rest.send({ method: 'DELETE', path: '/v2/orders/1' }, 'cancel')
  expect(second.asked).toEqual(['DELETE /v2/orders/1'])
  const other = clientOf('idle', [Response.json({})])
  await other.rest.send(order, 'order')
  expect(other.asked).toEqual(['POST /v2/orders'])
})

test.each([408, 499])(
  'of an order that was answered with %i nobody knows, whatever words come with it',
  async (status) => {
    const { rest } = clientOf(`given up ${status}`.replaceAll(' ', '-'), [
      Response.json({ message: 'timed out' }, { status }),
    ])
    await expect(rest.send(order, 'order')).rejects.toMatchObject({
      code: 'BROKER_SERVER_ERROR',
      retryability: 'unknown-outcome',
    })
  },
)

test('an order is not there where Alpaca says so, not where somebody on the way has no such page', async () => {
  const none = Response.json({ code: 40410000, message: 'order not found' }, { status: 404 })
  const page = new Response('<html>no such page</html>', { status: 404 })
  const { rest } = clientOf('where', [none, page])
  const client = new TradingClient(rest)
  expect(await client.orderByClientId('a')).toBeUndefined()
  await expect(client.orderByClientId('a')).rejects.toMatchObject({
    code: 'BROKER_SERVER_ERROR',
    retryability: 'retryable',
  })
})
