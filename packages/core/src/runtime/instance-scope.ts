import type { Logger } from '../logging/logger.js'
import type { Random } from '../random/random.js'
import type { Registration, RegistryQuery } from '../registry/registry.js'
import type { Backoff } from '../resilience/backoff.js'
import type { DocumentRules } from '../state/define-document.js'
import type { StateStore } from '../state/state-store.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Deadlines } from '../time/deadlines.js'
import type { DeclaredAgent } from './agent-entries.js'
import type { AgentInstance } from './agent-instance.js'
import type { AgentClass } from './agent-types.js'
import type { Bus } from './bus.js'
import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import type { MiddlewareChain } from './middleware-chain.js'
import type { UnpublishedTopics } from './unpublished-topics.js'

/** What all agents of a swarm share. */
export type InstanceScope = {
  readonly bus: Bus
  readonly dispatcher: Dispatcher
  readonly writer: JournalWriter
  readonly states: StateStore
  /** Absent in virtual time. */
  readonly deadlines: Deadlines | undefined
  readonly random: Random
  readonly logger: Logger
  /** Milliseconds on a clock that never goes back. */
  readonly elapsed: () => number
  /** Waits between the tries of a message. */
  readonly backoff: Backoff
  /** A handler that still waits for something after this long hangs, in real time; the time in which it waits for answers to requests does not count. */
  readonly handlerTimeoutMs: number
  /** How often a message is tried before it is dead-lettered. */
  readonly maximumTries: number
  /** Absent in virtual time, and where it is switched off. */
  readonly telemetry: Telemetry | undefined
  /** Told when an agent has failed and is to be started again. */
  readonly onFailed: (id: string, error: unknown) => void
  /** Told when an agent has started, and when it is gone or about to be. */
  readonly onPresence: (instance: AgentInstance, isPresent: boolean) => void
  readonly discover: (query: RegistryQuery) => readonly Registration[]
  readonly middleware: MiddlewareChain
  readonly unpublishedTopics: UnpublishedTopics
  /** Lets consumer groups that lag read from the journal what was published meanwhile. */
  readonly catchUp: () => void
}

export type InstanceParts = {
  readonly id: string
  /** Replicas of one entry share its consumer groups. */
  readonly group: string
  readonly agentClass: AgentClass
  /** What the class said of itself when the swarm was made. */
  readonly declaration: DeclaredAgent
  /** Parsed already. */
  readonly config: unknown
  /** How its documents are kept, where it has declared some. */
  readonly documents: DocumentRules | undefined
}
