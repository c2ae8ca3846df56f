import {
  detailsIn,
  exchange,
  type HttpAnswer,
  jsonIn,
  type Payload,
  queryText,
  type RequestClass,
  RequestLanes,
  retryAfterMs,
} from '@tradeswarm/broker-kit'
import type { Random, SwarmError } from '@tradeswarm/core'
import { alpacaErrors, keyRemedy } from './alpaca-error.js'
import type { ConnectionSettings } from './parse-alpaca-options.js'

/** What is asked. `path` begins with a slash, and its parts are encoded. */
export type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

/** The keys are good, and what is asked for is not paid for: `subscription does not permit querying recent SIP data`. */
const ofThePlan = /\bsubscription\b/i
const maximumPauseMs = 60_000
/** Somebody did not wait for the end of a request: 408, and 499 of proxies. It may have been carried out all the same. */
const givenUp: ReadonlySet<number> = new Set([408, 499])
/** Alpaca counts all requests of an account together. */
const bucket = 'account'

/** The raw client: one base URL, its rate, time-outs and errors. What comes back is JSON that nobody has looked at. */
export class RestClient {
  readonly #baseUrl: string
  readonly #connection: ConnectionSettings
  readonly #lanes: RequestLanes

  constructor(baseUrl: string, connection: ConnectionSettings, random: Random) {
    this.#baseUrl = baseUrl
    this.#connection = connection
    const { clock, requestTimeoutMs, buckets } = connection
    const paused = (name: string, pauseMs: number): SwarmError => alpacaErrors.rateLimited(name, pauseMs)
    this.#lanes = new RequestLanes({ clock, random, requestTimeoutMs, buckets, paused })
  }

  /**
   * Asks, and answers the JSON of a success; undefined where there is none. Throws `BROKER_REFUSED` for a definite no, `BROKER_UNAUTHORIZED`,
   * `BROKER_RATE_LIMITED` (retryable), and errors of unknown outcome.
   */
  send(request: RestRequest, as: RequestClass): Promise<unknown> {
    const rate = { calls: this.#connection.requestsPerMinute, perMs: 60_000 }
    return this.#lanes.send(bucket, rate, as, nameOf(request), (signal) => this.#attempt(request, signal))
  }

  async #attempt(request: RestRequest, signal: AbortSignal): Promise<unknown> {
    const { method, path, query, body } = request
    const { headers, scrub } = this.#connection
    const name = nameOf(request)
    const url = `${this.#baseUrl}${path}${queryText(query)}`
    const text = body === undefined ? undefined : JSON.stringify(body)
    const answer = await exchange({ name, method, url, headers, body: text }, this.#connection, scrub, signal)
    if (answer.status < 300) return jsonIn(answer.text, name)
    throw this.#failure(name, answer)
  }

  #failure(name: string, { status, headers, text }: HttpAnswer): SwarmError {
    const details = detailsIn(text)
    const code = details['code']
    const message = this.#connection.scrub(messageIn(details)).slice(0, 500)
    const askedMs = retryAfterMs(headers, this.#connection.clock.now())
    if (status === 429) {
      const waitMs = askedMs ?? untilReset(headers)
      this.#lanes.pause(bucket, waitMs)
      return alpacaErrors.rateLimited(name, waitMs)
    }
    if (status >= 500 || givenUp.has(status)) {
      if (askedMs !== undefined) this.#lanes.pause(bucket, askedMs)
      return alpacaErrors.serverError(name, status, message, askedMs)
    }
    const venueCode = typeof code === 'number' ? code : 0
    const isKeyFault = status === 401 || (status === 403 && venueCode === 0 && !ofThePlan.test(message))
    if (isKeyFault) return alpacaErrors.unauthorized(name, status, keyRemedy)
    // Somebody on the way has said it. Of a request that writes nobody knows what became.
    const isSilent = venueCode === 0 && typeof details['message'] !== 'string'
    if (isSilent && !name.startsWith('GET')) return alpacaErrors.serverError(name, status, message)
    return alpacaErrors.refused({ status, venueCode, message, details }, name)
  }
}

/** How long the window of the venue lasts yet. */
function untilReset(headers: Headers): number {
  const reset = Number(headers.get('X-RateLimit-Reset') ?? Number.NaN)
  // By the venue's own clock, which the header Date shows to the second.
  const venueNow = Date.parse(headers.get('Date') ?? '')
  if (!Number.isFinite(reset) || Number.isNaN(venueNow)) return 1_000
  return Math.min(Math.max(reset * 1_000 - venueNow, 250), maximumPauseMs)
}

function nameOf({ method, path }: RestRequest): string {
  return `${method} ${path}`
}

function messageIn(details: Payload): string {
  const message = details['message']
  return typeof message === 'string' ? message : 'without a word of JSON'
}
