import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { parseOkxOptions } from './parse-okx-options.js'
import { RestClient } from './rest-client.js'

/** A client of an account by itself, and what is answered to it, one after the other. */
function clientOf(key: string, answers: readonly Response[]): { readonly rest: RestClient; readonly asked: string[] } {
  const asked: string[] = []
  const transport = {
    async fetch(url: string, { method = 'GET' }: RequestInit): Promise<Response> {
      asked.push(`${method} ${new URL(url).pathname}`)
      return answers[asked.length - 1]?.clone() ?? new Response('', { status: 500 })
    },
  }
  const { connection } = parseOkxOptions({ key, secret: 'hush', passphrase: 'hush-hush', transport })
  return { rest: new RestClient(connection, createSeededRandom(1), connection.clock), asked }
}

const order = { method: 'POST', path: '/api/v5/trade/order', instId: 'BTC-USDT', body: {} } as const
const done = Response.json({ code: '0', msg: '', data: [{ sCode: '0' }] })

test.each([
  ['a page', () => new Response('<html>', { status: 503, headers: { 'Retry-After': '30' } })],
  [
    'a code',
    () => Response.json({ code: '50001', msg: 'busy', data: [] }, { status: 503, headers: { 'Retry-After': '30' } }),
  ],
])('Retry-After of a server that is busy, by %s, keeps all that uses the account back', async (name, busy) => {
  const key = name.replace(' ', '-')
  await expect(clientOf(key, [busy()]).rest.send(order, 'order')).rejects.toMatchObject({
    code: 'BROKER_SERVER_ERROR',
    context: { retryAfterMs: 30_000 },
  })
  // Another broker of the same account in the same process.
  const second = clientOf(key, [done])
  await expect(second.rest.send(order, 'order')).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
  expect(second.asked).toEqual([])
  const other = clientOf(`other-${key}`, [done])
  await other.rest.send(order, 'order')
  expect(other.asked).toEqual(['POST /api/v5/trade/order'])
})

test.each([{}, { data: null }, { data: {} }])('%j is no empty list', async (fields) => {
  const positions = { method: 'GET', path: '/api/v5/account/positions' } as const
  const { rest } = clientOf('without-a-list', [Response.json({ code: '0', msg: '', ...fields })])
  // Sent as an order is: once.
  await expect(rest.send(positions, 'order')).rejects.toMatchObject({ code: 'BROKER_BAD_PAYLOAD' })
})
