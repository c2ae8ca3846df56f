import { describe, expect, it } from 'vitest'
import type { AlpacaBrokerOptions } from './alpaca-broker-options.js'
import { parseAlpacaOptions } from './parse-alpaca-options.js'

const keys = { keyId: 'PKCANARY', secret: 'canary-secret' }
const of = (options: object) => parseAlpacaOptions({ ...keys, ...options } as AlpacaBrokerOptions)

describe('a base URL', () => {
  it.each(['http://127.0.0.1:7', 'http://127.0.0.1:7/', 'http://127.0.0.1:7//'])(
    '%s leads to trading and stream',
    (trading) => {
      const { tradingUrl, updatesUrl } = of({ urls: { trading } })
      expect([tradingUrl, updatesUrl]).toEqual(['http://127.0.0.1:7', 'ws://127.0.0.1:7/stream'])
    },
  )

  it('that leads to a proxy keeps its path', () => {
    expect(of({ urls: { trading: 'https://proxy.example/alpaca/' } }).updatesUrl).toBe(
      'wss://proxy.example/alpaca/stream',
    )
  })

  it.each([
    ['https://paper-api.alpaca.markets/v2', /urls\.trading: leave \/v2 out/],
    [`https://me:${keys.secret}@proxy.example`, /urls\.trading: use a base URL: without a user/],
    ['https://proxy.example/?to=alpaca', /urls\.trading: use a base URL: without a user, a query/],
    ['http://proxy.example', /urls\.trading: use a URL that begins with https/],
    [7, /urls\.trading: use a URL/],
  ])('%s is none', (trading, why) => {
    let message = ''
    try {
      of({ urls: { trading } })
    } catch (thrown) {
      message = String(thrown)
    }
    expect(message).toMatch(why)
    expect(message).not.toContain(keys.secret)
  })
})

it('a text is no yes or no: "false" would be a yes', () => {
  expect(() => of({ fractionalShares: 'false' })).toThrow(/fractionalShares: use true or false/)
})
