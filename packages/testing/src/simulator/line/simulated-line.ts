import type { OrderRequest } from '@tradeswarm/trading'
import { exact } from '../exact.js'
import type { VenueRules } from '../scenario.js'
import type { SimulatedTime } from '../simulated-time.js'
import type { LinkOptions } from '../venue-end.js'
import type { InsteadWord, LineAnswer, LineHost, LineRequest, RequestSense } from './line-host.js'
import { openLineSockets } from './line-sockets.js'
import { type Befallen, takeFault } from './take-fault.js'

export type LineOptions = LinkOptions & {
  readonly host: LineHost
  readonly rules: VenueRules
  readonly time: SimulatedTime
  readonly cover: (what: string) => void
  readonly note?: ((line: string) => void) | undefined
  /** What was permitted under a client order id. */
  readonly permitted: (clientOrderId: string) => OrderRequest | undefined
}

/** What an adapter takes in place of the platform's network. */
export type SimulatedLine = {
  readonly fetch: (url: string, init: RequestInit) => Promise<Pick<Response, 'status' | 'headers' | 'text'>>
  readonly connect: ReturnType<typeof openLineSockets>['connect']
  restored(): void
  end(): void
}

/** A client's line to a venue: requests and sockets over a network that loses, delays and breaks. Nothing of it leaves the process. */
export function openSimulatedLine(options: LineOptions): SimulatedLine {
  const { host, rules, time, random, conditions, alive, dies, cover } = options
  const { least, most } = rules.latencyMs
  const latency = (): number => least + Math.floor(random.next() * (most - least + 1))
  const sockets = openLineSockets({ ...options, latency })
  /** What was refused for certain may be sent once more in another form. */
  const refused = new Set<string>()
  const tellSent = ({ kind, clientOrderId, ...terms }: RequestSense): void => {
    if (clientOrderId === undefined || (kind !== 'place' && kind !== 'replace')) return
    if (refused.delete(clientOrderId)) return
    options.onSent(sentAs(options.permitted(clientOrderId), clientOrderId, terms, options.account))
  }

  const fetch: SimulatedLine['fetch'] = (url, init) =>
    new Promise((resolve, reject) => {
      const request = requestOf(url, init)
      const sense = host.senseOf(request)
      if (dies(`${sense.kind} request, before`)) return
      const { signal } = init
      const abort = (): void => {
        options.note?.(`given up: ${name}`)
        reject(new Error('the request was given up'))
      }
      if (signal?.aborted === true) return abort()
      signal?.addEventListener('abort', abort)
      tellSent(sense)
      const name = `${request.method} ${request.target.slice(0, 80)}`
      options.note?.(`asks: ${name}`)
      const answer = (at: number, act: () => void): void =>
        time.at(at, () => {
          if (alive() && !dies(`${sense.kind} request, answered`)) act()
        })
      const say = (at: number, word: LineAnswer): void =>
        answer(at, () => {
          const { status, headers, text } = word
          options.note?.(`answered: ${status} to ${name}`)
          if (sense.clientOrderId !== undefined && host.isRefusal(word)) refused.add(sense.clientOrderId)
          resolve({ status, headers: new Headers(headers), text: async () => text })
        })
      /** Nothing comes back; half the time the platform sees at once that the connection broke. */
      const lose = (at: number): void => {
        options.note?.(`lost: ${name}`)
        if (random.next() < 0.5) answer(at, () => reject(new Error('the connection was reset')))
      }
      const arrival = time.now() + latency()
      const back = latency()
      const arrive = (at: number, answered: (outcome: LineAnswer) => void): void =>
        time.at(at, () => void host.answer(request).then(answered))
      if (conditions.requestsDown) return lose(arrival)
      const { fault, lateMs = 0, retryAfterMs } = takeFault(conditions, sense.kind, cover) ?? noFault
      const instead = (...words: readonly InsteadWord[]): void => {
        const word = words[Math.floor(random.next() * words.length)] as InsteadWord
        say(arrival + back, host.insteadOf(word, retryAfterMs))
      }
      switch (fault) {
        case 'request-lost':
          return lose(arrival)
        case 'reply-lost':
          arrive(arrival, () => undefined)
          return lose(arrival + back)
        case 'late':
          return arrive(time.now() + rules.timeoutMs + lateMs, () => undefined)
        case 'rate-limited':
          return instead('rate-limited')
        case 'server-error-before':
          return instead('proxy-page', 'maintenance', 'unsure')
        case 'server-error-after':
          arrive(arrival, () => undefined)
          return instead('proxy-page', 'unsure')
        case 'refused':
          return instead('refused')
        default:
          arrive(arrival, (outcome) => say(time.now() + back, outcome))
      }
    })
  return { fetch, connect: sockets.connect, restored: sockets.restored, end: sockets.end }
}

const noFault: Partial<Befallen> = {}

function requestOf(url: string, { method = 'GET', headers, body }: RequestInit): LineRequest {
  const { pathname, search } = new URL(url)
  const named = Object.entries((headers ?? {}) as Readonly<Record<string, string>>)
  return {
    method,
    target: `${pathname}${search}`,
    headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value])),
    text: typeof body === 'string' ? body : '',
  }
}

/** What was permitted, with the terms that were put on the wire where they are others. */
function sentAs(
  permitted: OrderRequest | undefined,
  clientOrderId: string,
  { symbol, side, quantity }: Pick<RequestSense, 'symbol' | 'side' | 'quantity'>,
  account: string,
): OrderRequest {
  const request: OrderRequest = permitted ?? {
    account,
    clientOrderId,
    symbol: symbol ?? '',
    side: side === 'sell' ? 'sell' : 'buy',
    type: 'market',
    quantity: quantity ?? '0',
    timeInForce: 'day',
    reduceOnly: false,
  }
  const isSameSize = quantity === undefined || exact(quantity) === exact(request.quantity)
  if ((symbol ?? request.symbol) === request.symbol && (side ?? request.side) === request.side && isSameSize)
    return request
  const sides = { buy: 'buy', sell: 'sell' } as const
  return {
    ...request,
    symbol: symbol ?? request.symbol,
    side: sides[(side ?? request.side) as keyof typeof sides],
    quantity: quantity ?? request.quantity,
  }
}
