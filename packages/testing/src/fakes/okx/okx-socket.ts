import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import type { WebSocket } from 'ws'
import { parse, textOf } from '../shared/json-text.js'
import type { ChannelArg, SocketKind } from './channels.js'

/** What a connection asks its hub. */
export type SocketOwner = {
  readonly onMessage: (connection: OkxSocket, message: Readonly<Record<string, unknown>>, text: string) => void
  readonly onClose: (connection: OkxSocket) => void
  /** Whether nothing is sent at the moment. */
  readonly isFrozen: (kind: SocketKind) => boolean
}

export type SocketParts = {
  readonly connId: string
  readonly kind: SocketKind
  readonly idleMs: number
  readonly timers: Clock & Timers
  readonly owner: SocketOwner
}

const hourMs = 3_600_000
const operationsPerHour = 480

/** One subscription of a connection. */
export type Subscription = {
  readonly connection: OkxSocket
  readonly arg: ChannelArg
  /** Of a book: the last sequence number that was told. */
  seqId: number
}

/** One connection: text ping and pong, and the end of it when nobody has spoken for too long. */
export class OkxSocket {
  readonly subscriptions = new Map<string, Subscription>()
  readonly connId: string
  readonly kind: SocketKind
  isLoggedIn = false
  readonly #parts: SocketParts
  readonly #socket: WebSocket
  #lastWord: EpochMs
  #cancelIdle: () => void = () => undefined
  #operations: EpochMs[] = []
  readonly #ends = new Set<() => void>()

  constructor(socket: WebSocket, parts: SocketParts) {
    this.#socket = socket
    this.#parts = parts
    this.connId = parts.connId
    this.kind = parts.kind
    this.#lastWord = parts.timers.now()
    this.#watch()
    socket.on('message', (data) => this.#hear(textOf(data)))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#cancelIdle()
      for (const end of this.#ends) end()
      parts.owner.onClose(this)
    })
  }

  /** False where nothing is sent at the moment. */
  send(message: object): boolean {
    return this.#sendText(JSON.stringify(message))
  }

  error(code: string, msg: string, id?: unknown): void {
    this.send({ ...(id === undefined ? {} : { id }), event: 'error', code, msg, connId: this.connId })
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  cut(): void {
    this.#socket.terminate()
  }

  /** Has something done when the connection has ended. */
  onEnd(end: () => void): void {
    this.#ends.add(end)
  }

  /** Counts a login or a (un)subscription; false where it is one too many in an hour. */
  countOperation(): boolean {
    const now = this.#parts.timers.now()
    this.#operations = this.#operations.filter((time) => now - time < hourMs)
    this.#operations.push(now)
    return this.#operations.length <= operationsPerHour
  }

  #sendText(text: string): boolean {
    if (this.#parts.owner.isFrozen(this.kind)) return false
    this.#lastWord = this.#parts.timers.now()
    this.#socket.send(text)
    return true
  }

  #hear(text: string): void {
    this.#lastWord = this.#parts.timers.now()
    if (text === 'ping') this.#sendText('pong')
    else this.#parts.owner.onMessage(this, parse(text), text)
  }

  #watch(): void {
    const { timers, idleMs, owner } = this.#parts
    this.#cancelIdle = timers.at(this.#lastWord + idleMs, () => {
      const isIdle = timers.now() - this.#lastWord >= idleMs || this.subscriptions.size === 0
      // A frozen venue does not even hang up.
      if (isIdle && !owner.isFrozen(this.kind)) this.close(4004, 'No data received in 30s')
      else {
        if (isIdle) this.#lastWord = timers.now()
        this.#watch()
      }
    })
  }
}
