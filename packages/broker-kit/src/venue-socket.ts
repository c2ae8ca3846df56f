import { createBackoff, type Logger, type Random, SwarmError } from '@tradeswarm/core'
import type { VenueLine, WebSocketLike } from './connection.js'

/** Sends on the connection that it was given for: a text as it is, everything else as JSON. */
export type SocketSend = (message: unknown) => void

/** What a stream says and hears, apart from how it is kept alive. */
export type SocketProtocol = {
  readonly url: string
  /** For logs. */
  readonly name: string
  /** Takes a text that it can read faster than `JSON.parse` would; false for any other, which goes to `onMessage`. Never throws. */
  onText?(text: string): boolean
  /** Called when a connection stands; what it sends first. */
  onOpen(send: SocketSend): void
  /** A JSON message. It says `ready` when the login is through, or why it is not. */
  onMessage(message: unknown, send: SocketSend): SocketWord | undefined
  /** Something that the server answers at any time: what it is asked for a sign of life with. */
  probe(): unknown
  /** Texts of up to 32 characters that show that the server is there and say nothing else. */
  readonly signsOfLife?: ReadonlySet<string>
  /** It stands again after a break, or something that was said could not be read: what was missed is to be asked for. */
  onRestored(): void
}

/** `ready`: the stream is up. `refused`: it will not be, as things are. `leave`: it is to be opened anew at once. */
export type SocketWord =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: SwarmError }
  | { readonly type: 'leave' }

/** What happens while it is away is unheard, and what fills uncovered: after an outage it is soon back, at a rate that no venue minds. */
const backoff = createBackoff({ firstMs: 250, maximumMs: 5_000 })
const decoder = new TextDecoder()
const longestSign = 32
/** So many heartbeats a connection has until login and subscriptions are answered. */
const mostBeatsUnready = 2
/** So long the end of a connection is waited for: a server that is gone never says that it has heard. */
const closingMs = 2_000
/** The end of so many connections that were left is waited for, the latest. */
const mostEnding = 4

/**
 * Keeps one WebSocket alive: connects, asks for a sign of life every heartbeat, leaves a connection that gives none, or is not ready, within
 * two, and connects anew, later each time. The platform's WebSocket sends no pings, so the protocol names a message that is answered.
 */
export class VenueSocket {
  readonly #protocol: SocketProtocol
  readonly #line: VenueLine
  readonly #random: Random
  readonly #logger: Logger
  #socket: WebSocketLike | undefined
  /** Whether anything was heard since it was last asked for a sign of life. */
  #isAlive = false
  #failures = 0
  #isClosed = false
  #isReady = false
  #wasReady = false
  #leftAt = Number.NEGATIVE_INFINITY
  #cancelTimer: () => void = () => undefined
  /** Why it was refused last, where that may pass. */
  #refusal: SwarmError | undefined
  /** Connections that were left, until they are gone: for so long a venue counts them. */
  readonly #ending = new Map<WebSocketLike, PromiseWithResolvers<void>>()
  #waiting: { resolve: () => void; reject: (error: SwarmError) => void }[] = []

