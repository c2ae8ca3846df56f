import { expect, test } from 'vitest'
import { createKeptLog } from './live-account.test-support.js'
import { createMarketStream, type MarketStreamListener } from './market-stream.js'
import { parseConnection } from './parse-alpaca-options.js'

test("a message that cannot be read takes none of the others of its frame with it, and one of another symbol is nobody's", () => {
  const heard: string[] = []
  const note = (what: string) => () => void heard.push(what)
  const listener: MarketStreamListener = {
    onQuote: note('quote'),
    onTrade: ({ price }) => void heard.push(`trade ${price}`),
    onWithdrawn: ({ id, corrected }) => void heard.push(`withdrawn ${id}, ${corrected?.price ?? 'cancelled'}`),
    onMinute: note('minute'),
    onDay: note('day'),
    onBook: note('book'),
    onBooksBegin: note('books'),
    onBooksDoubt: note('doubt'),
    onGap: note('gap'),
  }
  const { logger, lines } = createKeptLog()
  const stream = createMarketStream({
    url: 'wss://stream/v2/iex',
    symbols: ['AAPL'],
    bookSymbols: [],
    connection: parseConnection('test', { keyId: 'PKX', secret: 'secret' }, 'data'),
    logger,
    listener,
  })
  const trade = { T: 't', S: 'AAPL', t: '2026-01-13T15:00:00Z', p: 100, s: 1, i: 1, x: 'V' }
  stream.onMessage([trade, { ...trade, p: null }, { ...trade, p: 101, i: 2 }], () => undefined)
  expect(heard).toEqual(['trade 100', 'gap', 'trade 101'])
  stream.onMessage([{ ...trade, S: 'MSFT' }], () => undefined)
  expect(heard).toHaveLength(3)
  stream.onMessage({ T: 't' }, () => undefined)
  expect(heard.at(-1)).toBe('gap')
  expect(lines).toHaveLength(2)
  const of = { S: 'AAPL', x: 'V', t: '2026-01-13T15:00:05Z', z: 'C' }
  stream.onMessage([{ ...of, T: 'x', i: 1, p: 100, s: 1, a: 'C' }], () => undefined)
  stream.onMessage(
    [{ ...of, T: 'c', oi: 2, op: 101, os: 1, oc: ['@'], ci: 3, cp: 99, cs: 1, cc: ['@'] }],
    () => undefined,
  )
  expect(heard.slice(-2)).toEqual(['withdrawn 1, cancelled', 'withdrawn 2, 99'])
})
