import { Fifo } from '../collections/fifo.js'
import type { SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Overflow, Topic } from '../messages/topic.js'
import type { HandlingTelemetry } from '../telemetry/handling-telemetry.js'
import type { HandlerContext } from './agent-types.js'
import type { Consumer } from './consumer.js'
import { Delivery, type DeliveryHost } from './delivery.js'
import { Lane, type Mailbox, mailboxFull, maximumMailboxDepth } from './dispatcher.js'
import type { Member } from './subscriptions.js'

/** What an agent does with the messages of a topic, or of those that a pattern stands for. */
export type TopicWork = (payload: unknown, context: HandlerContext) => unknown

/** What the inboxes of one agent share of the room in its mailbox. */
export class RoomQueue {
  /** True when nobody has to wait any more: the swarm stops, and what is durable is handled by the next one. */
  isOpen = false
  readonly #inboxes = new Set<Inbox>()

  /** An inbox has publishers that wait. */
  note(inbox: Inbox): void {
    this.#inboxes.add(inbox)
  }

  /** Lets all who wait look again. */
  tell(): void {
    const inboxes = [...this.#inboxes]
    this.#inboxes.clear()
    for (const inbox of inboxes) inbox.tellAll()
  }
}

export type InboxOptions = {
  readonly heard: Topic | string
  readonly group: string
  /** So many messages may wait. */
  readonly capacity: number
  readonly overflow: Overflow
}

/** When more lanes than this are kept, those in which nothing happens are let go. */
const lanesBeforeSweep = 1_024

/** The messages of one subscription of one agent that wait for its handler. It outlives a restart, so that they wait meanwhile. */
export class Inbox implements Member {
  options: InboxOptions
  expected = 0
  /** Undefined when the agent, restarted, did not subscribe again. */
  handler: TopicWork | undefined
  /** How many messages are being admitted to it beside those that wait. */
  admitted = 0
  readonly #host: DeliveryHost
  readonly #lanes = new Map<string, Lane>()
  #lanesAtSweep = lanesBeforeSweep
  #waiting = 0
  #running = 0
  /** Those that wait, oldest first, where the oldest may have to go. */
  #order: Set<Delivery> | undefined
  /** Those that wait, by key, where a newer one takes their place. */
  #byKey: Map<string, Delivery> | undefined
  /** How handlers are traced and measured: of the one topic, or of each that fits the pattern. */
  #operation: HandlingTelemetry | undefined
  #operations: Map<string, HandlingTelemetry> | undefined
  #mailbox: Mailbox | undefined
  /** Publishers that wait for room, and how many were told and have not looked yet: what is free is kept for them. */
  #whenRoom: Fifo<(inbox: Member) => void> | undefined
  #kept = 0
  #whenSettled: (() => void)[] | undefined

  constructor(host: DeliveryHost, options: InboxOptions, handler: TopicWork) {
    this.#host = host
    this.options = options
    this.handler = handler
    this.#keepOrder(options)
  }

  get instance(): string {
    return this.#host.id
  }

  get waiting(): number {
    return this.#waiting
  }

  #mailboxOf(): Mailbox {
    this.#mailbox ??= this.#host.dispatcher.mailbox(this.instance)
    return this.#mailbox
  }

  operationOf(topic: string): HandlingTelemetry | undefined {
    const { handling } = this.#host
    if (handling === undefined) return undefined
    if (typeof this.options.heard !== 'string') {
      this.#operation ??= handling(topic)
      return this.#operation
    }
    this.#operations ??= new Map()
    let operation = this.#operations.get(topic)
    if (operation === undefined) {
      operation = handling(topic)
      this.#operations.set(topic, operation)
    }
    return operation
  }

  /** Goes on with other options, and with what waits and what is being handled. */
  reshape(options: InboxOptions, handler: TopicWork, consumer: Consumer | undefined): void {
    const waiting = this.takeWaiting()
    this.options = options
    this.handler = handler
    this.#keepOrder(options)
    for (const message of waiting) this.accept(message, consumer, 0)
  }

