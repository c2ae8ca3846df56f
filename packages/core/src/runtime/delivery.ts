import { messageOf, SwarmError } from '../errors/swarm-error.js'
import { failureFields } from '../logging/failure-fields.js'
import type { Logger } from '../logging/logger.js'
import type { Message } from '../messages/message.js'
import type { Random } from '../random/random.js'
import type { Backoff } from '../resilience/backoff.js'
import type { HandlingTelemetry } from '../telemetry/handling-telemetry.js'
import type { Priority } from '../time/clock.js'
import type { AgentCounts } from './agent-counts.js'
import type { AgentLifecycle, HandlerContext } from './agent-types.js'
import type { Consumer } from './consumer.js'
import { deadLetterOf, deadLetters } from './dead-letter.js'
import type { Dispatcher, DispatchTask, Lane } from './dispatcher.js'
import type { HandlerAttempts } from './handler-attempts.js'
import type { HandlerRun, HandlerWork } from './handler-run.js'
import type { Inbox, RoomQueue } from './inbox.js'
import type { JournalWriter } from './journal-writer.js'
import type { Naps } from './naps.js'

/**
 * So often a message is tried whose handler fails because whom it publishes to has no room, beside its other tries: minutes with the default
 * waits. An end there must be, as an agent may fill its own mailbox.
 */
const maximumTriesWithoutRoom = 30

/** What the deliveries of one agent share. */
export type DeliveryHost = {
  readonly id: string
  readonly dispatcher: Dispatcher
  readonly writer: JournalWriter
  readonly logger: () => Logger
  readonly random: () => Random
  readonly backoff: Backoff
  readonly maximumTries: number
  readonly attempts: HandlerAttempts
  readonly room: RoomQueue
  readonly counts: AgentCounts
  /** How handlers of a topic are traced and measured; absent in virtual time. */
  readonly handling: ((topic: string) => HandlingTelemetry) | undefined
  readonly lifecycle: () => AgentLifecycle
  /** True while it drains: what hangs then is left for the next start. */
  readonly isEnding: () => boolean
  readonly naps: Naps
}

/** One message on its way to the handler of one agent: tried, tried again, given up. */
export class Delivery implements DispatchTask, HandlerWork {
  /** A newer one takes its place where the subscription conflates. */
  message: Message
  again = false
  readonly inbox: Inbox
  readonly lane: Lane
  readonly #host: DeliveryHost
  readonly #consumer: Consumer | undefined
  readonly #operation: HandlingTelemetry | undefined
  readonly #acceptedAt: number
  #tries = 0
  #triesWithoutRoom = 0
  #isDone = false
  #whenDone: (() => void) | undefined = undefined

  constructor(
    host: DeliveryHost,
    inbox: Inbox,
    message: Message,
    consumer: Consumer | undefined,
    acceptedAt: number,
    lane: Lane,
  ) {
    this.#host = host
    this.inbox = inbox
    this.message = message
    this.#consumer = consumer
    this.lane = lane
    this.#operation = inbox.operationOf(message.topic)
    this.#acceptedAt = acceptedAt
  }

  get owner(): string {
    return this.#host.id
  }

  get priority(): Priority {
    return this.message.priority
  }

  get caller(): undefined {
    return undefined
  }

  get correlationId(): string {
    return this.message.correlationId
  }

  get causationId(): string {
    return this.message.id
  }

  get operation(): HandlingTelemetry | undefined {
    return this.#operation
  }

  get traceparent(): string | undefined {
    return this.message.traceparent
  }

  get durable(): boolean {
    return this.message.sequence !== undefined
  }

  invoke(context: HandlerContext): unknown {
    return this.inbox.handler?.(this.message.payload, context)
  }

