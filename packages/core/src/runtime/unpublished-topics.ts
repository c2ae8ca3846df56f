import { nearestName } from '../errors/nearest-name.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Topic } from '../messages/topic.js'
import { topicPattern } from '../messages/topic-pattern.js'
import type { SwarmAlert } from './swarm-options.js'

export type UnpublishedTopicsParts = {
  /** What agents and services declare that they publish, by name. */
  readonly declared: ReadonlyMap<string, Topic>
  /** Nobody publishes from outside. */
  readonly isClosed: boolean
  readonly warn: (alert: Omit<SwarmAlert, 'time'>) => void
}

/** Looks at what agents subscribe to, as a misspelt topic is heard for ever in silence. */
export type UnpublishedTopics = {
  /**
   * Called at a subscription of a group. Where nobody in the swarm declares what it hears, but something of nearly the same name, it is told:
   * by `TOPIC_UNKNOWN`, thrown, where nobody publishes from outside, and by an alert of that code where somebody may. Without anything near, it
   * may come from outside, or from an agent that this swarm does without.
   */
  subscribed(agent: string, group: string, heard: Topic | string): void
}

export function createUnpublishedTopics({ declared, isClosed, warn }: UnpublishedTopicsParts): UnpublishedTopics {
  const names = [...declared.keys()]
  /** Told before, by group and name: an agent that starts again, or its replica, subscribes to the same. */
  const told = new Set<string>()
  return {
    subscribed(agent, group, heard) {
      const name = typeof heard === 'string' ? heard : heard.name
      if (declared.has(name) || (typeof heard === 'string' && names.some(topicPattern(heard).matches))) return
      const nearest = nearestTopic(name, names)
      if (nearest === undefined) return
      const alert = unknownTopic(agent, name, nearest)
      if (isClosed) throw new SwarmError(alert)
      const key = `${name} ${group}`
      if (told.has(key)) return
      told.add(key)
      warn(alert)
    },
  }
}

function unknownTopic(agent: string, name: string, nearest: string): Omit<SwarmAlert, 'time'> {
  return {
    code: 'TOPIC_UNKNOWN',
    message: `${agent} subscribes to ${name}, which no agent or service of the swarm publishes: did you mean ${nearest}?`,
    context: { agent, topic: name },
  }
}

/** Each of its words must be near: by what they share, such as `order.`, topics of one subject would all be. */
function nearestTopic(name: string, names: readonly string[]): string | undefined {
  const words = name.split('.')
  const near = shapedLike(name, names).filter((other) => {
    const others = other.split('.')
    return others.length === words.length && words.every((word, place) => isNear(word, others[place] ?? ''))
  })
  return nearestName(name, near)
}

function isNear(word: string, other: string): boolean {
  return word === other || nearestName(word, [other]) !== undefined
}

/** The names that there are, as the pattern would be written that stands for each; for a name without `*` as they are. */
function shapedLike(pattern: string, names: readonly string[]): readonly string[] {
  const shape = pattern.split('.')
  if (!shape.some((word) => word.startsWith('*'))) return names
  const many = shape.indexOf('**')
  return names.flatMap((name) => {
    const words = name.split('.')
    // As many words as the pattern has, with those in the place of the first ** as one.
    const extra = words.length - shape.length
    if (extra < 0 || (extra > 0 && many < 0)) return []
    const merged = extra === 0 ? words : words.toSpliced(many, extra + 1, '**')
    return [merged.map((word, place) => (shape[place]?.startsWith('*') === true ? shape[place] : word)).join('.')]
  })
}