  refusal({ key }: Message, more: number): SwarmError | undefined {
    const { overflow, capacity } = this.options
    if (this.#mailboxOf().depth + more >= maximumMailboxDepth) {
      if (overflow === 'block' && !this.#host.dispatcher.virtual) return undefined
      if (overflow === 'reject' || overflow === 'block') return mailboxFull(this.instance)
      if (this.#byKey?.has(key) === true || (this.#order?.size ?? 0) > 0) return undefined
      return mailboxFull(this.instance)
    }
    if (this.#waiting + more < capacity || overflow === 'block' || overflow === 'drop-oldest') return undefined
    return this.#byKey?.has(key) === true ? undefined : mailboxFull(this.instance, capacity)
  }

  hasRoom(more: number, own: number): boolean {
    if (this.options.overflow !== 'block') return true
    const { dispatcher, room } = this.#host
    // In virtual time whoever waited would keep the clock from moving, and with it whoever could make room.
    if (dispatcher.virtual || room.isOpen) return true
    const taken = this.#waiting + this.#kept + more
    // A transaction that is larger than the capacity is taken as a whole when nothing else waits.
    const fits = taken < this.options.capacity || taken === own
    return fits && this.#mailboxOf().depth + more < maximumMailboxDepth
  }

  waitForRoom(): Promise<Member> {
    this.#host.room.note(this)
    return new Promise((resolve) => {
      this.#whenRoom ??= new Fifo()
      this.#whenRoom.push(resolve)
    })
  }

  claimRoom(): void {
    this.#kept = Math.max(0, this.#kept - 1)
  }

  tellRoom(): void {
    const next = this.#whenRoom?.shift()
    if (next === undefined) return
    this.#kept += 1
    next(this)
  }

  /** Lets all who wait for room look again, in their order. */
  tellAll(): void {
    for (let count = this.#whenRoom?.length ?? 0; count > 0; count -= 1) this.tellRoom()
  }

  accept(message: Message, consumer: Consumer | undefined, time: number): void {
    const replaced = this.#byKey?.get(message.key)
    if (replaced !== undefined) {
      replaced.message = message
      this.#noteDropped(message)
      return
    }
    while (this.#order !== undefined && this.#order.size > 0 && this.#isFull()) this.#dropOldest()
    this.#enqueue(new Delivery(this.#host, this, message, consumer, time, this.#laneOf(message)))
  }

  takeWaiting(): readonly Message[] {
    const { dispatcher } = this.#host
    const messages: Message[] = []
    for (const task of dispatcher.discard(this.instance)) {
      if (task instanceof Delivery && task.inbox === this) {
        messages.push(task.message)
        this.#noteGone(task)
      } else dispatcher.enqueue(task)
    }
    return messages
  }

  settled(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#whenSettled ??= []
      this.#whenSettled.push(resolve)
    })
  }

  /** A delivery has its turn. */
  begin(delivery: Delivery): void {
    this.#running += 1
    this.#noteGone(delivery)
  }

  /** A delivery that has had its turn is over. */
  end(): void {
    this.#running -= 1
    if (this.#running > 0 || this.#whenSettled === undefined) return
    const told = this.#whenSettled
    this.#whenSettled = undefined
    for (const tell of told) tell()
  }

  /** Puts a delivery that was begun back to the head of what waits. */
  putBack(delivery: Delivery): void {
    if (this.#byKey?.has(delivery.message.key) === true) {
      // A newer one has come meanwhile.
      this.#noteDropped(delivery.message)
      return
    }
    delivery.again = true
    this.#enqueue(delivery)
    // It is the oldest, and the first to be dropped.
    if (this.#order?.has(delivery) === true) this.#order = new Set([delivery, ...this.#order])
  }

  #enqueue(delivery: Delivery): void {
    try {
      this.#mailboxOf().enqueue(delivery)
    } catch (error) {
      // The bus made sure of room before it journalled; the mailbox has filled up since then.
      void delivery.giveUp(error)
      return
    }
    this.#waiting += 1
    this.#order?.add(delivery)
    this.#byKey?.set(delivery.message.key, delivery)
  }

  #noteGone(delivery: Delivery): void {
    // What waits in the other inboxes of the agent may have filled the mailbox.
    const wasFull = this.#mailboxOf().depth >= maximumMailboxDepth - 1
    this.#waiting -= 1
    this.#order?.delete(delivery)
    this.#byKey?.delete(delivery.message.key)
    if (wasFull) this.#host.room.tell()
    else if (this.#whenRoom !== undefined) this.tellRoom()
  }

  #isFull(): boolean {
    if (this.#waiting >= this.options.capacity) return true
    return this.#host.dispatcher.depth(this.instance) >= maximumMailboxDepth
  }

  #keepOrder({ overflow }: InboxOptions): void {
    this.#order = overflow === 'drop-oldest' ? new Set() : undefined
    this.#byKey = overflow === 'conflate' ? new Map() : undefined
  }

  #dropOldest(): void {
    for (const oldest of this.#order ?? []) {
      this.#host.dispatcher.drop(oldest)
      this.#noteGone(oldest)
      this.#noteDropped(oldest.message)
      return
    }
  }

  #noteDropped({ topic }: Message): void {
    this.#host.counts.dropped += 1
    this.operationOf(topic)?.dropped()
  }

  #laneOf({ topic, key }: Message): Lane {
    const name = typeof this.options.heard === 'string' ? `${topic} ${key}` : key
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      if (this.#lanes.size >= this.#lanesAtSweep) this.#sweepLanes()
      lane = new Lane()
      this.#lanes.set(name, lane)
    }
    return lane
  }

  #sweepLanes(): void {
    for (const [name, lane] of this.#lanes) if (!lane.busy) this.#lanes.delete(name)
    this.#lanesAtSweep = Math.max(lanesBeforeSweep, this.#lanes.size * 2)
  }
}
