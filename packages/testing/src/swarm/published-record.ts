import type { Message, PayloadOf, Topic } from '@tradeswarm/core'

/** The messages that a swarm has published, each once, however often it was delivered. */
export type PublishedRecord = {
  add(message: Message): void
  of<T extends Topic>(topic: T): readonly Message<PayloadOf<T>>[]
}

export function createPublishedRecord(): PublishedRecord {
  const byTopic = new Map<string, Map<string, Message>>()
  return {
    add(message) {
      const known = byTopic.get(message.topic)
      if (known === undefined) byTopic.set(message.topic, new Map([[message.id, message]]))
      else if (!known.has(message.id)) known.set(message.id, message)
    },
    of: <T extends Topic>({ name }: T) => [...(byTopic.get(name)?.values() ?? [])] as Message<PayloadOf<T>>[],
  }
}
