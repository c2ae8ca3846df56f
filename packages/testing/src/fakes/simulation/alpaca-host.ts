import type { LineHost, LineRequest, RequestSense } from '../../simulator/line/line-host.js'
import type { FakeVenue } from '../alpaca/fake-venue.js'
import { proxyPage } from '../shared/http-fault.js'
import { parse, plainText } from '../shared/json-text.js'
import type { MemoryHost } from '../shared/memory-host.js'

/** Alpaca's protocol as a simulated line carries it. */
export function alpacaLineHost(host: MemoryHost, venueOf: () => FakeVenue): LineHost {
  return {
    answer: (request) => host.answer(request),
    connect: (path, listener) => host.connect(path, listener),
    senseOf: (request) => senseOf(request, venueOf()),
    isRefusal: () => false,
    insteadOf(word, retryAfterMs) {
      const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }
      switch (word) {
        case 'rate-limited':
          return json(429, { code: 42910000, message: 'rate limit exceeded' }, headers)
        case 'refused':
          return json(422, { code: 42210000, message: 'not now' })
        case 'maintenance':
          return json(503, { code: 50310000, message: 'service unavailable' })
        case 'unsure':
          return json(504, { code: 50410000, message: 'request timed out' })
        case 'proxy-page':
          return { status: 502, headers: { 'content-type': 'text/html' }, text: proxyPage(502) }
      }
    },
  }
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
  return { status, headers: { 'content-type': 'application/json', ...headers }, text: JSON.stringify(body) }
}

function senseOf({ method, target, text }: LineRequest, venue: FakeVenue): RequestSense {
  if (!target.startsWith('/v2/orders') || method === 'GET') return { kind: 'lookup' }
  if (method === 'DELETE') return { kind: 'cancel' }
  const body = parse(text)
  const clientOrderId = plainText(body['client_order_id'])
  if (method === 'POST')
    return {
      kind: 'place',
      clientOrderId,
      symbol: plainText(body['symbol']).replace('/', '-'),
      side: plainText(body['side']),
      quantity: plainText(body['qty']),
    }
  const before = venue.orders.get(decodeURIComponent(target.slice('/v2/orders/'.length)))
  return {
    kind: 'replace',
    clientOrderId,
    ...(before === undefined ? {} : { symbol: before.terms.asset.symbol.replace('/', '-') }),
  }
}
