import { messageOf } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import type { AgentLifecycle, HandlerContext } from './agent-types.js'
import type { Dispatcher } from './dispatcher.js'
import type { HandlerAttempts } from './handler-attempts.js'
import type { JournalWriter } from './journal-writer.js'

/** What an agent hears, and what it does then. */
export type Subscription = {
  readonly topic: Topic
  readonly group: string
  readonly handler: (payload: unknown, context: HandlerContext) => unknown
}

export type MailboxCounts = { handled: number; failed: number; deadLetters: number }

export type AgentMailboxOptions = {
  readonly id: string
  readonly dispatcher: Dispatcher
  readonly writer: JournalWriter
  readonly logger: Logger
  readonly maximumTries: number
  readonly attempts: HandlerAttempts
  readonly counts: MailboxCounts
  readonly lifecycle: () => AgentLifecycle
  /** Looked up when a message's turn comes: the agent may have been restarted while the message waited. */
  readonly subscription: (name: string) => Subscription | undefined
}

/** The messages of one agent on their way to its handlers: tried, tried again, given up. */
export type AgentMailbox = {
  /** Puts a message at the end of what waits for a subscription. Never throws. */
  accept(subscription: string, message: Message): void
}

const retryBackoffMs = 50

export function createAgentMailbox(options: AgentMailboxOptions): AgentMailbox {
  const { id, dispatcher, writer, logger, maximumTries, attempts, counts, lifecycle } = options

  const enqueue = (name: string, message: Message, tries: number, again: boolean): void => {
    dispatcher.enqueue({
      owner: id,
      key: `${name} ${message.key}`,
      priority: message.priority,
      again,
      run: () => deliver(name, message, tries),
    })
  }

  const deliver = async (name: string, message: Message, firstTry: number): Promise<void> => {
    for (let tries = firstTry; ; tries += 1) {
      const state = lifecycle()
      if (state === 'stopped') return
      // Paused, failed or being restarted: back to the head of the mailbox, which is held until the agent runs.
      if (state !== 'running' && state !== 'draining') return enqueue(name, message, tries, true)
      const subscription = options.subscription(name)
      if (subscription === undefined)
        return deadLetter(message, new Error('the agent no longer subscribes to the topic'))
      const durable = subscription.topic.delivery === 'durable'
      try {
        await attempts.run(
          { message, caller: undefined, correlationId: message.correlationId, causationId: message.id, durable },
          (context) => subscription.handler(message.payload, context),
        )
        counts.handled += 1
        return
      } catch (error) {
        // It was not the message's fault: it waits, as does everything, until the storage is mended.
        if (!writer.isSound()) return enqueue(name, message, tries, true)
        counts.failed += 1
        logger.warn('a handler failed', {
          agent: id,
          topic: message.topic,
          messageId: message.id,
          tries,
          error: messageOf(error),
        })
        if (tries >= maximumTries) return deadLetter(message, error)
        if (!dispatcher.virtual) await backOff(dispatcher, tries)
      }
    }
  }

  const deadLetter = async (message: Message, error: unknown): Promise<void> => {
    counts.deadLetters += 1
    logger.error('a message was given up', {
      agent: id,
      topic: message.topic,
      messageId: message.id,
      error: messageOf(error),
    })
    try {
      writer.putRecord('dead-letters', {
        id: `${message.id} ${id}`,
        time: message.time,
        tags: { agent: id, topic: message.topic },
        text: JSON.stringify({ message, error: messageOf(error) }),
      })
      if (!dispatcher.virtual) await writer.flush()
    } catch (writeError) {
      logger.error('a dead letter could not be kept', {
        agent: id,
        messageId: message.id,
        error: messageOf(writeError),
      })
    }
  }

  return {
    accept(name, message) {
      try {
        enqueue(name, message, 1, false)
      } catch (error) {
        // The bus made sure of room before it journalled; the mailbox has filled up since then.
        void deadLetter(message, error)
      }
    },
  }
}

function backOff(dispatcher: Dispatcher, tries: number): Promise<void> {
  return new Promise((resolve) => void dispatcher.at(dispatcher.now() + retryBackoffMs * 2 ** (tries - 1), resolve))
}
