import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSeededRandom } from '@tradeswarm/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { okxVenue, siteOrUrl } from './okx-venue.js'

let server: Server
const seen: (string | undefined)[] = []
beforeAll(async () => {
  server = createServer(({ headers }, response) => {
    seen.push(headers['x-simulated-trading'] as string | undefined)
    response.end(JSON.stringify({ code: '51001', msg: 'nothing here', data: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
beforeEach(() => seen.splice(0))
afterAll(() => server.close())

const access = () => ({ keys: {}, dataUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
const random = createSeededRandom(1)
const symbol = 'BTC-USDT'

/** What is asked for is not there: what counts is how it was asked for. */
async function ask(prices: { readonly prices?: 'paper' | 'live' }): Promise<void> {
  const query = { symbol, timeframe: '1d', from: 0, to: 86_400_000, random }
  const bars = okxVenue.bars({ ...access(), ...prices }, query)[Symbol.asyncIterator]()
  await expect(bars.next()).rejects.toThrow('51001')
}

test('hosts of OKX are sites of it, with streams of their own; others have them beside', () => {
  expect(siteOrUrl('https://eea.okx.com')).toEqual({ site: 'eea' })
  expect(siteOrUrl('https://proxy.test/okx')).toEqual({ urls: { rest: 'https://proxy.test/okx' } })
})

test('real prices are asked for where they are wanted, those of demo trading otherwise', async () => {
  await ask({ prices: 'live' })
  expect(new Set(seen)).toEqual(new Set([undefined]))
  seen.splice(0)
  await ask({})
  expect(new Set(seen)).toEqual(new Set(['1']))
})
