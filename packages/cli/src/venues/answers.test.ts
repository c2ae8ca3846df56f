import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFakeAlpaca, createFakeOkx } from '@tradeswarm/testing/fakes'
import { afterEach, expect, test } from 'vitest'
import { venueNamed } from './venues.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const keys = {
  APCA_API_KEY_ID: 'key1',
  APCA_API_SECRET_KEY: 'secret1',
  OKX_API_KEY: 'key1',
  OKX_SECRET_KEY: 'secret1',
  OKX_PASSPHRASE: 'passphrase1',
}

/** Somebody else who listens on the port that a double has left. */
async function stranger(text: string): Promise<string> {
  const server: Server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(text))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each(['alpaca', 'okx'])('whoever says yes to everything is not taken for the double of %s', async (name) => {
  for (const text of ['<html>hello</html>', '{}', 'null', '{"code":"0","data":[]}', '{"code":"0","data":[null]}']) {
    const tradingUrl = await stranger(text)
    expect(await venueNamed(name).answers({ keys, tradingUrl })).toBe(false)
  }
})

test('a double is known by the keys that only it takes', async () => {
  const [keyId, secret, passphrase] = ['key1', 'secret1', 'passphrase1']
  const doubles = {
    alpaca: await createFakeAlpaca({ keyId, secret }),
    okx: await createFakeOkx({ keyId, secret, passphrase }),
  }
  for (const [name, fake] of Object.entries(doubles)) {
    closing.push(() => fake.close())
    const venue = venueNamed(name)
    expect(await venue.answers({ keys, tradingUrl: fake.url })).toBe(true)
    const others = Object.fromEntries(Object.entries(keys).map(([variable, value]) => [variable, `${value}x`]))
    expect(await venue.answers({ keys: others, tradingUrl: fake.url })).toBe(false)
  }
})

test.each(['alpaca', 'okx'])(
  'who sends on to another place is not the double of %s, and the keys stay here',
  async (name) => {
    const seen: unknown[] = []
    const yes = '{"is_open":true,"code":"0","data":[{"acctLv":"1"}]}'
    const listen = async (server: Server): Promise<string> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      closing.push(() => {
        server.closeAllConnections()
        server.close()
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }
    const other = await listen(
      createServer(({ headers }, response) => {
        seen.push(headers)
        response.setHeader('content-type', 'application/json').end(yes)
      }),
    )
    const tradingUrl = await listen(
      createServer(({ url }, response) => response.writeHead(307, { Location: `${other}${url}` }).end()),
    )
    expect(await venueNamed(name).answers({ keys, tradingUrl })).toBe(false)
    expect(seen).toEqual([])
  },
)
