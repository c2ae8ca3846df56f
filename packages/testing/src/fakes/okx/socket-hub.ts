import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import type { WebSocket } from 'ws'
import { plainText } from '../shared/json-text.js'
import { isCandleBar } from './candle-bars.js'
import { argKey, type ChannelArg, channelRule, type SocketKind, tieredChannels } from './channels.js'
import type { FakeOkxConditions } from './fault-board.js'
import type { OkxCredentials } from './okx-gate.js'
import { signatureMs } from './okx-gate.js'
import type { OkxInstruments } from './okx-instruments.js'
import { isSignedWith } from './okx-sign.js'
import { OkxSocket, type Subscription } from './okx-socket.js'

export type SocketHubParts = {
  readonly credentials: OkxCredentials
  readonly conditions: FakeOkxConditions
  readonly instruments: OkxInstruments
  readonly timers: Clock & Timers
  readonly idleMs: number
  readonly connectionsPerSecond: number
  readonly newConnId: () => string
  readonly shownNow: () => EpochMs
  /** A channel has been subscribed to: what it begins with is to be sent. */
  readonly onSubscribe: (subscription: Subscription) => void
  /** An operation on orders. */
  readonly onOperation: (connection: OkxSocket, message: Readonly<Record<string, unknown>>) => void
}

type Message = Readonly<Record<string, unknown>>
type SocketFault = readonly [code: string, message: string]

const mostBytes = 65_536
const operations: ReadonlySet<string> = new Set([
  'order',
  'batch-orders',
  'cancel-order',
  'batch-cancel-orders',
  'amend-order',
  'batch-amend-orders',
])

/** All sockets of the venue: logins, subscriptions, and who hears what. */
export class SocketHub {
  readonly #parts: SocketHubParts
  readonly #connections = new Set<OkxSocket>()
  readonly #byChannel = new Map<string, Set<Subscription>>()
  #begun: EpochMs[] = []

  constructor(parts: SocketHubParts) {
    this.#parts = parts
  }

  /** With which status another connection is turned away, if it is. */
  refuse(): number | undefined {
    const now = this.#parts.timers.now()
    this.#begun = this.#begun.filter((time) => now - time < 1_000)
    this.#begun.push(now)
    return this.#begun.length > this.#parts.connectionsPerSecond ? 429 : undefined
  }

  attach(kind: SocketKind, socket: WebSocket): void {
    const { timers, idleMs, conditions, newConnId } = this.#parts
    const connection = new OkxSocket(socket, {
      connId: newConnId(),
      kind,
      idleMs,
      timers,
      owner: {
        onMessage: (from, message, text) => this.#hear(from, message, text),
        onClose: (closed) => this.#forget(closed),
        isFrozen: (of) => (of === 'private' ? conditions.frozenUpdates : conditions.frozenMarketData),
      },
    })
    this.#connections.add(connection)
  }

  /** Who listens to a channel; of one about an instrument, to it. */
  listeners(channel: string, instId = ''): ReadonlySet<Subscription> {
    return this.#byChannel.get(`${channel} ${instId}`) ?? none
  }

  /** The candle channels of an instrument that somebody listens to. */
  candleChannels(instId: string): readonly string[] {
    const channels: string[] = []
    for (const [key, listeners] of this.#byChannel)
      if (listeners.size > 0 && key.startsWith('candle') && key.endsWith(` ${instId}`))
        channels.push(key.slice(0, -instId.length - 1))
    return channels
  }

  /** How many connections of a kind there are, or listen to a channel of that name. */
  count(kind: SocketKind, channel?: string): number {
    return [...this.#connections].filter(
      (one) =>
        one.kind === kind &&
        (channel === undefined || [...one.subscriptions.values()].some(({ arg }) => arg.channel === channel)),
    ).length
  }

  cut(isWanted: (kind: SocketKind) => boolean): void {
    for (const connection of this.#connections) if (isWanted(connection.kind)) connection.cut()
  }

  /** Says on public and private sockets that the service is about to be upgraded. */
  announceUpgrade(): void {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.'
    for (const connection of this.#connections)
      if (connection.kind !== 'business')
        connection.send({ event: 'notice', code: '64008', msg, connId: connection.connId })
  }

  #hear(connection: OkxSocket, message: Message, text: string): void {
    const { op, args, id } = message
    if (typeof op !== 'string' || !Array.isArray(args)) {
      connection.error('60012', `Invalid request: ${text.slice(0, 200)}`, id)
      return
    }
    if (operations.has(op)) {
      this.#parts.onOperation(connection, message)
      return
    }
    if (op !== 'login' && op !== 'subscribe' && op !== 'unsubscribe') {
      connection.error('60019', `Invalid op: ${op}`, id)
      return
    }
    if (!connection.countOperation()) {
      connection.error('60014', 'Requests too frequent', id)
      return
    }
    if (op === 'login') this.#login(connection, args[0] as Message)
    else if (text.length > mostBytes) connection.error('60013', 'Invalid args', id)
    else for (const arg of args as readonly ChannelArg[]) this.#change(op, connection, arg, id)
  }

  #login(connection: OkxSocket, asked: Message | undefined): void {
    const fault = this.#loginFault(connection, (name) => plainText(asked?.[name]))
    if (fault === undefined) {
      connection.isLoggedIn = true
      connection.send({ event: 'login', code: '0', msg: '', connId: connection.connId })
      return
    }
    connection.error(fault[0], fault[1])
    // Who is logged in stays so.
    if (!connection.isLoggedIn) connection.close(4001, 'Login failed')
  }

  #loginFault({ kind, isLoggedIn }: OkxSocket, text: (name: string) => string): SocketFault | undefined {
    const { credentials, shownNow } = this.#parts
    if (isLoggedIn) return ['60031', 'The WebSocket endpoint does not allow multiple or repeated logins.']
    if (kind === 'public') return ['60028', 'The current operation is not supported by this URL.']
    if (text('apiKey') !== credentials.keyId) return ['60005', 'Invalid apiKey']
    const timestamp = text('timestamp')
    const seconds = /^\d{10}(\.\d+)?$/.test(timestamp) ? Number(timestamp) : Number.NaN
    if (Number.isNaN(seconds)) return ['60004', 'Invalid timestamp']
    if (Math.abs(shownNow() - seconds * 1_000) > signatureMs) return ['60006', 'Timestamp request expired']
    if (text('passphrase') !== credentials.passphrase) return ['60024', 'Wrong passphrase']
    const isSigned = isSignedWith(credentials.secret, `${timestamp}GET/users/self/verify`, text('sign'))
    return isSigned ? undefined : ['60007', 'Invalid sign']
  }

