import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import { createBackoff } from '../resilience/backoff.js'
import { createStateStore } from '../state/state-store.js'
import { type ArchiveJournalOptions, type ArchiveJournalResult, archiveJournal } from '../storage/archive-journal.js'
import type { Storage, WriteBatch } from '../storage/storage.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import type { ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadlines } from '../time/deadlines.js'
import type { PlannedEntry } from './agent-entries.js'
import { type Bus, createBus } from './bus.js'
import { createCatchUp } from './catch-up.js'
import { type Consumers, createConsumers } from './consumers.js'
import { createHealthMonitor, type HealthMonitor } from './health-monitor.js'
import { createJournalWriter, type JournalWriter } from './journal-writer.js'
import { createOutsideTopics, type OutsideTopics } from './outside-topics.js'
import { createRequestRouter } from './request-router.js'
import { createRoster, type Roster } from './roster.js'
import type { Service } from './service.js'
import { createStorageWatch } from './storage-watch.js'
import { createSubscriptions, type Group } from './subscriptions.js'
import type { RaiseAlert } from './swarm-alerts.js'
import type { ResolvedSwarmOptions, SwarmOptions } from './swarm-options.js'
import { createUnpublishedTopics } from './unpublished-topics.js'

/** What a swarm consists of while it runs. */
export type RunningSwarm = {
  readonly storage: Storage
  readonly writer: JournalWriter
  readonly bus: Bus
  readonly outsideTopics: OutsideTopics
  readonly roster: Roster
  /** Absent in virtual time, as `deadlines`: there a run that ended is taken up by repeating it. */
  readonly consumers: Consumers | undefined
  readonly deadlines: Deadlines | undefined
  readonly monitor: HealthMonitor
  endTelemetry(): void
  /** Lets consumer groups that lag read what they have missed. */
  catchUp(): void
  saveStates(): void
  /** Moves old entries of the journal into blobs, each segment between two commits; `begin` is called before each of them. */
  archive(options: ArchiveJournalOptions, begin: () => void): Promise<ArchiveJournalResult>
  /** Sends the consumer groups of an entry back to a journal entry. Throws `INVALID_OPTION`, `NOT_SUBSCRIBED` or what reading that entry throws before `begin` is called. */
  rewind(where: RewindOptions, begin: () => Promise<void> | undefined): Promise<void>
}

export type RewindOptions = { readonly group: string; readonly topic: string | undefined; readonly from: number }

export type OpenSwarmParts = {
  readonly options: SwarmOptions
  readonly resolved: ResolvedSwarmOptions
  readonly entries: readonly PlannedEntry[]
  readonly suspend: (error: unknown) => void
  readonly alert: RaiseAlert
}

/** So often a request is tried before its error is the caller's. */
const maximumAttempts = 5
/** What was acknowledged without any other effect is written at the latest after this long. */
const acknowledgeWithinMs = 50
/** The waits before a commit that found the storage busy is tried again: some 0.8 s in all. */
const busyBackoff = { firstMs: 25, maximumMs: 400 }
/** How often a rewind looks whether what waits is done. */
const drainPollMs = 5

