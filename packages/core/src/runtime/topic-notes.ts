import type { PayloadParser } from '../messages/payload-parser.js'
import type { PublishingTelemetry } from '../telemetry/publishing-telemetry.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Group, Subscriptions } from './subscriptions.js'

/** What the bus keeps of each topic that was published, looked up once for each message. */
export type TopicNotes = {
  readonly publishing: PublishingTelemetry | undefined
  /** Of the topic that was published last under the name. */
  parser: PayloadParser | undefined
  /** How what the journal holds of the messages of the publisher that was the last ends. */
  ending: { readonly publisher: string; readonly text: string } | undefined
  /** Those who hear it, as they are at the moment. */
  readonly groups: readonly Group[]
}

/** Returns what finds the notes on a topic by its name, or begins them. */
export function createTopicNotes(
  subscriptions: Subscriptions,
  telemetry: Telemetry | undefined,
): (topic: string) => TopicNotes {
  const all = new Map<string, TopicNotes>()
  let lastTopic: string | undefined
  let last: TopicNotes | undefined

  const notesOf = (topic: string): TopicNotes => {
    let notes = all.get(topic)
    if (notes === undefined) {
      notes = {
        publishing: telemetry?.publishing(topic),
        parser: undefined,
        ending: undefined,
        groups: subscriptions.groupsOf(topic),
      }
      all.set(topic, notes)
    }
    return notes
  }

  return (topic) => {
    // A handler may publish a hundred on one topic.
    if (last === undefined || topic !== lastTopic) {
      last = notesOf(topic)
      lastTopic = topic
    }
    return last
  }
}
