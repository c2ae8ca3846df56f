import { Fifo } from '../collections/fifo.js'
import type { SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Overflow, Topic } from '../messages/topic.js'
import type { HandlingTelemetry } from '../telemetry/handling-telemetry.js'
import type { HandlerContext } from './agent-types.js'
import type { Consumer } from './consumer.js'
import { Delivery, type DeliveryHost } from './delivery.js'
import { Lane, mailboxFull, maximumMailboxDepth } from './dispatcher.js'
import type { Member } from './subscriptions.js'

/** What an agent does with the messages of a topic, or of those that a pattern stands for. */
export type TopicWork = (payload: unknown, context: HandlerContext) => unknown

export type InboxOptions = {
  readonly heard: Topic | string
  readonly group: string
  /** So many messages may wait. */
  readonly capacity: number
  readonly overflow: Overflow
}

/** How long to wait before looking again whether a mailbox that is full of other messages has room. */
const roomPollMs = 5
/** When more lanes than this are kept, those in which nothing happens are let go. */
const lanesBeforeSweep = 1_024

/** The messages of one subscription of one agent that wait for its handler. It outlives a restart, so that they wait meanwhile. */
export class Inbox implements Member {
  readonly options: InboxOptions
  /** Undefined when the agent, restarted, did not subscribe again. */
  handler: TopicWork | undefined
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
  #whenRoom: Fifo<() => void> | undefined
  #whenSettled: (() => void)[] | undefined

  constructor(host: DeliveryHost, options: InboxOptions, handler: TopicWork) {
    this.#host = host
    this.options = options
    this.handler = handler
    if (options.overflow === 'drop-oldest') this.#order = new Set()
    if (options.overflow === 'conflate') this.#byKey = new Map()
  }

  get instance(): string {
    return this.#host.id
  }

  get waiting(): number {
    return this.#waiting
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

  refusal({ key }: Message, more: number): SwarmError | undefined {
    const { overflow, capacity } = this.options
    if (this.#isMailboxFull(more)) {
      if (overflow === 'block') return undefined
      if (overflow === 'reject') return mailboxFull(this.instance)
      if (this.#byKey?.has(key) === true || (this.#order?.size ?? 0) > 0) return undefined
      return mailboxFull(this.instance)
    }
    if (this.#waiting + more < capacity || overflow === 'block' || overflow === 'drop-oldest') return undefined
    return this.#byKey?.has(key) === true ? undefined : mailboxFull(this.instance, capacity)
  }

  isFull(others: number, own: number): boolean {
    if (this.options.overflow !== 'block') return false
    const taken = this.#waiting + others
    // What one handler publishes at once may be more than there is ever room for.
    return (taken > 0 && taken + own >= this.options.capacity) || this.#isMailboxFull(others + own)
  }

  room(): Promise<void> {
    return new Promise((resolve) => {
      const { dispatcher } = this.#host
      // What fills the mailbox may wait in other inboxes, of which this one is told nothing.
      if (this.#waiting === 0) return void dispatcher.at(dispatcher.now() + roomPollMs, resolve)
      this.#whenRoom ??= new Fifo()
      this.#whenRoom.push(resolve)
    })
  }

  /** Lets go of those who wait for room: it takes no more messages. */
  close(): void {
    for (const tell of this.#whenRoom?.drain() ?? []) tell()
  }

  #isMailboxFull(more: number): boolean {
    return this.#host.dispatcher.depth(this.instance) + more >= maximumMailboxDepth
  }

  accept(message: Message, consumer: Consumer | undefined): void {
    const replaced = this.#byKey?.get(message.key)
    if (replaced !== undefined) {
      replaced.message = message
      this.#noteDropped(message)
      return
    }
    if (this.#order !== undefined && this.#waiting >= this.options.capacity) this.#dropOldest()
    this.#enqueue(new Delivery(this.#host, this, message, consumer, this.#laneOf(message)))
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
  }

  #enqueue(delivery: Delivery): void {
    try {
      this.#host.dispatcher.enqueue(delivery)
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
    this.#waiting -= 1
    this.#order?.delete(delivery)
    this.#byKey?.delete(delivery.message.key)
    if (this.#whenRoom !== undefined) this.#tellOfRoom(this.#whenRoom)
  }

  /** As many as there is room for; all of them once nothing waits, for then nothing more would tell them. */
  #tellOfRoom(whenRoom: Fifo<() => void>): void {
    const free = this.#waiting === 0 ? whenRoom.length : this.options.capacity - this.#waiting
    for (let count = 0; count < free && whenRoom.length > 0; count += 1) whenRoom.shift()?.()
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
