import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import { assertOverflow, type Topic } from '../messages/topic.js'
import type { SubscribeOptions } from './agent-types.js'
import type { DeliveryHost } from './delivery.js'
import { maximumMailboxDepth } from './dispatcher.js'
import { Inbox, type TopicWork } from './inbox.js'
import type { InstanceScope } from './instance-scope.js'
import type { Subscriptions } from './subscriptions.js'
import type { UnpublishedTopics } from './unpublished-topics.js'

/** What one agent instance hears, through its restarts. */
export class AgentSubscriptions {
  readonly #agent: { readonly id: string; readonly group: string }
  readonly #all: Subscriptions
  readonly #unpublished: UnpublishedTopics
  readonly #host: () => DeliveryHost
  /** By consumer group. They outlive a restart, so that messages go on to wait meanwhile. */
  #inboxes: Map<string, Inbox> | undefined
  /** The groups that the present life has subscribed to. */
  #subscribed: Set<string> | undefined

  constructor(
    agent: { readonly id: string; readonly group: string },
    { bus, unpublishedTopics }: Pick<InstanceScope, 'bus' | 'unpublishedTopics'>,
    host: () => DeliveryHost,
  ) {
    this.#agent = agent
    this.#all = bus.subscriptions
    this.#unpublished = unpublishedTopics
    this.#host = host
  }

  /** A new life begins, which has subscribed to nothing yet. */
  beginLife(): void {
    this.#subscribed = undefined
  }

  /** Throws `INVALID_OPTION`, or `TOPIC_UNKNOWN` where it is certain that nobody publishes it. */
  subscribe(heard: Topic | string, handler: unknown, options: SubscribeOptions): void {
    const { id } = this.#agent
    assertSubscription(id, heard, handler)
    const name = typeof heard === 'string' ? heard : heard.name
    const delivery = typeof heard === 'string' ? 'durable' : heard.delivery
    const overflow = options.overflow ?? (typeof heard === 'string' ? 'reject' : heard.overflow)
    const place = `${id}: subscription to ${name}`
    assertKnownOptions(place, options, subscribeOptions)
    assertOverflow(overflow, delivery, place)
    const capacity = capacityOf(options, place)
    this.#unpublished.subscribed(id, this.#agent.group, heard)
    const group = this.#groupName(name)
    this.#subscribed ??= new Set()
    this.#subscribed.add(group)
    this.#inboxes ??= new Map()
    const known = this.#inboxes.get(group)
    if (known !== undefined && known.options.capacity === capacity && known.options.overflow === overflow) {
      known.handler = handler as TopicWork
      return
    }
    const inboxOptions = { heard, group, capacity, overflow }
    const inbox = known ?? new Inbox(this.#host(), inboxOptions, handler as TopicWork)
    this.#inboxes.set(group, inbox)
    const { consumer } = this.#all.add(heard, group, inbox)
    if (known !== undefined) known.reshape(inboxOptions, handler as TopicWork, consumer)
  }

  /** Lets go of what the life before had subscribed to and this one has not. */
  forgetOld(): void {
    for (const [group, inbox] of this.#inboxes ?? [])
      if (this.#subscribed?.has(group) !== true) this.#letGo(group, inbox)
  }

  /** Gives what waits for it, and what comes, to the other replicas; keeps it where there are none. */
  leaveToOthers(): void {
    for (const [group, inbox] of this.#inboxes ?? [])
      if (this.#all.hasOthers(group, this.#agent.id)) this.#letGo(group, inbox)
  }

  /** The agent, which was taken out of its groups, has finished. */
  left(): void {
    for (const group of this.#inboxes?.keys() ?? []) this.#all.left(group, this.#agent.id)
    this.#inboxes = undefined
  }

  #letGo(group: string, inbox: Inbox): void {
    this.#all.remove(group, this.#agent.id)
    inbox.handler = undefined
    this.#inboxes?.delete(group)
  }

  /** The first subscription to a topic is named after both; further ones are numbered. */
  #groupName(heard: string): string {
    const first = `${heard} ${this.#agent.group}`
    if (this.#subscribed?.has(first) !== true) return first
    for (let number = 2; ; number += 1) {
      const name = `${first}#${number}`
      if (!this.#subscribed.has(name)) return name
    }
  }
}

/** What the compiler cannot hold a program in JavaScript to. */
function assertSubscription(instance: string, heard: Topic | Request | string, handler: unknown): void {
  const fault =
    typeof heard !== 'string' && heard?.kind !== 'topic'
      ? `subscribe takes a topic or a pattern, and ${heard?.name ?? 'what it was given'} is none; a request is answered with respond`
      : typeof handler !== 'function'
        ? `subscribe to ${typeof heard === 'string' ? heard : heard.name} has no handler`
        : undefined
  if (fault !== undefined) throw new SwarmError({ code: 'INVALID_OPTION', message: `${instance}: ${fault}` })
}

const subscribeOptions: readonly (keyof SubscribeOptions)[] = ['capacity', 'overflow']

function capacityOf({ capacity = maximumMailboxDepth }: SubscribeOptions, place: string): number {
  if (Number.isInteger(capacity) && capacity >= 1 && capacity <= maximumMailboxDepth) return capacity
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${place}: capacity is ${capacity}; it must be a whole number from 1 to ${maximumMailboxDepth}`,
    context: { capacity },
  })
}
