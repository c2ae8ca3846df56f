import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSilentLogger } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createOkxMarketData } from './create-okx-market-data.js'

const ts = '1708587373361'
const instId = 'BTC-USDT'

/** A socket that confirms each channel, and then pushes what there is of those of prices. */
function socket(): WebSocketLike & { push(): void } {
  const listeners: ((event: { readonly data: unknown }) => void)[] = []
  let end = (): void => undefined
  const tell = (message: unknown): void => {
    for (const listener of listeners) listener({ data: JSON.stringify(message) })
  }
  const pushes: Readonly<Record<string, object>> = {
    'bbo-tbt': { data: [{ asks: [['50010', '2', '0', '1']], bids: [['49990', '1', '0', '1']], ts, seqId: 1 }] },
    trades: { data: [{ instId, tradeId: '7', px: '50000.5', sz: '0.25', side: 'buy', ts, count: '1' }] },
    // The checksum of the venue's own writing of these levels.
    books: {
      action: 'snapshot',
      data: [
        {
          asks: [
            ['3366.8', '9', '0', '1'],
            ['3368', '8', '0', '1'],
          ],
          bids: [
            ['3366.1', '7', '0', '1'],
            ['3366', '6', '0', '1'],
          ],
          ts,
          checksum: -1881014294,
          seqId: 10,
          prevSeqId: -1,
        },
      ],
    },
  }
  return {
    binaryType: '',
    readyState: 1,
    push() {
      for (const [channel, message] of Object.entries(pushes)) tell({ arg: { channel, instId }, ...message })
    },
    send(text) {
      if (text === 'ping') return
      const { args } = JSON.parse(text) as { readonly args: readonly { readonly channel: string }[] }
      queueMicrotask(() => {
        for (const arg of args) tell({ event: 'subscribe', arg, connId: 'a4d3ae55' })
      })
    },
    close: () => end(),
    addEventListener(type: string, listener: never) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') end = listener as () => void
      if (type === 'message') listeners.push(listener)
    },
  }
}

test('on workerd the feed tells quotes and trades, and keeps books by their checksum', async () => {
  const streams = new Map<string, ReturnType<typeof socket>>()
  const connect = (url: string): WebSocketLike => {
    const stream = socket()
    streams.set(new URL(url).pathname, stream)
    return stream
  }
  const options = { symbols: [instId], bookSymbols: [instId], transport: { connect } }
  const feed = await createOkxMarketData(options).open({ random: createSeededRandom(1), logger: createSilentLogger() })
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  streams.get('/ws/v5/public')?.push()
  expect(feed.book(instId)?.bids).toHaveLength(2)
  await feed.settled()
  expect(events.filter(({ type }) => type === 'quote' || type === 'trade')).toMatchObject([
    { type: 'quote', bid: '49990', ask: '50010' },
    { type: 'trade', price: '50000.5', quantity: '0.25' },
  ])
  await feed.close()
})
