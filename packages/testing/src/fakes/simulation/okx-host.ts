import type { LineAnswer, LineHost, LineRequest, RequestSense } from '../../simulator/line/line-host.js'
import { proxyPage } from '../shared/http-fault.js'
import { parse, plainText } from '../shared/json-text.js'
import type { MemoryHost } from '../shared/memory-host.js'

/** OKX's protocol as a simulated line carries it. */
export function okxLineHost(host: MemoryHost): LineHost {
  return {
    answer: (request) => host.answer(request),
    connect: (path, listener) => host.connect(path, listener),
    senseOf,
    isRefusal,
    insteadOf(word, retryAfterMs) {
      const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }
      switch (word) {
        case 'rate-limited':
          return json(429, { code: '50011', msg: 'Too Many Requests', data: [] }, headers)
        case 'refused':
          return json(200, { code: '1', msg: '', data: [{ sCode: '51000', sMsg: 'not now' }] })
        case 'maintenance':
          return json(503, { code: '50001', msg: 'Service temporarily unavailable. Please try again later.', data: [] })
        case 'unsure':
          return json(400, { code: '50004', msg: 'API endpoint request timeout.', data: [] })
        case 'proxy-page':
          return { status: 502, headers: { 'content-type': 'text/html' }, text: proxyPage(502) }
      }
    },
  }
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): LineAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, text: JSON.stringify(body) }
}

const placements: Readonly<Record<string, 'clOrdId' | 'algoClOrdId'>> = {
  '/api/v5/trade/order': 'clOrdId',
  '/api/v5/trade/order-algo': 'algoClOrdId',
}

function senseOf({ method, target, text }: LineRequest): RequestSense {
  if (method !== 'POST') return { kind: 'lookup' }
  if (target.startsWith('/api/v5/trade/cancel')) return { kind: 'cancel' }
  if (target.startsWith('/api/v5/trade/amend')) return { kind: 'replace' }
  const idField = placements[target]
  if (idField === undefined) return { kind: 'lookup' }
  const body = parse(text)
  return {
    kind: 'place',
    clientOrderId: plainText(body[idField]),
    symbol: plainText(body['instId']),
    side: plainText(body['side']),
    quantity: plainText(body['sz']),
  }
}

/** Codes of items that say no for certain begin so; but for the one that says it took too long. */
const refusalCodes = /^51(?!149)/
/** The time of a request was off, or its deadline over: it was turned away unread. */
const unreadCodes: ReadonlySet<string> = new Set(['50102', '50112', '50036', '50037'])

function isRefusal({ text }: LineAnswer): boolean {
  const { code, data } = parse(text)
  const [item] = Array.isArray(data) ? (data as readonly Readonly<Record<string, unknown>>[]) : []
  return refusalCodes.test(plainText(item?.['sCode'])) || unreadCodes.has(plainText(code))
}
