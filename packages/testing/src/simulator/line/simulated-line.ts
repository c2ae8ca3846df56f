import type { OrderRequest } from '@tradeswarm/trading'
import { exact } from '../exact.js'
import type { VenueRules } from '../scenario.js'
import type { SimulatedTime } from '../simulated-time.js'
import type { LinkOptions } from '../venue-end.js'
import type { LineAnswer, LineHost, LineRequest, RequestSense } from './line-host.js'
import { carryRequest, type LineResponse } from './line-request.js'
import { type LineSocket, SimulatedSocket } from './line-socket.js'

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
  readonly fetch: (url: string, init: RequestInit) => Promise<LineResponse>
  readonly connect: (url: string) => LineSocket
  /** The network carries again: some of what broke is told so, some is not. */
  restored(): void
  /** The client's process is gone. */
  end(): void
}

/** A client's line to a venue: requests and sockets over a network that loses, delays and breaks. Nothing of it leaves the process. */
export function openSimulatedLine(options: LineOptions): SimulatedLine {
  const { host, rules, time, random, conditions, alive, dies, cover } = options
  const { least, most } = rules.latencyMs
  const latency = (): number => least + Math.floor(random.next() * (most - least + 1))
  const sockets = new Set<SimulatedSocket>()
  const onClosed = (socket: SimulatedSocket): void => void sockets.delete(socket)
  /** What was refused for certain may be sent once more in another form. */
  const refused = new Set<string>()
  const tellSent = ({ kind, clientOrderId, ...terms }: RequestSense): void => {
    if (clientOrderId === undefined || (kind !== 'place' && kind !== 'replace')) return
    if (refused.delete(clientOrderId)) return
    options.onSent(sentAs(options.permitted(clientOrderId), clientOrderId, terms, options.account))
  }

  const carrying = {
    ...options,
    latency,
    onAnswer({ clientOrderId }: RequestSense, answer: LineAnswer): void {
      if (clientOrderId !== undefined && host.isRefusal(answer)) refused.add(clientOrderId)
    },
  }
  return {
    fetch(url, init) {
      const request = requestOf(url, init)
      const sense = host.senseOf(request)
      if (dies(`${sense.kind} request, before`)) return new Promise(() => undefined)
      if (init.signal?.aborted === true) return Promise.reject(new Error('the request was given up'))
      tellSent(sense)
      return carryRequest(request, sense, init.signal, carrying)
    },
    connect(url) {
      const { pathname } = new URL(url)
      const socket = new SimulatedSocket(pathname, {
        host,
        rules,
        time,
        random,
        conditions,
        alive,
        cover,
        latency,
        onClosed,
      })
      sockets.add(socket)
      return socket
    },
    restored() {
      for (const socket of sockets) if (socket.isBroken) socket.breakOff(random.next() < 0.5)
    },
    end() {
      for (const socket of sockets) socket.hangUp()
    },
  }
}

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
