import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import { afterEach, expect, it, test } from 'vitest'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { type CorporateActionPage, parseCorporateActions } from './parse-corporate-actions.js'

afterEach(stopAll)

const dividend = (symbol: string, exDate: string, processDate: string, rate: number) => ({
  id: `${symbol}-${exDate}`,
  symbol,
  cusip: '0',
  ex_date: exDate,
  process_date: processDate,
  rate,
  special: false,
  foreign: false,
})
const corporateActions = {
  cash_dividends: [
    dividend('AAPL', '2020-05-08', '2020-05-14', 0.82),
    dividend('MSFT', '2020-05-20', '2020-06-11', 0.51),
    dividend('AAPL', '2020-11-06', '2020-11-12', 0.205),
  ],
  forward_splits: [
    {
      symbol: 'AAPL',
      ex_date: '2020-08-31',
      process_date: '2020-08-31',
      new_rate: 4,
      old_rate: 1,
      id: 's',
      cusip: '0',
    },
  ],
  reverse_splits: [
    {
      symbol: 'AAPL',
      ex_date: '2021-01-04',
      process_date: '2021-01-04',
      new_rate: 1,
      old_rate: 50,
      id: 'r',
      cusip: '0',
    },
  ],
}

async function open() {
  const fake = await createFakeAlpaca({ corporateActions })
  stopLater(() => fake.close())
  const { keyId, secret, url } = fake
  const data = createAlpacaMarketData({ keyId, secret, symbols: ['AAPL'], urls: { data: url } })
  return { fake, history: data.history({ random: createSeededRandom(1) }) }
}

it('dividends and splits come page by page, by the date on which they are processed', async () => {
  const { history } = await open()
  const pages: CorporateActionPage[] = []
  const query = { symbols: ['AAPL'], from: '2020-05-14', to: '2020-12-31', pageSize: 2 }
  for await (const page of history.corporateActions(query)) pages.push(page)
  expect(pages.map(({ next }) => next === undefined)).toEqual([false, true])
  expect(pages.flatMap(({ dividends }) => dividends)).toEqual([
    { symbol: 'AAPL', exDate: '2020-05-08', amount: '0.82', currency: 'USD', isSpecial: false },
    { symbol: 'AAPL', exDate: '2020-11-06', amount: '0.205', currency: 'USD', isSpecial: false },
  ])
  expect(pages.flatMap(({ splits }) => splits)).toEqual([
    { symbol: 'AAPL', exDate: '2020-08-31', newRate: '4', oldRate: '1' },
  ])
  const rest: CorporateActionPage[] = []
  for await (const page of history.corporateActions({ ...query, pageToken: pages[0]?.next ?? '' })) rest.push(page)
  expect(rest).toEqual(pages.slice(1))
})

it('reverse splits are splits, and of crypto there are none of either', async () => {
  const { history } = await open()
  const pages: CorporateActionPage[] = []
  for await (const page of history.corporateActions({
    symbols: ['AAPL', 'MSFT'],
    from: '2021-01-01',
    to: '2021-12-31',
  }))
    pages.push(page)
  expect(pages).toEqual([
    { dividends: [], splits: [{ symbol: 'AAPL', exDate: '2021-01-04', newRate: '1', oldRate: '50' }], next: undefined },
  ])
  const ofCrypto = () => history.corporateActions({ symbols: ['BTC-USD'], from: '2021-01-01', to: '2021-12-31' })
  expect(ofCrypto).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test.each([
  [{ corporate_actions: { cash_dividends: [{ symbol: 'A', ex_date: 'soon', rate: 1 }] } }, /ex_date is not a date/],
  [{ corporate_actions: { cash_dividends: [{ symbol: 'A', ex_date: '2020-01-01' }] } }, /rate is not an amount/],
  [{ corporate_actions: { forward_splits: 'none' } }, /not a list/],
  [{ corporate_actions: {}, next_page_token: 7 }, /next_page_token/],
])('an answer that cannot be read is none: %o', (value, message) => {
  expect(() => parseCorporateActions(value)).toThrow(message)
})

const description = join(
  process.env['TRADESWARM_DATA'] ?? 'nowhere',
  'captures',
  'alpaca',
  'market-data-api.openapi.json',
)
test.runIf(existsSync(description))("the venue's own examples can be read", () => {
  const { components } = JSON.parse(readFileSync(description, 'utf8')) as {
    readonly components: { readonly schemas: Readonly<Record<string, { readonly example?: unknown }>> }
  }
  const example = (name: string): readonly unknown[] => [components.schemas[name]?.example]
  const page = parseCorporateActions({
    corporate_actions: {
      cash_dividends: example('cash_dividend'),
      forward_splits: example('forward_split'),
      reverse_splits: example('reverse_split'),
    },
    next_page_token: null,
  })
  expect(page).toMatchObject({
    dividends: [{ symbol: 'FCF', exDate: '2023-05-04', amount: '0.125' }],
    splits: [
      { symbol: 'SRE', newRate: '2', oldRate: '1' },
      { symbol: 'MNTS', newRate: '1', oldRate: '50' },
    ],
    next: undefined,
  })
})
