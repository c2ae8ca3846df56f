import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { hurriedLine, openLive, until } from './live-account.test-support.js'
import { parseOrder } from './parse-order.js'

afterEach(stopAll)

const leg = {
  id: 'leg-1',
  client_order_id: 'theirs-1',
  asset_id: 'asset-1',
  asset_class: 'us_option',
  symbol: 'AAPL241213C00250000',
  side: 'buy',
  type: '',
  time_in_force: 'day',
  order_class: 'mleg',
  status: 'new',
  qty: '3',
  filled_qty: '0',
  filled_avg_price: null,
  notional: null,
  submitted_at: '2024-12-10T16:15:53.684952901Z',
  updated_at: '2024-12-10T16:15:53.725091158Z',
  legs: null,
}
/** As Alpaca tells of an order of several options: the whole has neither symbol nor side. */
const whole = {
  ...leg,
  id: 'whole',
  client_order_id: 'theirs',
  asset_id: '',
  asset_class: '',
  symbol: '',
  side: '',
  type: 'limit',
  qty: '1',
  legs: [leg, { ...leg, id: 'leg-2', client_order_id: 'theirs-2', symbol: 'AAPL241213P00240000', side: 'sell' }],
}

describe('an order of several options, which somebody else has placed', () => {
  it('does not keep the account from being opened, and is listed by its legs', async () => {
    const { transport } = hurriedLine()
    const fetch: typeof transport.fetch = async (url, init) => {
      const answer = await transport.fetch(url, init)
      if (!/\/v2\/orders\?/.test(url)) return answer
      const orders = JSON.parse(await answer.text()) as readonly unknown[]
      const text = JSON.stringify([...orders, whole])
      return { status: answer.status, headers: answer.headers, text: async () => text }
    }
    const { broker, place, words } = await openLive({ transport: { ...transport, fetch } })
    expect(words(await place())).toEqual(['accepted'])
    expect(await broker.openOrders()).toMatchObject([
      { clientOrderId: 'order1', symbol: 'AAPL' },
      { clientOrderId: 'theirs-1', symbol: 'AAPL241213C00250000', quantity: '3', status: 'open' },
      { clientOrderId: 'theirs-2', symbol: 'AAPL241213P00240000', side: 'sell' },
    ])
  })

  it('is nothing that the stream tells of', async () => {
    const heard: ((event: { readonly data: unknown }) => void)[] = []
    const { clock, transport } = hurriedLine()
    const connect: typeof transport.connect = (url) => {
      const socket = transport.connect(url)
      const listen = socket.addEventListener.bind(socket) as (type: string, listener: never) => void
      socket.addEventListener = ((type: string, listener: never) => {
        if (type === 'message') heard.push(listener)
        listen(type, listener)
      }) as typeof socket.addEventListener
      return socket
    }
    const { events, log, place, words } = await openLive({ transport: { ...transport, clock, connect } })
    const told = { event: 'fill', price: '1.28', qty: '1', timestamp: leg.updated_at, order: whole }
    for (const listener of heard) listener({ data: JSON.stringify({ stream: 'trade_updates', data: told }) })
    const id = await place()
    await until(() => words(id).includes('accepted'), 'its own order is told of')
    expect(events.map(({ clientOrderId }) => clientOrderId)).toEqual([id])
    expect(log).toEqual([])
  })

  it('is no excuse for an order of another kind that lacks its symbol', () => {
    expect(() => parseOrder({ ...whole, order_class: 'simple' })).toThrow(/symbol is not a text/)
  })
})
