// What the contract has no lever for: answers that are none, and a key that must not show. On the adapter of `write-a-network-broker.ts`.
import { platformFetch } from '@tradeswarm/broker-kit'
import { createSystemClock, type Logger, SwarmError } from '@tradeswarm/core'
import { openByHand } from '@tradeswarm/testing'
import { expect, test } from 'vitest'
import { startNetworkBourse } from './network-bourse.ts'
import { createNetworkBourseBroker } from './write-a-network-broker.ts'

const grid = { tickSize: '0.01', lotSize: '1', minimumNotional: '5', calendar: 'always-open' } as const
const apples = { symbol: 'APPLES', asset: 'APPLES', kind: 'equity', currency: 'USD', ...grid } as const
const order = {
  symbol: 'APPLES',
  side: 'buy',
  type: 'limit',
  limitPrice: '5',
  quantity: '1',
  timeInForce: 'gtc',
} as const

/** An answer whose second half never comes. */
const cutBody = Object.assign(new Response('{"ref":'), { text: () => Promise.reject(new Error('terminated')) })
const page = '<html>Bad gateway</html>'

test.each<[string, Response, string]>([
  ['an error of the server', Response.json({ text: 'out of order' }, { status: 503 }), 'BROKER_SERVER_ERROR'],
  ['a page of a proxy', new Response(page, { status: 502 }), 'BROKER_SERVER_ERROR'],
  ['a page of a proxy that says no', new Response(page, { status: 403 }), 'BROKER_SERVER_ERROR'],
  ['a page that says yes', new Response(page), 'BROKER_BAD_PAYLOAD'],
  ['a success that says nothing', Response.json({}), 'BROKER_BAD_PAYLOAD'],
  ['an answer that is cut', cutBody, 'BROKER_CONNECTION_LOST'],
])('%s is no refusal: the order is looked up, and of unknown fate', async (_, answer, because) => {
  const { thrown, asked } = await placeAnsweredWith(answer)
  expect(thrown).toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN', context: { because }, retryability: 'unknown-outcome' })
  // Sent once, then looked up.
  expect(asked.filter((request) => request.startsWith('POST'))).toHaveLength(1)
  expect(asked.filter((request) => request.startsWith('GET /tickets/'))).toHaveLength(2)
})

test('a redirect is not followed: the key goes to no other host', async () => {
  const location = { Location: 'http://elsewhere.invalid/' }
  const { thrown, hosts } = await placeAnsweredWith(new Response(null, { status: 307, headers: location }))
  expect(thrown).toMatchObject({ code: 'BROKER_REDIRECTED' })
  expect(hosts.size).toBe(1)
})

test('the key is in no error and no log, though a server sends back what it was sent', async () => {
  const { thrown, logged, key } = await placeAnsweredWith((headers) =>
    Response.json({ text: `what is ${headers['Bourse-Key']}?` }, { status: 500 }),
  )
  expect(thrown).toMatchObject({ message: expect.stringContaining('[redacted]') })
  const told = [thrown.message, JSON.stringify(thrown), String(thrown.stack), String(thrown.cause), ...logged].join(
    '\n',
  )
  expect(told).not.toContain(key)
})

/** Opens the account, and has its next order answered so in place of the venue. */
async function placeAnsweredWith(answer: Response | ((headers: Readonly<Record<string, string>>) => Response)) {
  const venue = await startNetworkBourse({
    instruments: [apples],
    cash: { USD: '1000' },
    clock: createSystemClock(),
    callsPerSecond: 1_000,
  })
  const { key, url } = venue
  const [asked, logged, hosts] = [[] as string[], [] as string[], new Set<string>()]
  const note = (message: string, fields: unknown): void => void logged.push(message, JSON.stringify(fields))
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger }
  const ask = platformFetch()
  const fetch: typeof ask = async (target, init) => {
    const { method = 'GET', headers } = init
    asked.push(`${method} ${new URL(target).pathname}`)
    hosts.add(new URL(target).host)
    if (method !== 'POST') return ask(target, init)
    return typeof answer === 'function' ? answer(headers as Readonly<Record<string, string>>) : answer
  }
  const options = { key, url, instruments: [apples], outcomeWaitsMs: [1, 5], transport: { fetch } }
  const { broker, permit } = await openByHand(createNetworkBourseBroker(options), { logger })
  const thrown = await broker.place(permit(order)).then(
    () => undefined,
    (error: unknown) => error,
  )
  await broker.close()
  await venue.close()
  if (!SwarmError.isInstance(thrown)) throw new Error('nothing was thrown')
  return { thrown, asked, logged, hosts, key }
}
