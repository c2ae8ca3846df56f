import { type FakeAnswer, type FaultWords, type HttpFault, proxyPage } from '../shared/http-fault.js'
import { failed, told, turnedAway } from './envelope.js'

/** What OKX says where a fault has its way. */
export const okxFaultWords: FaultWords = {
  instead(fault, headers) {
    switch (fault.kind) {
      case 'status':
      case 'code':
        return fault.when === 'after' ? undefined : worded(fault)
      case 'html':
        return { status: fault.status, json: proxyPage(fault.status) }
      case 'redirect':
        headers['Location'] = fault.to
        return { status: 302, json: '' }
      case 'too-many':
        return fault.status === 200
          ? failed('50011', 'Rate limit reached. Please refer to API documentation and throttle requests accordingly.')
          : tooMany()
      default:
        return undefined
    }
  },
  after(fault, answered, path) {
    // A look-up finds no order, a list is empty.
    if (fault.kind === 'hidden')
      return /\/order(-algo)?$/.test(path) ? failed('51603', 'Order does not exist') : told([])
    return fault.kind === 'status' || fault.kind === 'code' ? worded(fault) : answered
  },
  notFound: { status: 404, json: { msg: 'Invalid request path', code: '404', data: [] } },
}

/** An HTTP status of 429 is about the rate whichever fault says it: the order was not taken. */
const tooMany = (): FakeAnswer => turnedAway('50011', 'Too Many Requests', 429)

const messages: Readonly<Record<string, string>> = {
  '50001': 'Service temporarily unavailable. Please try again later.',
  '50004': 'API endpoint request timeout.',
  '50013': 'Systems are busy. Please try again later.',
  '50026': 'System error. Try again later',
  '51149': 'Order timed out. Please try again.',
}

function worded(fault: Extract<HttpFault, { readonly kind: 'status' | 'code' }>): FakeAnswer {
  if (fault.kind === 'code') return failed(fault.code, messages[fault.code] ?? 'Operation failed.', fault.status)
  if (fault.body !== undefined) return { status: fault.status, json: fault.body }
  if (fault.status === 429) return tooMany()
  const code = fault.status === 503 ? '50001' : '50026'
  return failed(code, messages[code] ?? '', fault.status)
}