  acknowledge(): void {
    if (this.#consumer !== undefined && this.message.sequence !== undefined)
      this.#consumer.acknowledge(this.message.sequence)
  }

  began(run: HandlerRun): void {
    // One that was read from the journal has waited longer than anyone has measured.
    if (this.#tries === 0 && this.#acceptedAt > 0) this.#operation?.waited(run.startedAt - this.#acceptedAt)
  }

  run(): Promise<void> | void {
    this.inbox.begin(this)
    this.#isDone = false
    this.#try()
    if (this.#isDone) return undefined
    return new Promise((resolve) => {
      this.#whenDone = resolve
    })
  }

  succeeded(): void {
    this.#host.counts.handled += 1
    this.#end()
  }

  failed(error: unknown): void {
    void this.#retry(error).then(() => undefined)
  }

  /** Keeps the message as a dead letter, and is done with it. */
  async giveUp(error: unknown): Promise<void> {
    const { id, counts, logger, writer, dispatcher } = this.#host
    const { message } = this
    counts.deadLetters += 1
    this.#operation?.deadLettered()
    logger().error('a message was given up', {
      topic: message.topic,
      messageId: message.id,
      correlationId: message.correlationId,
      ...failureFields(error),
    })
    try {
      writer.putRecord(deadLetters, deadLetterOf(message, { agent: id, group: this.inbox.options.group, error }))
      this.acknowledge()
      if (!dispatcher.virtual) await writer.settled()
    } catch (writeError) {
      logger().error('a dead letter could not be kept', { messageId: message.id, error: messageOf(writeError) })
    }
  }

  #try(): void {
    const state = this.#host.lifecycle()
    if (state === 'stopped') this.#end()
    // Paused, failed or being restarted: back to the head of the mailbox, which is held until the agent runs.
    else if (state !== 'running' && state !== 'draining') this.#putBack()
    else if (this.inbox.handler === undefined)
      void this.giveUp(new Error('the agent no longer subscribes to the topic')).then(() => this.#end())
    else if (this.message.expiresAt !== undefined && this.#host.dispatcher.now() > this.message.expiresAt)
      this.#expire()
    else this.#host.attempts.run(this)
  }

  #end(): void {
    this.inbox.end()
    this.#isDone = true
    this.#whenDone?.()
    this.#whenDone = undefined
  }

  #putBack(): void {
    this.inbox.putBack(this)
    this.#end()
  }

  #expire(): void {
    this.#host.counts.expired += 1
    this.#operation?.expired()
    this.acknowledge()
    this.#end()
  }

  async #retry(error: unknown): Promise<void> {
    const { writer, counts, logger, dispatcher, maximumTries, backoff, random, isEnding, naps } = this.#host
    // It was not the message's fault: it waits, as does everything, until the storage is mended.
    if (!writer.isSound()) return this.#putBack()
    // Nor was it when the agent was restarted because another message hung.
    if (SwarmError.isInstance(error, 'AGENT_RESTARTED') && error.context['innocent'] === true) return this.#putBack()
    counts.failed += 1
    // Nobody restarts it now, and another try may hang as long: its message waits for the next start.
    if (isEnding() && SwarmError.isInstance(error, 'HANDLER_TIMED_OUT')) return this.#putBack()
    // In virtual time nobody makes room while it waits.
    const hadNoRoom = SwarmError.isInstance(error, 'MAILBOX_FULL') && !dispatcher.virtual
    if (hadNoRoom) this.#triesWithoutRoom += 1
    else this.#tries += 1
    logger().warn('a handler failed', {
      topic: this.message.topic,
      messageId: this.message.id,
      correlationId: this.message.correlationId,
      tries: this.#tries + this.#triesWithoutRoom,
      ...failureFields(error),
    })
    if (this.#tries >= maximumTries || this.#triesWithoutRoom >= maximumTriesWithoutRoom) {
      await this.giveUp(error)
      this.#end()
      return
    }
    const failures = hadNoRoom ? this.#triesWithoutRoom : this.#tries
    if (!dispatcher.virtual) await naps.nap(this.message.id, backoff.delayMs(failures, random()))
    this.#try()
  }
}
