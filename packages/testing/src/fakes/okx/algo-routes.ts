import type { FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import type { AlgoDesk } from './algo-desk.js'
import type { AlgoOrder } from './algo-order.js'
import { failed, failedBy, type OkxItem, told, verdict } from './envelope.js'
import { emptyParameter, noOrder, refuse } from './okx-refusal.js'
import { pageLines } from './page-lines.js'
import { bodiesOf } from './request-items.js'

const mostCancels = 10

/** Answers requests of algo orders; undefined for a path that is none. */
export function answerAlgo({ method, path, query, body }: FakeRequest, desk: AlgoDesk): FakeAnswer | undefined {
  switch (`${method} ${path.replace('/api/v5/trade/', '')}`) {
    case 'POST order-algo': {
      const placed = desk.place(body)
      return placed.sCode === '50014' ? failed('50014', placed.sMsg) : items([placed])
    }
    case 'POST cancel-algos': {
      const bodies = bodiesOf(body)
      if (bodies.length > mostCancels) return failed('50025', `Parameter args count exceeds the limit ${mostCancels}.`)
      return items(bodies.map((one) => desk.cancel(one)))
    }
    case 'POST amend-algos':
      return items([desk.amend(body)])
    case 'GET order-algo': {
      const [algoId, algoClOrdId] = [query.get('algoId') ?? '', query.get('algoClOrdId') ?? '']
      if (algoId === '' && algoClOrdId === '')
        return failedBy(refuse('50015', 'Either parameter algoId or algoClOrdId is required'))
      const order = desk.find(algoId, algoClOrdId)
      return order === undefined ? failedBy(noOrder()) : told([desk.json(order)])
    }
    case 'GET orders-algo-pending':
      return list(desk, query, ({ state }) => state === 'live')
    case 'GET orders-algo-history': {
      const [state, algoId] = [query.get('state'), query.get('algoId')]
      if ((state === null) === (algoId === null))
        return failedBy(refuse('51602', 'Either order status or order ID is required.'))
      return list(desk, query, (order) => order.state !== 'live' && (state === null || order.state === state))
    }
    default:
      return undefined
  }
}

function items(all: readonly OkxItem[]): FakeAnswer {
  return { status: 200, json: { ...verdict(all), data: all } }
}

function list(desk: AlgoDesk, query: URLSearchParams, isWanted: (order: AlgoOrder) => boolean): FakeAnswer {
  const types = query.get('ordType')?.split(',')
  if (types === undefined) return failedBy(emptyParameter('ordType'))
  const [instType, instId, algoId] = [query.get('instType'), query.get('instId'), query.get('algoId')]
  const found = [...desk.orders.values()].filter(({ terms, ...order }) => {
    const { listing } = terms
    return (
      types.includes(terms.ordType) &&
      isWanted({ terms, ...order }) &&
      (instType === null || listing.instType === instType) &&
      (instId === null || listing.instId === instId) &&
      (algoId === null || order.algoId === algoId)
    )
  })
  return pageLines(
    found.map((order) => ({ id: order.algoId, time: order.cTime, json: desk.json(order) })),
    query,
  )
}