/** Opens the storage and puts together what runs on it. The storage is closed again when anything throws. */
export async function openSwarm(parts: OpenSwarmParts): Promise<RunningSwarm> {
  const { options, resolved, entries, alert } = parts
  const { dispatcher, random, logger, ids } = resolved.runtime
  const storage = await options.storage.open({ clock: dispatcher })
  try {
    const states = createStateStore({
      clock: dispatcher,
      onConflict: (agent, { key, reason }) =>
        logger.warn('two writers of a document could not be reconciled: see its conflicts', {
          agent,
          document: key,
          reason,
        }),
    })
    const elapsed = dispatcher.elapsed === undefined ? () => dispatcher.now() : dispatcher.elapsed
    // In virtual time nothing takes long.
    const telemetry =
      dispatcher.virtual || resolved.telemetry === undefined ? undefined : createTelemetry(resolved.telemetry)
    const start = await storage.journal.head()
    const deadlines = dispatcher.virtual ? undefined : createDeadlines(dispatcher)
    let isDue = false
    const writeSoon = (): void => {
      if (isDue) return
      isDue = true
      deadlines?.set(acknowledgeWithinMs, () => {
        isDue = false
        if (writer.isSound()) writer.flush().catch(() => undefined)
      })
    }
    const consumers = dispatcher.virtual ? undefined : createConsumers(() => writer.durableSequence(), writeSoon)
    const waitsWhileBusy = createBackoff(busyBackoff)
    const busyRandom = random.fork('busy storage')
    const writer: JournalWriter = createJournalWriter({
      storage,
      start,
      virtual: dispatcher.virtual,
      now: () => dispatcher.now(),
      onFailure: parts.suspend,
      ...(telemetry === undefined ? {} : { elapsed, onCommit: (ms: number) => telemetry.committed(ms) }),
      // In virtual time the bus delivers at once, as the whole instant is committed together.
      ...(dispatcher.virtual ? {} : { onDurable: (messages: readonly Message[]) => bus.deliverAll(messages) }),
      // Virtual time stands still until the commit is done.
      waitWhileBusy: dispatcher.virtual
        ? undefined
        : (failures) => sleep(dispatcher, waitsWhileBusy.delayMs(failures, busyRandom)),
      nextTurn: dispatcher.virtual || dispatcher.soon === undefined ? undefined : (turn) => dispatcher.soon?.(turn),
      ...(consumers === undefined
        ? {}
        : { contribute: (batch) => consumers.contribute(batch), hasContribution: () => consumers.hasChanges() }),
    })
    await states.load(storage.keyValue)
    await consumers?.load(storage)
    const subscriptions = createSubscriptions({
      consumerOf: (name) => consumers?.open(name, start.sequence),
      virtual: dispatcher.virtual,
    })
    const { middleware } = resolved
    const requests = createRequestRouter(
      {
        deadlines,
        timers: dispatcher,
        backoff: createBackoff({ firstMs: 25, maximumMs: 400 }),
        random: random.fork('requests'),
        maximumAttempts,
        elapsed,
        telemetry,
      },
      middleware.requesting,
    )
    const bus: Bus = createBus({
      dispatcher,
      ids,
      writer: () => writer,
      subscriptions,
      requests,
      telemetry,
      elapsed: telemetry === undefined ? () => 0 : elapsed,
      around: middleware.publishing,
      isJournalled: (id) => isJournalled(storage, id),
      onUnheard: (error, topic, publisher) =>
        logger.error('a message was refused, and its publisher does not wait for it', {
          topic,
          publisher,
          error: messageOf(error),
        }),
    })
    const topics = declaredTopics(entries, options.services ?? [])
    const readOn = createCatchUp({
      journal: storage.journal,
      writer,
      subscriptions,
      dispatcher,
      topicOf: (name) => topics.get(name) ?? subscriptions.topicOf(name),
      onFailure: parts.suspend,
    })
    let isOpen = false
    const roster = createRoster({
      entries,
      supervisor: resolved.supervisor,
      runtime: resolved.runtime,
      leaseMs: resolved.leaseMs,
      alert,
      scope: {
        bus,
        dispatcher,
        writer,
        states,
        deadlines,
        random,
        logger,
        elapsed,
        telemetry,
        middleware,
        unpublishedTopics: createUnpublishedTopics({
          declared: topics,
          isClosed: resolved.runtime.isClosed === true,
          warn: (what) => alert(what, 'warn'),
        }),
        backoff: createBackoff(options.retryBackoff),
        handlerTimeoutMs: resolved.handlerTimeoutMs,
        maximumTries: resolved.maximumTries,
        catchUp: () => {
          if (isOpen) readOn()
        },
      },
    })
    const stopObserving = telemetry?.observeMailboxes((report) => {
      for (const [group, depth] of depthsByGroup(roster)) report(group, depth)
    })
    if ('onInstantEnd' in dispatcher) dispatcher.onInstantEnd(() => writer.flush())
    return {
      storage,
      writer,
      bus,
      outsideTopics: createOutsideTopics(topics, subscriptions),
      roster,
      consumers,
      deadlines,
      monitor: createHealthMonitor({
        roster,
        dispatcher,
        healthCheckMs: resolved.healthCheckMs,
        leaseMs: resolved.leaseMs,
        watchStorage: createStorageWatch({ writer, dispatcher, alert }),
      }),
      endTelemetry: () => stopObserving?.(),
      catchUp() {
        isOpen = true
        readOn()
      },
      saveStates() {
        for (const write of states.takeUnsaved()) writer.putKeyValue(write)
      },
      async archive(archiveOptions, begin) {
        // What every group has acknowledged by now, the idle ones too: else those would hold back what nobody needs.
        consumers?.touchAll()
        await writer.flush()
        const commit = async (batch: WriteBatch): Promise<void> => {
          begin()
          await writer.commitApart(batch)
        }
        return archiveJournal({ journal: storage.journal, commit }, archiveOptions)
      },
      async rewind(where, begin) {
        const groups = groupsToRewind([...subscriptions.all()], where, writer.nextSequence() - 1)
        // What was erased cannot be read again: whoever asks for it is told before anything has changed.
        for await (const _ of storage.journal.read({ from: where.from, to: where.from }));
        const begun = begin()
        // Whatever is published from now on is read in its turn.
        leaveToReading(groups)
        if (begun !== undefined) {
          await begun
          leaveToReading(groups)
        }
        for (const { consumer } of groups) {
          while (consumer !== undefined && consumer.outstanding > 0) await sleep(dispatcher, drainPollMs)
          consumer?.rewind(where.from)
        }
        readOn()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** An id stays taken when its entry is archived, and when the archive was erased. */
async function isJournalled({ journal }: Storage, id: string): Promise<boolean> {
  try {
    return (await journal.get(id)) !== undefined
  } catch (error) {
    if (SwarmError.isInstance(error, 'JOURNAL_ERASED')) return true
    throw error
  }
}

function sleep(timers: ClockAndTimers, ms: number): Promise<void> {
  return new Promise((resolve) => void timers.at(timers.now() + ms, resolve))
}

function leaveToReading(groups: readonly Group[]): void {
  for (const { consumer } of groups) if (consumer !== undefined) consumer.live = false
}

function depthsByGroup({ instances }: Roster): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  for (const instance of instances.values())
    depths.set(instance.group, (depths.get(instance.group) ?? 0) + instance.status().mailboxDepth)
  return depths
}

function groupsToRewind(groups: readonly Group[], { group, topic, from }: RewindOptions, head: number): Group[] {
  if (!Number.isInteger(from) || from < 1 || from > head + 1) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `replay: from is ${from}; it must be the number of a journal entry, 1 to ${head + 1}`,
      context: { from },
    })
  }
  const found = groups.filter(({ name, consumer }) => {
    const [heard = '', owner = ''] = name.split(/[ #]/)
    return consumer !== undefined && owner === group && (topic === undefined || heard === topic)
  })
  if (found.length > 0) return found
  throw new SwarmError({
    code: 'NOT_SUBSCRIBED',
    message: `replay: ${group} has no durable subscription${topic === undefined ? '' : ` to ${topic}`}; there are: ${groups
      .map(({ name }) => name)
      .slice(0, 20)
      .join(', ')}`,
    context: { agent: group, ...(topic === undefined ? {} : { topic }) },
  })
}

function declaredTopics(entries: readonly PlannedEntry[], services: readonly Service[]): ReadonlyMap<string, Topic> {
  const publishers = [...entries.map(({ declaration }) => declaration), ...services]
  return new Map(publishers.flatMap(({ publishes }) => (publishes ?? []).map((topic) => [topic.name, topic] as const)))
}
