import { EventEmitter } from 'eventemitter3'
import type { Message } from '../messages/message.js'

/** One handler of one agent instance. */
export type Member = {
  readonly instance: string
  /** Must not throw. */
  accept(message: Message): void
}

type Group = { readonly members: Member[] }

/** Who hears what: each consumer group hears each message once, and one key always goes to the same replica. */
export type Subscriptions = {
  /** Adds a member to a group of a topic; one that is there already under the instance's name is replaced. */
  add(topic: string, group: string, member: Member): void
  remove(topic: string, group: string, instance: string): void
  removeInstance(instance: string): void
  /** The members that would be given the message, one of each group. */
  recipients(message: Message): readonly Member[]
  deliver(message: Message): void
}

export function createSubscriptions(): Subscriptions {
  const emitter = new EventEmitter<Record<string, [Message]>>()
  const groups = new Map<string, Group>()
  const groupsByTopic = new Map<string, Group[]>()
  return {
    add(topic, groupName, member) {
      const name = `${topic} ${groupName}`
      const existing = groups.get(name)
      if (existing) {
        dropMember(existing, member.instance)
        existing.members.push(member)
        existing.members.sort((a, b) => (a.instance < b.instance ? -1 : 1))
        return
      }
      const group: Group = { members: [member] }
      groups.set(name, group)
      const ofTopic = groupsByTopic.get(topic)
      if (ofTopic) ofTopic.push(group)
      else groupsByTopic.set(topic, [group])
      emitter.on(topic, (message) => memberFor(group, message.key)?.accept(message))
    },
    remove(topic, groupName, instance) {
      const group = groups.get(`${topic} ${groupName}`)
      if (group) dropMember(group, instance)
    },
    removeInstance(instance) {
      for (const group of groups.values()) dropMember(group, instance)
    },
    recipients(message) {
      const found: Member[] = []
      for (const group of groupsByTopic.get(message.topic) ?? []) {
        const member = memberFor(group, message.key)
        if (member) found.push(member)
      }
      return found
    },
    deliver: (message) => void emitter.emit(message.topic, message),
  }
}

function dropMember(group: Group, instance: string): void {
  const index = group.members.findIndex((member) => member.instance === instance)
  if (index >= 0) group.members.splice(index, 1)
}

function memberFor(group: Group, key: string): Member | undefined {
  if (group.members.length <= 1) return group.members[0]
  let hash = 0
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0
  return group.members[hash % group.members.length]
}
