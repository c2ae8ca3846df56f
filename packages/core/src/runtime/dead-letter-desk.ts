import { SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import type { Message } from '../messages/message.js'
import type { Storage } from '../storage/storage.js'
import type { Bus } from './bus.js'
import { type DeadLetter, deadLetters, parseDeadLetter, recordOf } from './dead-letter.js'
import type { Dispatcher } from './dispatcher.js'
import { journalTextOf } from './journal-text.js'
import type { JournalWriter } from './journal-writer.js'

/** Which dead letters to list. */
export type DeadLetterQuery = {
  readonly agent?: string
  readonly topic?: string
  /** Default `dead`: those that nobody has dealt with. */
  readonly status?: DeadLetter['status']
  /** Only those after this one, for paging. */
  readonly after?: { readonly time: number; readonly id: string }
  /** At most so many; default 1,000. */
  readonly limit?: number
}

/** The messages that were given up, for an operator to look at and decide. */
export type DeadLetterDesk = {
  /** In order of time and id. */
  list(query?: DeadLetterQuery): Promise<readonly DeadLetter[]>
  get(id: string): Promise<DeadLetter | undefined>
  /**
   * Publishes it again, for the group that gave it up alone: as a new message whose cause is the old one. Resolves to its id. Throws
   * `DEAD_LETTER_NOT_FOUND`, or `DEAD_LETTER_SETTLED` for one that was requeued or discarded before.
   */
  requeue(id: string): Promise<string>
  /** Marks it as dealt with. Throws as `requeue` does. */
  discard(id: string): Promise<void>
}

export type DeadLetterDeskParts = {
  readonly storage: () => Storage
  readonly writer: () => JournalWriter
  readonly bus: () => Bus
  readonly dispatcher: Dispatcher
  readonly ids: Ids
  readonly note: (act: 'requeue-dead-letter' | 'discard-dead-letter', id: string) => void
}

export function createDeadLetterDesk(parts: DeadLetterDeskParts): DeadLetterDesk {
  const underWay = new Set<string>()
  const read = async (id: string): Promise<DeadLetter> => {
    // What was given up a moment ago may wait to be written still.
    await parts.writer().flush()
    const record = await parts.storage().records.get(deadLetters, id)
    if (record === undefined) {
      throw new SwarmError({
        code: 'DEAD_LETTER_NOT_FOUND',
        message: `there is no dead letter "${id}": list() tells those that there are`,
        context: { id },
      })
    }
    const letter = parseDeadLetter(record)
    if (letter.status !== 'dead') throw settledAlready(id, letter.status)
    return letter
  }

  /** What one operator is about to do with a dead letter is not done by another at the same time. */
  const settle = async <Result>(id: string, act: (letter: DeadLetter) => Promise<Result>): Promise<Result> => {
    if (underWay.has(id)) throw settledAlready(id, 'requeued or discarded')
    underWay.add(id)
    try {
      return await act(await read(id))
    } finally {
      underWay.delete(id)
    }
  }

  const requeue = async (letter: DeadLetter): Promise<string> => {
    const message: Message = {
      ...letter.message,
      id: parts.ids.next('message'),
      time: parts.dispatcher.now(),
      causationId: letter.message.id,
      // Its time has passed once already; whoever requeues it wants it handled.
      expiresAt: undefined,
      sequence: undefined,
      traceparent: undefined,
      group: letter.group,
    }
    const bus = parts.bus()
    const outgoing = {
      message,
      journalText: journalTextOf(message),
      hasOwnId: false,
      notes: bus.notesOf(message.topic),
    }
    // Whoever waited for room looks again before it is taken.
    for (let room = bus.admit([outgoing]); room !== undefined; ) room = bus.admit([outgoing], await room)
    parts.note('requeue-dead-letter', letter.id)
    parts.writer().putRecord(deadLetters, recordOf({ ...letter, status: 'requeued' }))
    bus.dispatch([outgoing], true)
    if (!parts.dispatcher.virtual) await parts.writer().flush()
    return message.id
  }

  return {
    async list({ agent, topic, status = 'dead', after, limit } = {}) {
      await parts.writer().flush()
      const where = { status, ...(agent === undefined ? {} : { agent }), ...(topic === undefined ? {} : { topic }) }
      const records = await parts.storage().records.query(deadLetters, {
        where,
        ...(after === undefined ? {} : { after }),
        ...(limit === undefined ? {} : { limit }),
      })
      return records.map(parseDeadLetter)
    },
    async get(id) {
      await parts.writer().flush()
      const record = await parts.storage().records.get(deadLetters, id)
      return record === undefined ? undefined : parseDeadLetter(record)
    },
    requeue: (id) => settle(id, requeue),
    discard: (id) =>
      settle(id, async (letter) => {
        parts.note('discard-dead-letter', id)
        parts.writer().putRecord(deadLetters, recordOf({ ...letter, status: 'discarded' }))
        if (!parts.dispatcher.virtual) await parts.writer().flush()
      }),
  }
}

function settledAlready(id: string, status: string): SwarmError {
  return new SwarmError({
    code: 'DEAD_LETTER_SETTLED',
    message: `dead letter "${id}" was ${status} already`,
    context: { id, status },
  })
}
