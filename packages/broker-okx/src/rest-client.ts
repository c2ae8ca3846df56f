import {
  asList,
  asPayload,
  detailsIn,
  exchange,
  type HttpAnswer,
  notJson,
  optionalText,
  type Payload,
  queryText,
  type RequestClass,
  RequestLanes,
  retryAfterMs,
  VenueClock,
  type VenueRate,
} from '@tradeswarm/broker-kit'
import { type Clock, type EpochMs, type Random, SwarmError } from '@tradeswarm/core'
import { classOf, isExpired, keyRemedy, okxErrors } from './okx-error.js'
import type { ConnectionSettings, OkxCredentials } from './parse-okx-options.js'
import { rateOf } from './rates.js'

/** What is asked. `path` begins with `/api/v5`. */
export type RestRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** What limits are counted for, where they are counted for each instrument. */
  readonly instId?: string
  /** An instant of our clock after which OKX is to drop it. */
  readonly deadline?: EpochMs
}

/** After a request too many OKX wants a rest, and does not say of how long: so long is its window. */
const pauseMs = 2_000
const silent = 'without a word of JSON'

/**
 * The raw client: signatures, rates, time-outs, errors and the venue's clock. What comes back is the list `data` of an answer of success,
 * at which nobody has looked.
 */
export class RestClient {
  readonly #connection: ConnectionSettings
  readonly #lanes: RequestLanes
  /** The venue's clock: OKX takes no request whose time is off by more than 30 s. */
  readonly time: VenueClock

  /** `clock` is that of the swarm: how far the venue's is from it is measured. */
  constructor(connection: ConnectionSettings, random: Random, clock: Clock) {
    this.#connection = connection
    const { requestTimeoutMs, buckets } = connection
    const paused = (name: string, waitMs: number): SwarmError => okxErrors.rateLimited(name, waitMs)
    this.#lanes = new RequestLanes({ clock: connection.clock, random, requestTimeoutMs, buckets, paused })
    this.time = new VenueClock((onSent) => this.#askTime(onSent, 'read'), clock)
  }

  /**
   * Asks, and answers the list `data` of a success. Throws `BROKER_REFUSED` for a definite no, `BROKER_UNAUTHORIZED`, `BROKER_RATE_LIMITED`
   * (retryable), and errors of unknown outcome.
   */
  send(request: RestRequest, as: RequestClass): Promise<readonly unknown[]> {
    const { name, bucket, rate } = this.#placeOf(request)
    return this.#lanes.send(bucket, rate, as, name, async (signal) => {
      try {
        return await this.#attempt(request, signal)
      } catch (thrown) {
        const { deadline } = request
        const isLate = deadline !== undefined && isExpired(thrown)
        if (!isLate && !SwarmError.isInstance(thrown, 'BROKER_CLOCK_SKEWED')) throw thrown
        // Turned away unread: it may go once more with the right time, unless it is late by our own clock as well.
        // Asked for once: what waits for it has not much time.
        await this.time
          .measure((onSent) => this.#askTime(onSent, 'order'))
          .catch(() => {
            throw thrown
          })
        if (isLate && this.time.now() >= deadline + this.time.offsetMs) throw thrown
        return this.#attempt(request, signal)
      }
    })
  }

  /** As {@link RestClient.send}, of a request that writes: answers its one item. What the item says is what was done. */
  async write(request: RestRequest, as: RequestClass): Promise<Payload> {
    const { name } = this.#placeOf(request)
    const [item] = await this.send(request, as)
    return asPayload(item, `an answer to ${name}`)
  }

  #placeOf({ method, path, instId = '' }: RestRequest): { name: string; bucket: string; rate: VenueRate } {
    const name = `${method} ${path}`
    const { bucket, calls, perMs } = rateOf(name, instId, this.#connection.rateMultiplier)
    return { name, bucket, rate: { calls, perMs } }
  }

