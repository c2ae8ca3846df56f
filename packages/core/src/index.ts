// Collections of ids
export { IdIndex } from './collections/id-index.js'
export { IdQueue } from './collections/id-queue.js'
export { canonicalJson } from './encoding/canonical-json.js'
// Signing keys
export {
  createBase64HmacSigner,
  createHmacSigner,
  equalInConstantTime,
  type HmacSigner,
} from './encoding/hmac-sha256.js'
export { sha256Hex } from './encoding/sha256.js'
export { assertKnownOptions } from './errors/known-options.js'
export { nearestName } from './errors/nearest-name.js'
export { shown } from './errors/shown.js'
export { messageOf, type Retryability, SwarmError, type SwarmErrorOptions } from './errors/swarm-error.js'
export type { Ids } from './ids/ids.js'
export { createSequentialIds } from './ids/sequential-ids.js'
export { createSystemIds } from './ids/system-ids.js'
export { createJsonLogger, type JsonLoggerOptions } from './logging/json-logger.js'
export type { LogFields, Logger, LogLevel } from './logging/logger.js'
export { createPinoLogger, type PinoLike } from './logging/pino-logger.js'
export { createRedactor, type Redactor, type RedactorOptions } from './logging/redactor.js'
export { createSecretMask, type MaskedData, type SecretMask } from './logging/secret-mask.js'
export { createSilentLogger } from './logging/silent-logger.js'
export { type ConsoleJsonLoggerOptions, createConsoleJsonLogger } from './logging/system-console-logger.js'
export { withRedaction } from './logging/with-redaction.js'
export type { Message } from './messages/message.js'
export { defineRequest, type Request, type RequestOptions } from './messages/request.js'
export {
  type Delivery,
  defineTopic,
  type Overflow,
  type PayloadInputOf,
  type PayloadOf,
  type Topic,
  type TopicOptions,
} from './messages/topic.js'
export { describeIssues, validate } from './messages/validate.js'
export type { Random } from './random/random.js'
export { createSeededRandom } from './random/seeded-random.js'
export { createSystemRandom } from './random/system-random.js'
export { createSystemSecret } from './random/system-secret.js'
export { createConsistentHash } from './registry/consistent-hash.js'
export { type FailoverOrder, failoverOrder } from './registry/failover-order.js'
export { createLeastLoaded } from './registry/least-loaded.js'
export { createPowerOfTwoChoices } from './registry/power-of-two-choices.js'
export {
  createRegistry,
  type Registration,
  type Registry,
  type RegistryChange,
  type RegistryOptions,
  type RegistryQuery,
} from './registry/registry.js'
export { createRoundRobin } from './registry/round-robin.js'
export { type Candidate, type Selection, type SelectionName, selectionByName } from './registry/selection.js'
export { type Backoff, type BackoffOptions, createBackoff } from './resilience/backoff.js'
export {
  Bulkhead,
  type BulkheadCounters,
  type BulkheadEvent,
  type BulkheadOptions,
} from './resilience/bulkhead.js'
export { type BulkheadPolicy, createBulkhead } from './resilience/bulkhead-policy.js'
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitCounters,
  type CircuitEvent,
  type CircuitState,
  speaksAgainstCallee,
} from './resilience/circuit-breaker.js'
export {
  type CircuitBreakerPolicy,
  type CircuitBreakerPolicyOptions,
  createCircuitBreaker,
} from './resilience/circuit-breaker-policy.js'
export { combine } from './resilience/combine.js'
export { createFallback, type FallbackEvent, type FallbackOptions } from './resilience/fallback.js'
export { createHedge, type HedgeEvent, type HedgeOptions } from './resilience/hedge.js'
export {
  createOutboundLimiter,
  type OutboundLimiter,
  type OutboundLimiterOptions,
} from './resilience/outbound-limiter.js'
export type { Policy, PolicyContext, PolicyFunction } from './resilience/policy.js'
export {
  RateLimiter,
  type RateLimiterCounters,
  type RateLimiterEvent,
  type RateLimiterOptions,
  sharedLane,
} from './resilience/rate-limiter.js'
export { createRateLimiter, type RateLimiterPolicy } from './resilience/rate-limiter-policy.js'
export { createRetry, type RetryEvent, type RetryOptions } from './resilience/retry.js'
export { createTimeout, type TimeoutEvent, type TimeoutOptions } from './resilience/timeout.js'
export { Agent } from './runtime/agent.js'
export type { AgentControl } from './runtime/agent-control.js'
export type { AgentEntry } from './runtime/agent-entries.js'
export type { AgentStatus } from './runtime/agent-status.js'
export type {
  AgentClass,
  AgentDeclaration,
  AgentLifecycle,
  CallOptions,
  ContextPublishOptions,
  HandlerContext,
  Health,
  PatternHandler,
  RequestHandler,
  SubscribeOptions,
  TimerHandler,
  TopicHandler,
} from './runtime/agent-types.js'
export type { MessageOptions } from './runtime/bus.js'
export { createConcurrentDispatcher } from './runtime/concurrent-dispatcher.js'
export { createSwarm } from './runtime/create-swarm.js'
export type { DeadLetter } from './runtime/dead-letter.js'
export type { DeadLetterDesk, DeadLetterQuery } from './runtime/dead-letter-desk.js'
export {
  defineMiddleware,
  type HandlingInfo,
  type Middleware,
  type PublishingInfo,
  type RequestingInfo,
} from './runtime/define-middleware.js'
export type { Dispatcher } from './runtime/dispatcher.js'
export type { JournalDraft } from './runtime/journal-draft.js'
export { type OperatorAct, operatorActKind, operatorActLeftUndone } from './runtime/operator-act.js'
export { modelCallKind, type RecordedRun } from './runtime/recorded-run.js'
export type { RegisteredAgent } from './runtime/roster.js'
export type { PublishOptions, Service, ServiceCall, ServiceHost } from './runtime/service.js'
export type { ReplayOptions, Swarm, SwarmStatus } from './runtime/swarm.js'
export type { SwarmAlert, SwarmMember, SwarmOptions, SwarmRuntime } from './runtime/swarm-options.js'
export { createVirtualDispatcher, type VirtualDispatcher } from './runtime/virtual-dispatcher.js'
export {
  type CollidingValues,
  type CustomMerge,
  type DocumentDeclaration,
  type DocumentDeclarations,
  type DocumentOptions,
  defineDocument,
  type MergeStrategy,
} from './state/define-document.js'
export type { StateConflict, StateVersion } from './state/document-versions.js'
export {
  compareStamps,
  createHybridLogicalClock,
  encodeStamp,
  type HybridLogicalClock,
  type HybridLogicalClockOptions,
  type HybridStamp,
  parseStamp,
} from './state/hybrid-logical-clock.js'
export { type MergeConflict, mergeConflict } from './state/merge-conflict.js'
export { applyStateDiff, diffState, type StateChange } from './state/state-diff.js'
export type { SnapshotDocument, StateSnapshot } from './state/state-snapshot.js'
export type { AgentState } from './state/transaction.js'
export type { ArchivedStorage } from './storage/archive-journal.js'
export {
  type ArchiveJournalOptions,
  type ArchiveJournalResult,
  archiveJournal,
  eraseArchived,
} from './storage/archive-journal.js'
export type { BlobStore } from './storage/blob-store.js'
export { chainEntries, chainEntry, type JournalBlock, journalBlockOf } from './storage/chain-entries.js'
export { checkWriteBatch, type WriteBatchCheckOptions } from './storage/check-write-batch.js'
export { isBatchWritten } from './storage/is-batch-written.js'
export type { JournalCursor, JournalSegment, JournalSegmentOptions } from './storage/journal.js'
export {
  blockHash,
  chainHash,
  type EntryDraft,
  emptyJournalHead,
  type Journal,
  type JournalEntry,
  type JournalHead,
  type JournalReadOptions,
  maximumBlockEntries,
} from './storage/journal.js'
export { segmentEntries, segmentText } from './storage/journal-archive.js'
export type { KeyValueEntry, KeyValueListOptions, KeyValueStore } from './storage/key-value-store.js'
export type { QueryOptions, QueryRecord, QueryStore } from './storage/query-store.js'
export { archivedEntry, type JournalPage, type JournalSource, readJournal } from './storage/read-journal.js'
export {
  type ResolvedJournalRead,
  type ResolvedList,
  type ResolvedQuery,
  type ResolvedSegments,
  resolveJournalRead,
  resolveList,
  resolveQuery,
  resolveSegments,
  resolveWhere,
} from './storage/resolve-read-options.js'
export type { CursorWrite, KeyValueWrite, Storage, StorageDefinition, WriteBatch } from './storage/storage.js'
export {
  archiveConflict,
  duplicateJournalId,
  journalErased,
  revisionConflict,
  storageClosed,
  storageCorrupt,
} from './storage/storage-errors.js'
export { type JournalVerification, verifyJournal } from './storage/verify-journal.js'
export { wellFormed } from './storage/well-formed.js'
export {
  defineSupervisor,
  type OnExceeded,
  type RestartIntensity,
  type RestartStrategy,
  type SupervisedBy,
  type SupervisorDefinition,
  type SupervisorOptions,
} from './supervision/define-supervisor.js'
export type { ChildStatus, SupervisedState, SupervisorStatus } from './supervision/supervision-status.js'
export type { HandlingTelemetry } from './telemetry/handling-telemetry.js'
export type { DepthObserver, ReportDepth } from './telemetry/instruments.js'
export { LatencyHistogram, type LatencySummary } from './telemetry/latency-histogram.js'
export type { OperationTelemetry, TracedIds } from './telemetry/operation-telemetry.js'
export type { PublishingTelemetry } from './telemetry/publishing-telemetry.js'
export type { AgentLabels } from './telemetry/semantic-attributes.js'
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/telemetry.js'
export type { Cancel, Clock, ClockAndTimers, EpochMs, Priority, Timers } from './time/clock.js'
export { createDeadlines, type Deadline, type Deadlines } from './time/deadlines.js'
export { type Duration, durationMs } from './time/duration.js'
export { createSystemClock } from './time/system-clock.js'
export { createTimerDeadlines } from './time/timer-deadlines.js'
