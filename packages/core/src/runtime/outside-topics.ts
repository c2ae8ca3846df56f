import { SwarmError } from '../errors/swarm-error.js'
import type { Topic } from '../messages/topic.js'
import { assertTopic } from './permissions.js'
import type { Subscriptions } from './subscriptions.js'

/** Knows what may be published from outside: topics that somebody in the swarm declares or hears. */
export type OutsideTopics = {
  /**
   * Throws `INVALID_OPTION` for what is no topic, `DUPLICATE_TOPIC` for one that only has the name of one that there is, and, unless agents are
   * still to subscribe, `TOPIC_UNKNOWN` for one that nobody declares or hears.
   */
  assertKnown(topic: Topic, isStarting: boolean): void
}

export function createOutsideTopics(
  declared: ReadonlyMap<string, Topic>,
  subscriptions: Pick<Subscriptions, 'topicOf' | 'groupsOf'>,
): OutsideTopics {
  /** Looked at before, by name: one that is heard by a pattern alone is whichever came first. */
  const known = new Map<string, Topic>()
  return {
    assertKnown(topic, isStarting) {
      assertTopic(topic, 'operator')
      const { name } = topic
      const earlier = known.get(name)
      if (earlier === topic) return
      const theirs = [declared.get(name), subscriptions.topicOf(name)].filter((each) => each !== undefined)
      if (theirs.includes(topic)) {
        known.set(name, topic)
        return
      }
      if (theirs.length > 0 || earlier !== undefined) throw lookAlike(name)
      if (subscriptions.groupsOf(name).length > 0) known.set(name, topic)
      else if (!isStarting) throw unknown(name)
    },
  }
}

function lookAlike(name: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_TOPIC',
    message: `publish was given another topic of the name ${name} than the swarm's: import the one that its agents use (two installed copies of a package define everything twice)`,
    context: { topic: name },
  })
}

function unknown(name: string): SwarmError {
  return new SwarmError({
    code: 'TOPIC_UNKNOWN',
    message: `nobody in the swarm hears ${name} or declares it in its "publishes": is an agent missing, or is it another topic that is meant?`,
    context: { topic: name },
  })
}
