import { sha256Hex } from '../encoding/sha256.js'
import { assertKnownOptions } from '../errors/known-options.js'
import type { Topic } from '../messages/topic.js'
import { type AgentState, beginStateTransaction, type StateTransaction } from '../state/transaction.js'
import type { ContextPublishOptions } from './agent-types.js'
import type { Origin, OutgoingMessage } from './bus.js'
import type { HandlerRun, HandlerScope } from './handler-run.js'
import { assertMayPublish } from './permissions.js'
import type { Member } from './subscriptions.js'

const publishOptions: readonly (keyof ContextPublishOptions)[] = ['id', 'ttlMs', 'cause']

/**
 * What one attempt of a handler publishes and writes: it takes effect with the attempt's commit, as a whole, or never. Made when a handler first
 * publishes or writes, which many never do.
 */
export class HandlerEffects {
  readonly #run: HandlerRun
  readonly #scope: HandlerScope
  #outgoing: OutgoingMessage[] | undefined = undefined
  #state: StateTransaction | undefined = undefined
  #blobs: { hash: string; text: string }[] | undefined = undefined
  #origin: Origin | undefined = undefined
  /** The topic that it was last found to be allowed to publish on. */
  #permitted: Topic | undefined = undefined
  #hasOwnIds = false
  /** True once those of its messages that the journal holds already were left out. */
  #leftOutKnown = false
  /** The recipient that it has waited for. */
  #waited: Member | undefined = undefined
  #publishBound: ((topic: Topic, payload: unknown, options?: ContextPublishOptions) => Promise<string>) | undefined =
    undefined

  constructor(run: HandlerRun, scope: HandlerScope) {
    this.#run = run
    this.#scope = scope
  }

  get isEmpty(): boolean {
    return this.#outgoing === undefined && this.#state === undefined && this.#blobs === undefined
  }

  /** A function of its own, so that a handler may take it out of its context. */
  get publish(): (topic: Topic, payload: unknown, options?: ContextPublishOptions) => Promise<string> {
    this.#publishBound ??= (topic, payload, options) => this.#publish(topic, payload, options)
    return this.#publishBound
  }

  get state(): AgentState {
    this.#state ??= beginStateTransaction(
      this.#scope.states,
      this.#scope.instance,
      () => this.#run.assertLive(),
      this.#scope.documents,
    )
    return this.#state
  }

  putBlob(text: string): string {
    this.#run.assertLive()
    const hash = sha256Hex(text)
    this.#blobs ??= []
    this.#blobs.push({ hash, text })
    return hash
  }

  /** In which chain what the handler publishes and asks stands. */
  originOf(options: ContextPublishOptions | undefined): Origin {
    const cause = options?.cause
    const publisher = this.#scope.instance
    if (cause === undefined) {
      const { correlationId, causationId } = this.#run.work
      this.#origin ??= { publisher, correlationId, causationId }
      return this.#origin
    }
    return cause === 'none'
      ? { publisher, correlationId: undefined, causationId: undefined }
      : { publisher, correlationId: cause.correlationId, causationId: cause.id }
  }

  /** As {@link HandlerRun.commit}, which calls it once nothing else stands against it. */
  commit(): Promise<void> | undefined {
    if (this.#hasOwnIds && !this.#leftOutKnown) return this.#commitUnknown()
    const { bus, writer, states, dispatcher } = this.#scope
    const { durable } = this.#run.work
    const state = this.#state
    const blobs = this.#blobs
    state?.assertUnchanged()
    if (!dispatcher.virtual) state?.assertJson()
    const outgoing = this.#outgoing ?? []
    const room = bus.admit(outgoing, this.#waited)
    this.#waited = undefined
    if (room !== undefined) return this.#commitWhenRoom(room)
    const publishesDurably = outgoing.some((prepared) => prepared.journalText !== undefined)
    const mustSave = durable && (state?.hasWrites() === true || blobs !== undefined)
    if (mustSave) writer.assertSound()
    this.#run.noteCommitted()
    for (const blob of blobs ?? []) writer.putBlob(blob.hash, blob.text)
    state?.commit()
    // In virtual time the instant commits as a whole, and documents are saved at checkpoints.
    const isDurable = !dispatcher.virtual && (mustSave || publishesDurably)
    if (isDurable) for (const write of states.takeUnsaved()) writer.putKeyValue(write)
    this.#run.work.acknowledge?.()
    // Whoever keeps the run until this is durable does not keep what it has published, which the collector may take once it was handled.
    this.#outgoing = undefined
    bus.dispatch(outgoing, isDurable)
    return isDurable ? writer.settled() : undefined
  }

  #publish(topic: Topic, payload: unknown, options?: ContextPublishOptions): Promise<string> {
    try {
      this.#run.assertLive()
      if (topic !== this.#permitted) {
        assertMayPublish(this.#scope.declaration, topic, this.#scope.instance)
        this.#permitted = topic
      }
      if (options !== undefined) assertKnownOptions(topic.place, options, publishOptions)
      const prepared = this.#scope.bus.prepare(topic, payload, this.originOf(options), options, this.#run.span)
      this.#outgoing ??= []
      this.#outgoing.push(prepared)
      if (prepared.hasOwnId) this.#hasOwnIds = true
      return Promise.resolve(prepared.message.id)
    } catch (error) {
      return this.#run.refuse(error)
    }
  }

  async #commitWhenRoom(room: Promise<Member>): Promise<void> {
    this.#leftOutKnown = false
    this.#waited = await room
    try {
      await this.#run.commit()
    } catch (error) {
      this.#giveRoomUp()
      throw error
    }
  }

  /** What was kept for it is the next one's. */
  #giveRoomUp(): void {
    this.#waited?.claimRoom()
    this.#waited?.tellRoom()
    this.#waited = undefined
  }

  /** Messages with ids of the publisher's own are sent once, however often the handler runs. */
  async #commitUnknown(): Promise<void> {
    this.#outgoing = [...(await this.#scope.bus.withoutKnown(this.#outgoing ?? []))]
    this.#leftOutKnown = true
    await this.#run.commit()
  }
}
