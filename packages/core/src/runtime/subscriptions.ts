import { EventEmitter } from 'eventemitter3'
import type { SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import { type TopicPattern, topicPattern } from '../messages/topic-pattern.js'
import type { Consumer } from './consumer.js'
import { mixedHash, textHash } from './text-hash.js'

/** What one agent instance hears for a consumer group. */
export type Member = {
  readonly instance: string
  /** Counts the messages of one admission, for the time that it takes. */
  admitted: number
  /** Why it takes no further message beyond `more` others, or undefined. */
  refusal(message: Message, more: number): SwarmError | undefined
  /** True when it has room for one more beyond `more` others, of which `own` belong to the same transaction, or never lets anyone wait. */
  hasRoom(more: number, own: number): boolean
  /** Resolves, to itself, when it may have room: what is free is kept until it is claimed. */
  waitForRoom(): Promise<Member>
  /** Whoever has waited for room looks again now: until then it was kept. Without it, the next one may. */
  claimRoom(): void
  /** Lets the next one who waits for room look again. */
  tellRoom(): void
  /** How many messages were admitted and wait for their commit. */
  expected: number
  /** Must not throw. */
  accept(message: Message, consumer: Consumer | undefined, time: number): void
  /** Gives back the messages that wait for it, in order for each key. */
  takeWaiting(): readonly Message[]
  /** Resolves when none of its messages is being handled. */
  settled(): Promise<void>
}

/** Who hears what: each consumer group hears each message once, and one key always goes to the same replica. */
export type Subscriptions = {
  /** Adds a member to a group; one that is there already under the instance's name is replaced. Returns the group. */
  add(heard: Topic | string, group: string, member: Member): Group
  remove(group: string, instance: string): void
  /** Takes an agent out of all its groups; what waits for it goes to their other members. Without others, the group keeps its place in the journal. */
  removeInstance(instance: string): void
  /**
   * An agent that was taken out has finished. What was handed to a group that has no members any more is forgotten: it is read from the journal
   * again when it has.
   */
  left(group: string, instance: string): void
  /** True when a group has members beside the instance. */
  hasOthers(group: string, instance: string): boolean
  /** The groups that hear a topic. */
  groupsOf(topic: string): readonly Group[]
  /** `time` is when, on the clock that never goes back. */
  deliver(message: Message, time: number): void
  /** A topic that is heard by its name. */
  topicOf(name: string): Topic | undefined
  /** All groups, in order of adding. */
  all(): Iterable<Group>
}

export type SubscriptionsOptions = {
  /** The consumer of a durable group; undefined in virtual time. */
  readonly consumerOf: (name: string) => Consumer | undefined
  /** In virtual time, where all messages are handled in one order, nothing has to be held while members change. */
  readonly virtual: boolean
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const emitter = new EventEmitter<Record<string, [Message, number]>>()
  const groups = new Map<string, Group>()
  const patterns: { readonly pattern: TopicPattern; readonly group: Group }[] = []
  const groupsByTopic = new Map<string, Group[]>()
  const topics = new Map<string, Topic>()
  const groupsOfInstance = new Map<string, Set<Group>>()
  let lastDelivered: string | undefined

  const attach = (topic: string, group: Group): void => {
    const list = groupsOf(topic)
    list.push(group)
    emitter.on(topic, group.deliver, group)
  }

  /** The first time that a topic is named, the patterns that it fits are attached to it. */
  const groupsOf = (topic: string): Group[] => {
    const known = groupsByTopic.get(topic)
    if (known !== undefined) return known
    const list: Group[] = []
    groupsByTopic.set(topic, list)
    for (const { pattern, group } of patterns) if (pattern.matches(topic)) attach(topic, group)
    return list
  }

  const create = (heard: Topic | string, name: string): Group => {
    const durable = typeof heard === 'string' || heard.delivery === 'durable'
    const group = new Group(name, durable ? options.consumerOf(name) : undefined, options.virtual)
    groups.set(name, group)
    if (typeof heard !== 'string') {
      topics.set(heard.name, heard)
      attach(heard.name, group)
    } else {
      const pattern = topicPattern(heard)
      patterns.push({ pattern, group })
      for (const topic of groupsByTopic.keys()) if (pattern.matches(topic)) attach(topic, group)
    }
    return group
  }

  return {
    add(heard, name, member) {
      const group = groups.get(name) ?? create(heard, name)
      group.add(member)
      const ofInstance = groupsOfInstance.get(member.instance)
      if (ofInstance === undefined) groupsOfInstance.set(member.instance, new Set([group]))
      else ofInstance.add(group)
      return group
    },
    remove(name, instance) {
      const group = groups.get(name)
      if (group === undefined) return
      group.remove(instance)
      groupsOfInstance.get(instance)?.delete(group)
    },
    removeInstance(instance) {
      for (const group of groupsOfInstance.get(instance) ?? []) group.leave(instance)
      groupsOfInstance.delete(instance)
    },
    left(name, instance) {
      groups.get(name)?.left(instance)
    },
    hasOthers: (name, instance) => groups.get(name)?.hasOthers(instance) ?? false,
    groupsOf,
    deliver(message, time) {
      // Once a topic is known, further groups attach themselves.
      if (message.topic !== lastDelivered) groupsOf(message.topic)
      lastDelivered = message.topic
      emitter.emit(message.topic, message, time)
    },
    topicOf: (name) => topics.get(name),
    all: () => groups.values(),
  }
}

type HashedMember = { readonly member: Member; readonly seed: number }

function isDurable({ sequence }: Message): boolean {
  return sequence !== undefined
}

const nobody: readonly never[] = Object.freeze([])

/** Those who share the messages of a subscription: the replicas of one entry. */
export class Group {
  readonly name: string
  /** Notes what has been handled, for durable topics in real time. */
  readonly consumer: Consumer | undefined
  #members: readonly HashedMember[] = []
  /** Set while members change: messages wait here until none that they could overtake is being handled. */
  #held: Message[] | undefined
  #changing: Promise<void> | undefined
  /** Those that were taken out and have not finished yet. */
  #leaving: readonly HashedMember[] = nobody

  readonly #virtual: boolean

  constructor(name: string, consumer: Consumer | undefined, virtual: boolean) {
    this.name = name
    this.consumer = consumer
    this.#virtual = virtual
  }

  get size(): number {
    return this.#members.length
  }

  hasOthers(instance: string): boolean {
    return this.#members.some(({ member }) => member.instance !== instance)
  }

  /** How many messages wait for a change of members to end. */
  get held(): number {
    return this.#held?.length ?? 0
  }

  add(member: Member): void {
    const others = this.#members.filter((other) => other.member.instance !== member.instance)
    const isNew = others.length === this.#members.length
    // They are one list: one that leaves may still be at what the new one is to go on with.
    if (isNew && (others.length > 0 || this.#leaving.length > 0 || this.#held !== undefined))
      this.#hold([...others, ...this.#leaving])
    const hashed = { member, seed: textHash(member.instance) }
    this.#members = [...others, hashed].sort((a, b) => (a.member.instance < b.member.instance ? -1 : 1))
    if (this.#virtual) this.#handOutHeld()
  }

  remove(instance: string): void {
    const others = this.#members.filter((other) => other.member.instance !== instance)
    if (others.length === this.#members.length) return
    if (others.length > 0) this.#hold(this.#members)
    else if (this.consumer !== undefined) this.consumer.live = false
    this.#members = others
  }

  /** Takes a member out that finishes what it is at, and what waits for it where there is no other; {@link Group.left} says when it has. */
  leave(instance: string): void {
    const member = this.#members.find((each) => each.member.instance === instance)
    if (member === undefined) return
    this.#leaving = [...this.#leaving, member]
    this.remove(instance)
  }

  /** What it has put back at the last goes to the others. When nobody is there any more, what was not handled is to be read again. */
  left(instance: string): void {
    const waiting = this.#leaving.find(({ member }) => member.instance === instance)?.member.takeWaiting() ?? nobody
    this.#leaving = this.#leaving.filter(({ member }) => member.instance !== instance)
    if (this.#virtual && this.size === 0) this.#held = [...waiting.filter(isDurable), ...(this.#held ?? nobody)]
    else if (this.size === 0 && this.#leaving.length === 0) {
      this.#held = undefined
      this.#changing = undefined
      this.consumer?.giveBack()
    } else if (this.#held !== undefined || this.size === 0) {
      this.#held ??= []
      this.#held.unshift(...waiting)
    } else for (const message of waiting) this.#pass(message, 0)
  }

  /** The member that the key belongs to: by rendezvous hashing, so that a change of members moves as few keys as can be. */
  memberFor(key: string): Member | undefined {
    const members = this.#members
    if (members.length <= 1) return members[0]?.member
    const hash = textHash(key)
    let best: HashedMember | undefined
    let highest = -1
    for (const each of members) {
      const weight = mixedHash(hash ^ each.seed)
      if (weight <= highest) continue
      highest = weight
      best = each
    }
    return best?.member
  }

  /** Hands a message to the member that its key belongs to, unless it was handed over or handled before, or is not for this group. */
  deliver(message: Message, time: number): void {
    if (message.group !== undefined && message.group !== this.name) return
    const { consumer } = this
    if (message.sequence !== undefined) this.#arrived(message)
    if (consumer !== undefined && message.sequence !== undefined) {
      if (!consumer.live || !consumer.expects(message.sequence)) return
      consumer.handOver(message.sequence)
    }
    this.#pass(message, time)
  }

  /** A durable message was admitted: until it is delivered it takes up room. */
  expect(message: Message): void {
    if (message.group !== undefined && message.group !== this.name) return
    const member = this.memberFor(message.key)
    if (member !== undefined) member.expected += 1
  }

  /** A durable message that it will read from the journal takes up no room until then. */
  skip(message: Message): void {
    if (message.group === undefined || message.group === this.name) this.#arrived(message)
  }

  /** As `deliver`, for a message that was read from the journal because the consumer lags. */
  catchUp(message: Message, time: number): void {
    if (message.sequence === undefined || this.consumer === undefined) return
    if (this.consumer.expects(message.sequence)) {
      this.consumer.handOver(message.sequence)
      this.#pass(message, time)
    } else this.consumer.skipTo(message.sequence)
  }

  #arrived({ key }: Message): void {
    const member = this.memberFor(key)
    if (member !== undefined && member.expected > 0) member.expected -= 1
  }

  #pass(message: Message, time: number): void {
    if (this.#virtual && this.size === 0) this.#keep(message)
    else if (this.#held !== undefined) this.#held.push(message)
    else this.memberFor(message.key)?.accept(message, this.consumer, time)
  }

  /** In virtual time nobody reads the journal again: what comes while the only agent is stopped waits here until it is started. */
  #keep(message: Message): void {
    if (!isDurable(message)) return
    this.#held ??= []
    this.#held.push(message)
  }

  #handOutHeld(): void {
    const held = this.#held ?? nobody
    this.#held = undefined
    for (const message of held) this.#pass(message, 0)
    for (const { member } of this.#members) member.tellRoom()
  }

  #hold(members: readonly HashedMember[]): void {
    if (this.#virtual) return
    // Another may be the one that what is under way will reach.
    for (const { member } of members) member.expected = 0
    // What an earlier change holds is newer than what members have put back since it began.
    this.#held = [...members.flatMap(({ member }) => member.takeWaiting()), ...(this.#held ?? nobody)]
    // Also what an earlier change waits for: one that left then may be at work still.
    const settled = Promise.all([this.#changing, ...members.map(({ member }) => member.settled())])
    const changing = settled.then(() => {
      // What was put back meanwhile, because its agent failed, is older than all that is held.
      this.#held?.unshift(...members.flatMap(({ member }) => member.takeWaiting()))
      if (this.#changing !== changing) return
      this.#changing = undefined
      // With nobody there it waits for the next member, or until it is given back.
      if (this.size === 0) return
      this.#handOutHeld()
    })
    this.#changing = changing
  }
}