  async #askTime(onSent: () => void, as: RequestClass): Promise<EpochMs> {
    const request = { method: 'GET', path: '/api/v5/public/time' } as const
    const { name, bucket, rate } = this.#placeOf(request)
    const [item] = await this.#lanes.send(bucket, rate, as, name, (signal) => {
      onSent()
      return this.#attempt(request, signal)
    })
    const time = Number(asPayload(item, 'a time')['ts'])
    if (Number.isSafeInteger(time)) return time
    throw notJson(name)
  }

  async #attempt(request: RestRequest, signal: AbortSignal): Promise<readonly unknown[]> {
    const { method, path, query, body, deadline } = request
    const { restUrl, credentials, mode, scrub } = this.#connection
    const { name, bucket } = this.#placeOf(request)
    const address = `${path}${queryText(query)}`
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...(mode === 'demo' ? { 'x-simulated-trading': '1' } : {}),
      ...(deadline === undefined ? {} : { expTime: String(deadline + this.time.offsetMs) }),
      ...(isPublic(path) || credentials === undefined
        ? {}
        : this.#signed(credentials, `${method}${address}${text ?? ''}`)),
    }
    const url = `${restUrl}${address}`
    const answer = await exchange({ name, method, url, headers, body: text }, this.#connection, scrub, signal)
    return this.#read(answer, name, bucket)
  }

  #signed({ key, passphrase, sign }: OkxCredentials, what: string): Record<string, string> {
    const timestamp = new Date(this.time.now()).toISOString()
    return {
      'OK-ACCESS-KEY': key,
      'OK-ACCESS-SIGN': sign(`${timestamp}${what}`),
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': passphrase,
    }
  }

  /** HTTP 200 says nothing: `code` does, and `sCode` of an item where there is one. */
  #read({ status, headers, text }: HttpAnswer, name: string, bucket: string): readonly unknown[] {
    const details = detailsIn(text)
    const code = optionalText(details, 'code')
    const askedMs = retryAfterMs(headers, this.#connection.clock.now())
    if (askedMs !== undefined && status >= 500) this.#lanes.pause(bucket, askedMs)
    if (code === undefined) {
      if (status < 300) throw notJson(name)
      if (status >= 500) throw okxErrors.serverError(name, status, silent, askedMs)
      if (status === 429) throw this.#limited(name, bucket, headers)
      if (status === 401 || status === 403) throw okxErrors.unauthorized(name, status, keyRemedy(''))
      // Somebody on the way has said it. Of a request that writes nobody knows what became.
      if (!name.startsWith('GET')) throw okxErrors.serverError(name, status, silent)
      throw okxErrors.refused({ status, venueCode: '', message: silent, details }, name)
    }
    const { data } = details
    const [first] = Array.isArray(data) ? (data as readonly unknown[]) : []
    const itemCode = typeof first === 'object' && first !== null ? optionalText(first as Payload, 'sCode') : undefined
    const said = itemCode ?? code
    switch (classOf(said)) {
      case 'done':
        // A list that is not there is no empty one: nobody has said that there is nothing.
        return asList(data, `an answer to ${name}`)
      case 'limited':
        throw this.#limited(name, bucket, headers)
      case 'clock':
        throw clockSkewed(name)
      case 'keys':
        throw okxErrors.unauthorized(name, said, keyRemedy(said))
      case 'unknown':
        throw okxErrors.serverError(name, said, this.#messageIn(details, first), askedMs)
      case 'refused':
        if (status >= 500)
          throw okxErrors.serverError(name, `${status}/${said}`, this.#messageIn(details, first), askedMs)
        throw okxErrors.refused(
          { status, venueCode: said, message: this.#messageIn(details, first), details: (first ?? details) as Payload },
          name,
        )
    }
  }

  #limited(name: string, bucket: string, headers: Headers): SwarmError {
    const waitMs = retryAfterMs(headers, this.#connection.clock.now()) ?? pauseMs
    this.#lanes.pause(bucket, waitMs)
    return okxErrors.rateLimited(name, waitMs)
  }

  #messageIn(details: Payload, item: unknown): string {
    const of = typeof item === 'object' && item !== null ? optionalText(item as Payload, 'sMsg') : undefined
    const message = of ?? optionalText(details, 'msg') ?? 'without a word'
    return this.#connection.scrub(message).slice(0, 500)
  }
}

/** What needs no signature. */
function isPublic(path: string): boolean {
  return path.startsWith('/api/v5/public/') || path.startsWith('/api/v5/market/')
}

function clockSkewed(name: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_CLOCK_SKEWED',
    message: `OKX turned ${name} away since its time was off by more than 30 s; it was not carried out: set the clock of this machine`,
    retryability: 'retryable',
  })
}
