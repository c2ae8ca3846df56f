import type { EpochMs } from '@tradeswarm/core'
import { type FakeAnswer, type FaultWords, type HttpFault, proxyPage } from '../shared/http-fault.js'

/** What Alpaca says where a fault has its way. */
export function faultWords(now: () => EpochMs): FaultWords {
  return {
    instead: (fault, headers) => insteadOf(fault, now(), headers),
    after(fault, answered) {
      if (fault.kind === 'hidden') return { status: 404, json: { code: 40410000, message: 'order not found' } }
      return fault.kind === 'status' ? { status: fault.status, json: statusBody(fault) } : answered
    },
    notFound: { status: 404, json: { message: 'endpoint not found.' } },
  }
}

function insteadOf(fault: HttpFault, now: EpochMs, headers: Record<string, string>): FakeAnswer | undefined {
  switch (fault.kind) {
    case 'status':
      return fault.when === 'after' ? undefined : { status: fault.status, json: statusBody(fault) }
    case 'html':
      return { status: fault.status, json: proxyPage(fault.status) }
    case 'redirect':
      headers['Location'] = fault.to
      return { status: 302, json: '' }
    case 'too-many': {
      const seconds = fault.retryAfterSeconds ?? 1
      headers['Retry-After'] = String(seconds)
      headers['X-RateLimit-Remaining'] = '0'
      headers['X-RateLimit-Reset'] = String(Math.ceil(now / 1_000) + seconds)
      return { status: 429, json: { code: 42910000, message: 'rate limit exceeded' } }
    }
    default:
      return undefined
  }
}

function statusBody({ status, body }: { readonly status: number; readonly body?: string }): unknown {
  const message = status === 429 ? 'rate limit exceeded' : 'internal server error occurred'
  return body ?? { code: status * 100_000 + 10_000, message }
}
