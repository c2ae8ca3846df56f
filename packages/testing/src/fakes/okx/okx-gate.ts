import type { EpochMs } from '@tradeswarm/core'
import type { FakeAdmission, FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import { failed, turnedAway } from './envelope.js'
import type { FakeOkxConditions } from './fault-board.js'
import { isSignedWith } from './okx-sign.js'
import type { RateBook } from './rate-book.js'
import { itemsOf } from './request-items.js'

/** What a request or a login is signed with. */
export type OkxCredentials = {
  readonly keyId: string
  readonly secret: string
  readonly passphrase: string
  readonly environment: 'demo' | 'live'
}

export type OkxGateParts = {
  readonly credentials: OkxCredentials
  readonly conditions: FakeOkxConditions
  readonly rates: RateBook
  readonly now: () => EpochMs
  readonly shownNow: () => EpochMs
}

/** How long a signature holds. */
export const signatureMs = 30_000

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

const orderWrites: ReadonlySet<string> = new Set([
  'POST trade/order',
  'POST trade/batch-orders',
  'POST trade/amend-order',
  'POST trade/amend-batch-orders',
])

/** Checks keys, signatures, clocks and rates. */
export class OkxGate {
  readonly #parts: OkxGateParts

  constructor(parts: OkxGateParts) {
    this.#parts = parts
  }

  admit(request: FakeRequest, headers: Headers): FakeAdmission {
    const { conditions, shownNow } = this.#parts
    const shown = { Date: new Date(shownNow()).toUTCString() }
    if (request.path.startsWith('/fake/')) return { headers: shown }
    const isStatus = request.path === '/api/v5/system/status'
    if (conditions.maintenance && !isStatus)
      return { headers: shown, refused: failed('50001', 'Service temporarily unavailable. Please try again later.') }
    const refused = this.#checkKey(request, headers) ?? this.#checkForm(request, headers) ?? this.#checkRate(request)
    return refused === undefined ? { headers: shown } : { headers: shown, refused }
  }

  #checkKey({ method, path, target, text }: FakeRequest, headers: Headers): FakeAnswer | undefined {
    const isPublic = /^\/api\/v5\/(public|market|system)\//.test(path)
    if (isPublic) return undefined
    const { credentials, shownNow } = this.#parts
    const header = (name: string): string => String(headers[name] ?? '')
    const [key, sign, timestamp, passphrase] = [
      header('ok-access-key'),
      header('ok-access-sign'),
      header('ok-access-timestamp'),
      header('ok-access-passphrase'),
    ]
    if (key === '') return turnedAway('50103', 'Request header OK-ACCESS-KEY can not be empty.')
    if (passphrase === '') return turnedAway('50104', 'Request header OK-ACCESS-PASSPHRASE can not be empty.')
    if (sign === '') return turnedAway('50106', 'Request header OK-ACCESS-SIGN can not be empty.')
    if (timestamp === '') return turnedAway('50107', 'Request header OK-ACCESS-TIMESTAMP can not be empty.')
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(timestamp) ? Date.parse(timestamp) : Number.NaN
    if (Number.isNaN(time)) return turnedAway('50112', 'Invalid OK-ACCESS-TIMESTAMP')
    if (Math.abs(shownNow() - time) > signatureMs) return turnedAway('50102', 'Timestamp request expired')
    if (key !== credentials.keyId) return turnedAway('50111', 'Invalid OK-ACCESS-KEY')
    const isDemo = header('x-simulated-trading') === '1'
    if (isDemo !== (credentials.environment === 'demo'))
      return turnedAway('50101', 'APIKey does not match current environment.')
    if (passphrase !== credentials.passphrase)
      return turnedAway('50105', 'Request header OK-ACCESS-PASSPHRASE incorrect.')
    if (isSignedWith(credentials.secret, `${timestamp}${method}${target}${text}`, sign)) return undefined
    return turnedAway('50113', 'Invalid Sign')
  }

  #checkForm({ method, text }: FakeRequest, headers: Headers): FakeAnswer | undefined {
    if (method !== 'POST') return undefined
    if (text === '') return failed('50000', 'Body for POST request can not be empty.')
    if (
      !String(headers['content-type'] ?? '')
        .toLowerCase()
        .includes('application/json')
    )
      return failed('50006', 'Invalid Content-Type. Please use "application/json".')
    try {
      JSON.parse(text)
      return undefined
    } catch {
      return failed('50002', 'JSON syntax error')
    }
  }

  #checkRate(request: FakeRequest): FakeAnswer | undefined {
    const { rates, now } = this.#parts
    const name = `${request.method} ${request.path.replace('/api/v5/', '')}`
    const items = itemsOf(request)
    if (!rates.take(name, items, now())) return turnedAway('50011', 'Too Many Requests', 429)
    if (!orderWrites.has(name) || rates.takeOrders(items, now())) return undefined
    return failed('50061', "You've reached the maximum order rate limit for this account.")
  }
}
