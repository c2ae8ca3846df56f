import {
  combine,
  createBackoff,
  createCircuitBreaker,
  createRateLimiter,
  createRetry,
  createTimeout,
  createTimerDeadlines,
  type EpochMs,
  messageOf,
  type Policy,
  type Random,
  SwarmError,
} from '@tradeswarm/core'
import { connectionLost, rateLimited, refused, serverError, unauthorized } from './alpaca-error.js'
import type { ConnectionSettings } from './parse-alpaca-options.js'
import type { Payload } from './payload.js'

/** What is asked. `path` begins with a slash, and its parts are encoded. */
export type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

/** How a request is treated: reads and cancels are repeated, orders never; cancels have a part of the rate for themselves. */
export type RequestClass = 'read' | 'order' | 'cancel'

/** Of the rate so much is kept for cancels, and for orders. */
const reserved = { cancel: 0.2, order: 0.3 } as const
const maximumPauseMs = 60_000

/** The raw client: one base URL, its rate, time-outs and errors. What comes back is JSON that nobody has looked at. */
export class RestClient {
  readonly #baseUrl: string
  readonly #connection: ConnectionSettings
  readonly #policies: Readonly<Record<RequestClass, Policy>>
  /** No request but a cancel is sent before this instant of our clock: the venue said so. */
  #pausedUntil: EpochMs = 0

  constructor(baseUrl: string, connection: ConnectionSettings, random: Random) {
    this.#baseUrl = baseUrl
    this.#connection = connection
    const { clock, requestsPerMinute, requestTimeoutMs } = connection
    // Together no more than the venue lets through in any minute, however they are cut: a burst, and the rest evenly.
    const burst = Math.max(5, Math.floor(requestsPerMinute / 4))
    const limiter = createRateLimiter({
      clock,
      calls: requestsPerMinute - burst,
      perMs: 60_000,
      burst,
      reserved,
      maximumWaiting: 1_000,
      deadlines: createTimerDeadlines(clock),
    })
    const deadlines = createTimerDeadlines(clock)
    const timeout = createTimeout({ clock, timeoutMs: requestTimeoutMs, deadlines })
    const breaker = createCircuitBreaker({ clock, isFailure: isUnanswered })
    const backoff = createBackoff({ firstMs: 200, maximumMs: 5_000 })
    const retry = createRetry({ clock, random, maximumAttempts: 5, backoff, isRetryable })
    this.#policies = {
      read: combine(retry, breaker, limiter, timeout),
      order: combine(breaker, limiter.lane('order'), timeout),
      // Exits are never shut in: no breaker keeps a cancel back.
      cancel: combine(retry, limiter.lane('cancel'), timeout),
    }
  }

  /**
   * Asks, and answers the JSON of a success; undefined where there is none. Throws `BROKER_REFUSED` for a definite no, `BROKER_UNAUTHORIZED`,
   * `BROKER_RATE_LIMITED` (retryable), and errors of unknown outcome.
   */
  send(request: RestRequest, as: RequestClass): Promise<unknown> {
    return this.#policies[as].execute(({ signal }) => {
      const pauseMs = this.#pausedUntil - this.#connection.clock.now()
      if (pauseMs > 0 && as !== 'cancel') throw rateLimited(nameOf(request), pauseMs)
      return this.#attempt(request, signal)
    })
  }

  async #attempt(request: RestRequest, signal: AbortSignal): Promise<unknown> {
    const { method, path, query, body } = request
    const { fetch, headers, scrub } = this.#connection
    const url = `${this.#baseUrl}${path}${queryText(query)}`
    let response: Response
    let text: string
    try {
      response = await fetch(url, {
        method,
        headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The keys go to no other host.
        redirect: 'manual',
        signal,
      })
      text = await response.text()
    } catch (thrown) {
      throw connectionLost(nameOf(request), scrub(reasonOf(thrown)))
    }
    if (response.status >= 200 && response.status < 300) return parse(text, nameOf(request))
    throw this.#failure(request, response, text)
  }

  #failure(request: RestRequest, { status, headers }: Response, text: string): SwarmError {
    const name = nameOf(request)
    const details = this.#detailsOf(text)
    const code = details['code']
    const message = this.#connection.scrub(messageIn(details))
    if (status === 429) {
      const waitMs = this.#waitOf(headers)
      this.#pausedUntil = Math.max(this.#pausedUntil, this.#connection.clock.now() + waitMs)
      return rateLimited(name, waitMs)
    }
    if (status >= 500) return serverError(name, status, message)
    const venueCode = typeof code === 'number' ? code : 0
    const isKeyFault = status === 401 || (status === 403 && venueCode === 0)
    if (isKeyFault) return unauthorized(name, status)
    if (status < 400) return redirected(name, status)
    return refused({ status, venueCode, message, details }, name)
  }

  #detailsOf(text: string): Payload {
    try {
      const value: unknown = JSON.parse(text)
      return typeof value === 'object' && value !== null ? (value as Payload) : {}
    } catch {
      return {}
    }
  }

  /** What the venue asks for, by `Retry-After` or by the end of its window. */
  #waitOf(headers: Headers): number {
    const after = Number(headers.get('Retry-After') ?? Number.NaN)
    if (Number.isFinite(after) && after >= 0) return Math.min(after * 1_000, maximumPauseMs)
    const reset = Number(headers.get('X-RateLimit-Reset') ?? Number.NaN)
    // By the venue's own clock, which the header Date shows to the second.
    const venueNow = Date.parse(headers.get('Date') ?? '')
    if (!Number.isFinite(reset) || Number.isNaN(venueNow)) return 1_000
    return Math.min(Math.max(reset * 1_000 - venueNow, 250), maximumPauseMs)
  }
}

function nameOf({ method, path }: RestRequest): string {
  return `${method} ${path}`
}

function messageIn(details: Payload): string {
  const message = details['message']
  return typeof message === 'string' ? message.slice(0, 500) : 'without a word of JSON'
}

function queryText(query: RestRequest['query']): string {
  const pairs = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

function parse(text: string, name: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new SwarmError({
      code: 'BROKER_BAD_PAYLOAD',
      message: `the answer to ${name} is not JSON; whether it took effect is not known`,
      retryability: 'unknown-outcome',
    })
  }
}

function redirected(name: string, status: number): SwarmError {
  return new SwarmError({
    code: 'BROKER_REDIRECTED',
    message: `${name} was answered with ${status}, a redirect, which is not followed: the keys go to no other host; check urls`,
    context: { status },
  })
}

/** fetch hides what happened in the cause of its error. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
  return `${messageOf(thrown)}${cause}`
}

/** What may be asked again: it was not done, or is a request that may be done twice. */
function isRetryable(error: unknown): boolean {
  return SwarmError.isInstance(error) && error.retryability !== 'fatal'
}

function isUnanswered(error: unknown): boolean {
  return SwarmError.isInstance(error) && error.retryability === 'unknown-outcome'
}