  constructor(protocol: SocketProtocol, line: VenueLine, random: Random, logger: Logger) {
    this.#protocol = protocol
    this.#line = line
    this.#random = random
    this.#logger = logger
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /**
   * Connects, and resolves when the login is through. Until the time of a request is over it tries again; then it throws the latest refusal, or
   * `BROKER_UNREACHABLE`. What will not pass, such as `BROKER_UNAUTHORIZED`, it throws at once.
   */
  open(): Promise<void> {
    const { clock, requestTimeoutMs } = this.#line
    const opened = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    const cancel = clock.at(clock.now() + requestTimeoutMs, () => this.#giveUp())
    this.#connect()
    return opened.finally(cancel)
  }

  /** Sends where the stream is up; what is not sent is for `onOpen` to say again. */
  send(message: unknown): void {
    if (this.#isReady) transmit(this.#socket, message)
  }

  /** Who waits for it to open is told that it will not. Resolves when the connection is gone, so that the venue grants the next one; within 2 s. */
  async close(): Promise<void> {
    this.#end()
    for (const { reject } of this.#waiting.splice(0)) reject(closedEarly(this.#protocol.name))
    if (this.#ending.size === 0) return
    const { clock } = this.#line
    const { promise: tooLate, resolve } = Promise.withResolvers<void>()
    const cancel = clock.at(clock.now() + closingMs, resolve)
    const ends = [...this.#ending.values()].map(({ promise }) => promise)
    await Promise.race([Promise.all(ends), tooLate])
    cancel()
  }

  #end(): void {
    this.#isClosed = true
    this.#cancelTimer()
    this.#drop()
  }

  #connect(): void {
    if (this.#isClosed) return
    let socket: WebSocketLike
    try {
      socket = this.#line.connect(this.#protocol.url)
    } catch {
      this.#comeBack()
      return
    }
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#isAlive = false
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#protocol.onOpen((message) => transmit(socket, message))
    })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#hear(socket, data)
    })
    const lost = (): void => {
      if (socket !== this.#socket) return
      this.#drop()
      this.#comeBack()
    }
    socket.addEventListener('close', () => {
      lost()
      this.#ending.get(socket)?.resolve()
      this.#ending.delete(socket)
    })
    socket.addEventListener('error', lost)
    this.#watch(1)
  }

  #hear(socket: WebSocketLike, data: unknown): void {
    this.#isAlive = true
    const text = typeof data === 'string' ? data : data instanceof ArrayBuffer ? decoder.decode(data) : ''
    // To look a long text up costs as much as to read it.
    if (text.length <= longestSign && this.#protocol.signsOfLife?.has(text) === true) return
    if (this.#protocol.onText?.(text) === true) return
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      this.#logger.warn('a message of a stream was not JSON', { stream: this.#protocol.name })
      // What it was to tell is missing.
      if (this.#isReady) this.#protocol.onRestored()
      return
    }
    const word = this.#protocol.onMessage(message, (answer) => transmit(socket, answer))
    if (word?.type === 'ready') this.#becomeReady()
    if (word?.type === 'refused') this.#refuse(word.error)
    if (word?.type === 'leave') this.#leave()
  }

  #becomeReady(): void {
    if (this.#isReady) return
    this.#isReady = true
    this.#failures = 0
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    if (this.#wasReady) this.#protocol.onRestored()
    this.#wasReady = true
  }

  /** One that was up is opened anew whatever is said; one that was not, where that may pass: a connection that is over may still be counted. */
  #refuse(error: SwarmError): void {
    const { name } = this.#protocol
    if (!this.#wasReady && error.retryability !== 'retryable') {
      this.#logger.error('a stream was refused', { stream: name, error: error.message })
      this.#endWith(error)
      return
    }
    this.#logger.warn('a stream was refused and is opened anew', { stream: name, error: error.message })
    this.#refusal = error
    this.#drop()
    this.#comeBack()
  }

  #giveUp(): void {
    if (this.#waiting.length > 0) this.#endWith(this.#refusal ?? unreachable(this.#protocol.name))
  }

  #endWith(error: SwarmError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    this.#end()
  }

  /**
   * Each heartbeat, of which this is the `beat`-th of a connection: who has said nothing since the last is gone; else it is asked. One that
   * talks and has not answered login and subscriptions within two tells a part at best.
   */
  #watch(beat: number): void {
    const { clock, heartbeatMs } = this.#line
    this.#cancelTimer()
    this.#cancelTimer = clock.at(clock.now() + heartbeatMs, () => {
      // The first connection has a deadline of its own.
      const isStuck = this.#wasReady && !this.#isReady && beat >= mostBeatsUnready
      if (!this.#isAlive || isStuck) {
        const what = this.#isAlive ? 'left a login or a subscription without an answer' : 'gave no sign of life'
        this.#logger.warn(`a stream ${what} and is opened anew`, { stream: this.#protocol.name })
        this.#drop()
        this.#comeBack()
        return
      }
      this.#isAlive = false
      if (this.#isReady) transmit(this.#socket, this.#protocol.probe())
      this.#watch(beat + 1)
    })
  }

  /** Opened anew at once, but for one that is asked to be left as soon as it stands: nobody is to be stormed. */
  #leave(): void {
    this.#logger.info('a stream asked to be opened anew', { stream: this.#protocol.name })
    const { clock, heartbeatMs } = this.#line
    const isAgain = clock.now() - this.#leftAt < heartbeatMs
    this.#leftAt = clock.now()
    this.#drop()
    if (isAgain) this.#comeBack()
    else this.#connect()
  }

  #comeBack(): void {
    if (this.#isClosed) return
    this.#failures += 1
    const { clock } = this.#line
    this.#cancelTimer()
    this.#cancelTimer = clock.at(clock.now() + backoff.delayMs(this.#failures, this.#random), () => this.#connect())
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isReady = false
    if (socket === undefined) return
    this.#ending.set(socket, Promise.withResolvers())
    const [oldest] = this.#ending.keys()
    if (oldest !== undefined && this.#ending.size > mostEnding) this.#ending.delete(oldest)
    try {
      socket.close()
    } catch {
      // It was never open.
    }
  }
}

function transmit(socket: WebSocketLike | undefined, message: unknown): void {
  try {
    socket?.send(typeof message === 'string' ? message : JSON.stringify(message))
  } catch {
    // It breaks: its end is heard of by itself.
  }
}

function closedEarly(name: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_UNREACHABLE',
    message: `the stream ${name} was closed before it was up`,
    retryability: 'retryable',
  })
}

function unreachable(name: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_UNREACHABLE',
    message: `the stream ${name} did not come up in time: check the network and urls`,
    retryability: 'retryable',
  })
}
