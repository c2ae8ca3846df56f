import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import { tradingCalendar } from '@tradeswarm/trading'
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
  // What sites were called before.
  expect(siteOrUrl('https://my.okx.com')).toEqual({ site: 'eea' })
  expect(siteOrUrl('https://app.okx.com/')).toEqual({ site: 'us' })
  expect(siteOrUrl('https://proxy.test/okx')).toEqual({ urls: { rest: 'https://proxy.test/okx' } })
})

test('real prices are asked for where they are wanted, those of demo trading otherwise', async () => {
  await ask({ prices: 'live' })
  expect(new Set(seen)).toEqual(new Set([undefined]))
  seen.splice(0)
  await ask({})
  expect(new Set(seen)).toEqual(new Set(['1']))
})

test('a bar that OKX does not call over yet is not taken for one that there is none of, where all are to be over', async () => {
  const minute = 60_000
  const begun = Date.UTC(2026, 0, 5, 12)
  const fake = await createFakeOkx({
    candles: { [symbol]: { '1m': [[String(begun - minute), '90', '91', '89', '90', '1', '90', '90']] } },
    clock: { now: () => begun + 59_000 },
  })
  try {
    await fake.market.trade(symbol, '100', '1')
    const there = { keys: {}, dataUrl: fake.url }
    const query = { symbol, timeframe: '1m', from: begun - minute, to: begun + minute - 1, random }
    const starts: number[] = []
    const read = async (areOver: boolean): Promise<void> => {
      for await (const rows of okxVenue.bars(there, { ...query, areOver }))
        starts.push(...rows.map(({ start }) => start))
    }
    await read(false)
    expect(starts.splice(0)).toEqual([begun - minute])
    await expect(read(true)).rejects.toMatchObject({
      code: 'BAR_NOT_OVER',
      retryability: 'retryable',
      message: expect.stringContaining('begins at 2026-01-05T12:00:00.000Z'),
    })
    expect(starts).toEqual([begun - minute])
  } finally {
    await fake.close()
  }
})

test('a double knows the past of its tape, and the days that it has played, however old they are', async () => {
  const keys = { OKX_API_KEY: 'k', OKX_SECRET_KEY: 's', OKX_PASSPHRASE: 'p' }
  const dates = ['2013-12-30', '2013-12-31', '2014-01-02', '2014-01-03'] as const
  const barOf = (sessionDate: string) => {
    const prices = { open: '10', high: '12', low: '9', close: '11', volume: '5' }
    return { type: 'bar', symbol, timeframe: '1d', sessionDate, start: 0, time: 0, ...prices } as const
  }
  for (const past of [2, 0]) {
    const double = await okxVenue.startDouble({
      symbols: [symbol],
      keys,
      cash: '1000',
      slippageBasisPoints: '0',
      calendar: tradingCalendar('always-open'),
      pastBars: dates.slice(0, past).map(barOf),
      firstSession: dates[0],
    })
    try {
      for (const date of dates.slice(past)) await double.emit(barOf(date))
      const query = { symbol, timeframe: '1d', from: Date.UTC(2013, 0), to: Date.UTC(2026, 0), random }
      const found: string[] = []
      for await (const rows of okxVenue.bars({ keys, dataUrl: double.url, requestsPerMinute: 1_000 }, query))
        found.push(...rows.map(({ start }) => new Date(start).toISOString().slice(0, 10)))
      expect(found).toEqual(dates)
    } finally {
      await double.close()
    }
  }
})
