import type { WebSocket } from 'ws'
import { parse, textOf } from '../shared/json-text.js'
import { UpdateGate } from '../shared/update-gate.js'
import type { TradeUpdate } from './fake-venue.js'
import type { FakeConditions } from './fault-board.js'

type Credentials = { readonly keyId: string; readonly secret: string }
type Listener = { readonly socket: WebSocket; authorized: boolean; listening: boolean }

/** The stream of order updates: binary frames of JSON, as the paper environment sends them. */
export class TradeUpdateStream {
  readonly #credentials: Credentials
  readonly #conditions: FakeConditions
  readonly #listeners = new Set<Listener>()
  readonly #gate: UpdateGate<TradeUpdate>
  /** How many updates have gone out to listeners, all sockets together. */
  sent = 0

  constructor(credentials: Credentials, conditions: FakeConditions) {
    this.#credentials = credentials
    this.#conditions = conditions
    this.#gate = new UpdateGate(conditions, (update) => this.#send(update))
  }

  /** How many updates wait to be sent. */
  get unsent(): number {
    return this.#gate.unsent
  }

  /** How many sockets listen. */
  get listening(): number {
    return [...this.#listeners].filter((one) => one.listening).length
  }

  attach(socket: WebSocket): void {
    const listener: Listener = { socket, authorized: false, listening: false }
    this.#listeners.add(listener)
    socket.on('close', () => this.#listeners.delete(listener))
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#hear(listener, textOf(data)))
  }

  /** Keeps what is published until `release`: it is to come after the answer of a request. */
  hold(): void {
    this.#gate.hold()
  }

  release(): void {
    this.#gate.release()
  }

  publish(update: TradeUpdate): void {
    this.#gate.publish(update)
  }

  /** Sends what shuffling has kept back. */
  flush(): void {
    this.#gate.flush()
  }

  cut(): void {
    for (const { socket } of this.#listeners) socket.terminate()
  }

  #send(update: TradeUpdate): void {
    const times = this.#conditions.duplicateUpdates ? 2 : 1
    for (const listener of this.#listeners) {
      if (!listener.listening) continue
      for (let count = 0; count < times; count += 1) this.#say(listener, 'trade_updates', update)
    }
  }

  #say({ socket }: Listener, stream: string, data: unknown): void {
    if (this.#conditions.frozenUpdates) return
    if (stream === 'trade_updates') this.sent += 1
    socket.send(Buffer.from(JSON.stringify({ stream, data })))
  }

  #hear(listener: Listener, text: string): void {
    const message = parse(text)
    const action = message['action']
    if (action === 'auth' || action === 'authenticate') {
      const data = (message['data'] ?? {}) as Record<string, unknown>
      const keyId = message['key'] ?? data['key_id']
      const secret = message['secret'] ?? data['secret_key']
      listener.authorized = keyId === this.#credentials.keyId && secret === this.#credentials.secret
      const status = listener.authorized ? 'authorized' : 'unauthorized'
      this.#say(listener, 'authorization', { status, action: 'authenticate' })
      if (!listener.authorized) listener.socket.close()
      return
    }
    if (action !== 'listen') return
    if (!listener.authorized) {
      this.#say(listener, 'authorization', { status: 'unauthorized', action: 'listen' })
      return
    }
    const wanted = ((message['data'] ?? {}) as Record<string, unknown>)['streams']
    listener.listening = Array.isArray(wanted) && wanted.includes('trade_updates')
    this.#say(listener, 'listening', { streams: listener.listening ? ['trade_updates'] : [] })
  }
}
