import { SwarmError } from '../errors/swarm-error.js'
import type { Storage } from '../storage/storage.js'
import type { Consumers } from './consumers.js'
import type { JournalWriter } from './journal-writer.js'

export type ForgetConsumerParts = {
  readonly storage: Pick<Storage, 'journal'>
  readonly writer: Pick<JournalWriter, 'putCursor' | 'putKeyValue'>
  /** Absent in virtual time. */
  readonly consumers: Pick<Consumers, 'isOpen' | 'forget'> | undefined
  /** Called once, right before what is to be written is handed to the writer. */
  readonly begin: () => void
}

/**
 * Forgets where a consumer group stands, with the next commit: it holds no archiving back any more, and begins anew should it come again.
 * Throws `CONSUMER_RUNNING` for one of an agent of this swarm, and `CONSUMER_NOT_FOUND`.
 */
export async function forgetConsumer(name: string, parts: ForgetConsumerParts): Promise<void> {
  const { storage, writer, consumers, begin } = parts
  const cursors = await storage.journal.cursors()
  if (consumers?.isOpen(name) === true) throw running(name)
  if (!cursors.some(({ consumer }) => consumer === name)) {
    const idle = cursors.flatMap(({ consumer }) => (consumers?.isOpen(consumer) === true ? [] : [consumer]))
    throw notFound(name, idle)
  }
  begin()
  writer.putCursor({ consumer: name })
  for (const write of consumers?.forget(name) ?? []) writer.putKeyValue(write)
}

function running(name: string): SwarmError {
  return new SwarmError({
    code: 'CONSUMER_RUNNING',
    message: `consumer "${name}" belongs to an agent of this swarm: only one whose agent is gone for good can be forgotten; start the swarm without the agent first`,
    context: { consumer: name },
  })
}

function notFound(name: string, idle: readonly string[]): SwarmError {
  const there = idle.slice(0, 20).map((each) => `"${each}"`)
  return new SwarmError({
    code: 'CONSUMER_NOT_FOUND',
    message: `there is no consumer "${name}"; those without an agent are: ${there.join(', ') || 'none'}${idle.length > 20 ? ` and ${idle.length - 20} more` : ''}`,
    context: { consumer: name },
  })
}
