import type { PayloadInputOf, Topic } from '../messages/topic.js'
import type { RegistryQuery } from '../registry/registry.js'
import type { ArchiveJournalOptions, ArchiveJournalResult } from '../storage/archive-journal.js'
import type { JournalHead } from '../storage/journal.js'
import type { Storage } from '../storage/storage.js'
import type { SupervisorStatus } from '../supervision/supervision-status.js'
import type { AgentControl } from './agent-control.js'
import type { AgentStatus } from './agent-status.js'
import type { MessageOptions } from './bus.js'
import type { DeadLetterDesk } from './dead-letter-desk.js'
import type { OperatorAct } from './operator-act.js'
import type { RegisteredAgent } from './roster.js'

/** How a swarm is at the moment; `suspended` when its storage has failed. */
export type SwarmStatus = {
  readonly state: 'created' | 'running' | 'stopped' | 'suspended'
  readonly agents: readonly AgentStatus[]
  readonly messages: { readonly published: number; readonly requests: number; readonly requestFailures: number }
}

/** Where a consumer group is sent back to. */
export type ReplayOptions = {
  /** The agent, or its entry, whose subscriptions read again. */
  readonly agent: string
  /** Only its subscriptions to this topic. */
  readonly topic?: string
  /** The first journal entry to read again, from 1. */
  readonly from: number
}

/** A swarm of agents, as its operator handles it. */
export type Swarm = {
  /** Opens the storage, then starts services and agents. Throws `ALREADY_STARTED`, `AGENT_START_FAILED` or what the storage threw. */
  start(): Promise<void>
  /**
   * Lets the agents finish what waits for them, at most `drainTimeoutMs` long, stops them and the services, and closes the storage. A handler
   * that hangs meanwhile is not tried again: what is durable waits for the next start. Throws `JOURNAL_FAILED` when what was pending could not
   * be written.
   */
  stop(): Promise<void>
  /** Goes on after the storage failed and was mended: writes what could not be written, then resumes the agents. Throws what the storage throws. */
  resume(): Promise<void>
  status(): SwarmStatus
  /** The handlers and hooks of agents that have begun and not ended, in words: what a swarm waits for that does not go on. */
  awaited(): readonly string[]
  /** The supervisors and the restarts that they have made. */
  supervision(): SupervisorStatus
  /** By id or, when there is no such id, the first of a role. Throws `AGENT_NOT_FOUND`. */
  agent(idOrRole: string): AgentControl
  /** The agents that are there now and meet all conditions. */
  find(query: RegistryQuery): readonly RegisteredAgent[]
  /** Starts further replicas of an entry, or stops the last ones. Throws `AGENT_NOT_FOUND`, `INVALID_OPTION` or `AGENT_START_FAILED`. */
  scale(idOrRole: string, replicas: number): Promise<void>
  /**
   * Publishes from outside, as `operator`, on a topic that somebody in the swarm hears or declares. Throws `TOPIC_UNKNOWN`, `DUPLICATE_TOPIC`
   * for another topic of the same name, `INVALID_PAYLOAD`, `MAILBOX_FULL`, `SWARM_SUSPENDED`, or `JOURNAL_FAILED`: then the message may be
   * written yet.
   */
  publish<T extends Topic>(topic: T, payload: PayloadInputOf<T>, options?: MessageOptions): Promise<string>
  /** The messages that were given up. */
  readonly deadLetters: DeadLetterDesk
  /**
   * Lets subscriptions of an agent handle again what the journal holds for them from an entry on, once what waits for them is done. Throws
   * `AGENT_NOT_FOUND`, `NOT_SUBSCRIBED`, `INVALID_OPTION` or, where that entry was erased, `JOURNAL_ERASED`.
   */
  replay(options: ReplayOptions): Promise<void>
  /**
   * Journals an act of an operator's that is about to take effect, and resolves once that is durable: then it may. In virtual time that is at
   * the end of the instant, which is not waited for. What is done through this swarm and its agents is journalled already. Throws
   * `NOT_CANONICAL`, or `JOURNAL_FAILED` when the act is not to take effect.
   */
  noteOperatorAct(act: OperatorAct): Promise<void>
  /** Saves the agents' documents and commits all that is pending. */
  checkpoint(): Promise<void>
  /**
   * Moves old entries of the journal into blobs while the agents go on, a segment between two commits, up to what every consumer group
   * has acknowledged. What the storage throws is the caller's and suspends nothing: what was archived before stays so, and calling it
   * again goes on. One call at a time runs. Throws `INVALID_OPTION` and what `Storage.commit` throws.
   */
  archive(options: ArchiveJournalOptions): Promise<ArchiveJournalResult>
  /**
   * Forgets a consumer group whose agent was taken out of the swarm for good: it holds no archiving back any more. `consumer` is its name as
   * `heldBack` of {@link Swarm.archive} has it, topic and entry: `order.filled old-name`. Should the agent come again it begins anew. Throws
   * `CONSUMER_RUNNING` for one of an agent of this swarm, `CONSUMER_NOT_FOUND`, and what reading the storage throws.
   */
  forgetConsumer(consumer: string): Promise<void>
  /** The head of the journal with everything that is written or being written. */
  journalHead(): JournalHead
  /** The number that the next entry of the journal will have, after those too that wait for the next commit. */
  nextSequence(): number
  readonly storage: Storage
}