  #change(op: 'subscribe' | 'unsubscribe', connection: OkxSocket, arg: ChannelArg, id: unknown): void {
    const refused = this.#check(connection, arg)
    if (refused !== undefined) {
      connection.error(refused[0], refused[1], id)
      return
    }
    const key = argKey(arg)
    const known = connection.subscriptions.get(key)
    const said = { ...(id === undefined ? {} : { id }), event: op, arg, connId: connection.connId }
    if (op === 'unsubscribe') {
      connection.send(said)
      if (known !== undefined) this.#drop(known)
      return
    }
    if (known !== undefined) this.#drop(known)
    const subscription: Subscription = { connection, arg, seqId: -1 }
    connection.subscriptions.set(key, subscription)
    this.#listenersOf(arg).add(subscription)
    connection.send(said)
    if (this.#isWithinCount(subscription)) this.#parts.onSubscribe(subscription)
  }

  #check({ kind, isLoggedIn }: OkxSocket, arg: ChannelArg): SocketFault | undefined {
    const { instruments } = this.#parts
    if (typeof arg?.channel !== 'string') return ['60013', 'Invalid args']
    const tier = tieredChannels[arg.channel]
    if (tier !== undefined) return tier
    const rule = channelRule(arg.channel, isCandleBar)
    const named = arg['instId'] === undefined ? '' : `,instId:${plainText(arg['instId'])}`
    const wrong = `Wrong URL or channel:${arg.channel}${named} doesn't exist. Please use the correct URL, channel and parameters.`
    if (rule === undefined) return ['60018', wrong]
    if (rule.kind !== kind) {
      if (rule.kind === 'business') return ['64001', "This channel has been migrated to the '/business' URL."]
      return kind === 'business' ? ['64002', 'This channel is not supported by "/business" URL.'] : ['60018', wrong]
    }
    if (rule.needsLogin && !isLoggedIn) return ['60011', 'Please log in']
    if (rule.by === 'instId' && instruments.find(arg['instId']) === undefined) return ['60018', wrong]
    const types = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', ...(rule.needsLogin ? ['ANY'] : [])]
    if (rule.by === 'instType' && !types.includes(String(arg['instType']))) return ['60018', wrong]
    return undefined
  }

  /** Counts the connections that listen to a channel of the account; beyond the limit the subscription is ended again. */
  #isWithinCount(subscription: Subscription): boolean {
    const { connection, arg } = subscription
    const most = channelRule(arg.channel, isCandleBar)?.connections
    if (most === undefined) return true
    const count = this.count(connection.kind, arg.channel)
    const event = count > most ? 'channel-conn-count-error' : 'channel-conn-count'
    const connCount = String(Math.min(count, most))
    connection.send({ event, channel: arg.channel, connCount, connId: connection.connId })
    if (count > most) this.#drop(subscription)
    return count <= most
  }

  #listenersOf(arg: ChannelArg): Set<Subscription> {
    const isByInstrument = channelRule(arg.channel, isCandleBar)?.by === 'instId'
    const key = `${arg.channel} ${isByInstrument ? String(arg['instId']) : ''}`
    const listeners = this.#byChannel.get(key) ?? new Set()
    this.#byChannel.set(key, listeners)
    return listeners
  }

  #drop(subscription: Subscription): void {
    subscription.connection.subscriptions.delete(argKey(subscription.arg))
    this.#listenersOf(subscription.arg).delete(subscription)
  }

  #forget(connection: OkxSocket): void {
    this.#connections.delete(connection)
    for (const subscription of connection.subscriptions.values())
      this.#listenersOf(subscription.arg).delete(subscription)
  }
}

const none: ReadonlySet<Subscription> = new Set()
