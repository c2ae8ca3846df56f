import type { Random } from '@tradeswarm/core'
import type { VenueRules } from '../scenario.js'
import type { SimulatedTime } from '../simulated-time.js'
import type { NetworkConditions } from '../venue-session.js'
import type { HostSocket, LineHost } from './line-host.js'

type SocketWord = 'open' | 'close' | 'error' | 'message'
type Listener = (event: { readonly data: unknown }) => void

/** The parts of WebSocket that adapters use. */
export type LineSocket = {
  binaryType: string
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: Listener): void
}

export type LineSocketParts = {
  readonly host: LineHost
  readonly rules: Pick<VenueRules, 'jitterMs'>
  readonly time: SimulatedTime
  readonly random: Random
  readonly conditions: NetworkConditions
  readonly alive: () => boolean
  readonly cover: (what: string) => void
  readonly latency: () => number
  /** It is over for the client. */
  readonly onClosed: (socket: SimulatedSocket) => void
}

const states = { connecting: 0, open: 1, closed: 3 } as const

/**
 * A client's WebSocket. What is said arrives in order, unless the venue itself is given to confusion: then news come as late as they may. What
 * is lost breaks the connection for good, as it breaks one over TCP; whether the client hears of that is another matter.
 */
export class SimulatedSocket implements LineSocket {
  binaryType = 'arraybuffer'
  /** What was said on it since reaches nobody. */
  isBroken: boolean
  readonly #parts: LineSocketParts
  readonly #listeners: Record<SocketWord, Listener[]> = {
    open: [],
    close: [],
    error: [],
    message: [],
  }
  #state: number = states.connecting
  #server: HostSocket | undefined
  #isServerGone = false
  #lastThere = 0
  #lastBack = 0

  constructor(target: string, parts: LineSocketParts) {
    this.#parts = parts
    this.isBroken = parts.conditions.streamDown
    this.#there(() => this.#attach(target))
  }

  get readyState(): number {
    return this.#state
  }

  send(data: string): void {
    if (this.#state !== states.open) return
    if (this.#parts.conditions.streamDown) this.isBroken = true
    this.#there(() => {
      if (!this.isBroken && !this.#isServerGone) this.#server?.hear(data)
    })
  }

  close(): void {
    this.#end()
    this.hangUp()
  }

  addEventListener(type: SocketWord, listener: Listener | (() => void)): void {
    this.#listeners[type].push(listener as Listener)
  }

  /** It is broken; the venue hears of it, and the client where it is told. */
  breakOff(isTold: boolean): void {
    const { time, alive, latency } = this.#parts
    this.isBroken = true
    this.hangUp()
    if (!isTold || this.#state === states.closed) return
    time.at(time.now() + latency(), () => {
      if (alive() && this.#state !== states.closed) this.#closed()
    })
  }

  /** The venue's end is closed. */
  hangUp(): void {
    if (this.#isServerGone) return
    this.#isServerGone = true
    this.#there(() => this.#server?.hangUp())
  }

  #attach(target: string): void {
    const { host, rules, conditions, cover } = this.#parts
    if (this.isBroken || this.#isServerGone) return
    // Who answers requests with errors takes no sockets either.
    const isShut = conditions.storm?.fault.startsWith('server-error') === true
    const listener = {
      onMessage: (data: string | ArrayBuffer): void => {
        if (conditions.streamDown) this.isBroken = true
        const comesLate = this.#state === states.open && rules.jitterMs > 0 && isPushed(data)
        if (comesLate) cover('stream: late')
        this.#back(() => this.#tell('message', data), !comesLate)
      },
      onClose: (): void => {
        this.#isServerGone = true
        this.#back(() => this.#closed(), true)
      },
    }
    const attached = isShut ? 503 : host.connect(target, listener)
    if (typeof attached === 'number') {
      this.#back(() => {
        this.#tell('error')
        this.#closed()
      }, true)
      return
    }
    this.#server = attached
    this.#back(() => {
      this.#state = states.open
      this.#tell('open')
    }, true)
  }

  /** No sooner than what was said before it. */
  #there(act: () => void): void {
    const { time, latency } = this.#parts
    this.#lastThere = Math.max(this.#lastThere, time.now() + latency())
    time.at(this.#lastThere, act)
  }

  #back(act: () => void, isOrderly: boolean): void {
    const { time, random, rules, alive, latency } = this.#parts
    const at = time.now() + latency() + (isOrderly ? 0 : Math.floor(random.next() * rules.jitterMs))
    if (isOrderly) this.#lastBack = Math.max(this.#lastBack, at)
    time.at(isOrderly ? this.#lastBack : at, () => {
      if (alive() && !this.isBroken && this.#state !== states.closed) act()
    })
  }

  #closed(): void {
    this.#end()
    this.#tell('close')
  }

  #end(): void {
    this.#state = states.closed
    this.#parts.onClosed(this)
  }

  #tell(type: SocketWord, data?: unknown): void {
    for (const listener of this.#listeners[type]) listener({ data })
  }
}

const decoder = new TextDecoder()

/** Whether a message is news of the account, which a venue may send in any order; what answers a request comes in order. */
function isPushed(data: string | ArrayBuffer): boolean {
  const text = typeof data === 'string' ? data : decoder.decode(data)
  return text.includes('"data":') && !/"stream":"(authorization|listening)"/.test(text)
}
