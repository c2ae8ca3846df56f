import type { EpochMs } from '@tradeswarm/core'
import type { FakeAdmission, FakeRequest } from '../shared/fake-http-host.js'
import type { FaultBoard } from './fault-board.js'
import { RateWindow } from './rate-window.js'

export type FakeGateParts = {
  readonly settings: {
    readonly keyId: string
    readonly secret: string
    readonly requestsPerMinute: number
    readonly dataRequestsPerMinute: number
  }
  readonly faults: FaultBoard
  readonly now: () => EpochMs
  readonly shownNow: () => EpochMs
}

/** Checks keys and counts requests: trading and market data each have a limit of their own. */
export class FakeGate {
  readonly #parts: FakeGateParts
  readonly #trading: RateWindow
  readonly #data: RateWindow

  constructor(parts: FakeGateParts) {
    this.#parts = parts
    this.#trading = new RateWindow(parts.settings.requestsPerMinute)
    this.#data = new RateWindow(parts.settings.dataRequestsPerMinute)
  }

  admit({ path }: FakeRequest, headers: Readonly<Record<string, unknown>>): FakeAdmission {
    const { settings, faults, now, shownNow } = this.#parts
    const date = { Date: new Date(shownNow()).toUTCString() }
    if (path.startsWith('/fake/')) return { headers: date }
    if (faults.conditions.maintenance)
      return { headers: date, refused: { status: 503, json: { code: 50310000, message: 'service unavailable' } } }
    const isCrypto = path.startsWith('/v1beta3/crypto/')
    const isData = isCrypto || path.startsWith('/v2/stocks/') || path === '/v1/corporate-actions'
    const isKeyed = headers['apca-api-key-id'] === settings.keyId && headers['apca-api-secret-key'] === settings.secret
    // Crypto data need no key.
    if (!isKeyed && !isCrypto) {
      const message = isData ? { message: 'forbidden.' } : { code: 40110000, message: 'request is not authorized' }
      return { headers: date, refused: { status: isData ? 403 : 401, json: message } }
    }
    const window = isData ? this.#data : this.#trading
    const isAllowed = window.take(now())
    const shown = { ...date, ...window.headers() }
    if (isAllowed) return { headers: shown }
    const json = isData ? { message: 'too many requests.' } : { code: 42910000, message: 'rate limit exceeded' }
    return { headers: shown, refused: { status: 429, json } }
  }
}
