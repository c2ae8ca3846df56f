import { createBackoff, type Logger, type Random, SwarmError } from '@tradeswarm/core'
import type { WebSocketLike } from './alpaca-broker-options.js'
import type { ConnectionSettings } from './parse-alpaca-options.js'

/** What a stream says and hears, apart from how it is kept alive. */
export type SocketProtocol = {
  readonly url: string
  /** For logs. */
  readonly name: string
  /** Called when a connection stands; what it sends first. */
  onOpen(send: (message: unknown) => void): void
  /** A JSON message. It says `ready` when the login is through, or why it is not. */
  onMessage(message: unknown, send: (message: unknown) => void): SocketWord | undefined
  /** Something that the server answers at any time: what it is asked for a sign of life with. */
  probe(): unknown
  /** It stands again after a break: what was said meanwhile is to be asked for. */
  onRestored(): void
}

/** `ready`: the stream is up. `refused`: it will not be, as things are. */
export type SocketWord = { readonly type: 'ready' } | { readonly type: 'refused'; readonly error: SwarmError }

const backoff = createBackoff({ firstMs: 250, maximumMs: 30_000 })
const decoder = new TextDecoder()

/**
 * Keeps one WebSocket alive: connects, asks for a sign of life every heartbeat, leaves a connection that gives none within two, and
 * connects anew, later each time. The platform's WebSocket sends no pings, so the protocol names a message that is answered.
 */
export class VenueSocket {
  readonly #protocol: SocketProtocol
  readonly #connection: ConnectionSettings
  readonly #random: Random
  readonly #logger: Logger
  #socket: WebSocketLike | undefined
  /** Whether anything was heard since it was last asked for a sign of life. */
  #isAlive = false
  #failures = 0
  #isClosed = false
  #isReady = false
  #wasReady = false
  #cancelTimer: () => void = () => undefined
  #waiting: { resolve: () => void; reject: (error: SwarmError) => void }[] = []

  constructor(protocol: SocketProtocol, connection: ConnectionSettings, random: Random, logger: Logger) {
    this.#protocol = protocol
    this.#connection = connection
    this.#random = random
    this.#logger = logger
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Connects, and resolves when the login is through. Throws `BROKER_UNAUTHORIZED`, or `BROKER_UNREACHABLE` after the time of a request. */
  open(): Promise<void> {
    const { clock, requestTimeoutMs } = this.#connection
    const opened = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    const cancel = clock.at(clock.now() + requestTimeoutMs, () => this.#giveUp(unreachable(this.#protocol.name)))
    this.#connect()
    return opened.finally(cancel)
  }

  /** Sends where the stream is up; what is not sent is for `onOpen` to say again. */
  send(message: unknown): void {
    if (this.#isReady) this.#transmit(message)
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
    this.#drop()
  }

  #connect(): void {
    if (this.#isClosed) return
    let socket: WebSocketLike
    try {
      socket = this.#connection.connect(this.#protocol.url)
    } catch {
      this.#comeBack()
      return
    }
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#isAlive = false
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#protocol.onOpen((message) => this.#transmit(message))
    })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#hear(data)
    })
    const lost = (): void => {
      if (socket !== this.#socket) return
      this.#drop()
      this.#comeBack()
    }
    socket.addEventListener('close', lost)
    socket.addEventListener('error', lost)
    this.#watch()
  }

  #hear(data: unknown): void {
    this.#isAlive = true
    const text = typeof data === 'string' ? data : data instanceof ArrayBuffer ? decoder.decode(data) : ''
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      this.#logger.warn('a message of a stream was not JSON', { stream: this.#protocol.name })
      return
    }
    const word = this.#protocol.onMessage(message, (answer) => this.#transmit(answer))
    if (word?.type === 'ready') this.#becomeReady()
    if (word?.type === 'refused') this.#refuse(word.error)
  }

  #becomeReady(): void {
    if (this.#isReady) return
    this.#isReady = true
    this.#failures = 0
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    if (this.#wasReady) this.#protocol.onRestored()
    this.#wasReady = true
  }

  #refuse(error: SwarmError): void {
    this.#logger.error('a stream was refused', { stream: this.#protocol.name, error: error.message })
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    if (!this.#wasReady) {
      this.close()
      return
    }
    this.#drop()
    this.#comeBack()
  }

  #giveUp(error: SwarmError): void {
    const waiting = this.#waiting.splice(0)
    if (waiting.length === 0) return
    this.close()
    for (const { reject } of waiting) reject(error)
  }

  /** Each heartbeat: who has said nothing since the last is gone; else it is asked. */
  #watch(): void {
    const { clock, heartbeatMs } = this.#connection
    this.#cancelTimer()
    this.#cancelTimer = clock.at(clock.now() + heartbeatMs, () => {
      if (!this.#isAlive) {
        this.#logger.warn('a stream gave no sign of life and is opened anew', { stream: this.#protocol.name })
        this.#drop()
        this.#comeBack()
        return
      }
      this.#isAlive = false
      if (this.#isReady) this.#transmit(this.#protocol.probe())
      this.#watch()
    })
  }

  #comeBack(): void {
    if (this.#isClosed) return
    this.#failures += 1
    const { clock } = this.#connection
    this.#cancelTimer()
    this.#cancelTimer = clock.at(clock.now() + backoff.delayMs(this.#failures, this.#random), () => this.#connect())
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isReady = false
    try {
      socket?.close()
    } catch {
      // It was never open.
    }
  }

  #transmit(message: unknown): void {
    try {
      this.#socket?.send(JSON.stringify(message))
    } catch {
      // It breaks: its end is heard of by itself.
    }
  }
}

function unreachable(name: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_UNREACHABLE',
    message: `the stream ${name} did not come up in time: check the network and urls`,
    retryability: 'retryable',
  })
}
