import { assertKnownOptions } from '../errors/known-options.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import { createAgentControl } from './agent-control.js'
import { planEntries } from './agent-entries.js'
import type { MessageOptions } from './bus.js'
import { createDeadLetterDesk } from './dead-letter-desk.js'
import { forgetConsumer } from './forget-consumer.js'
import { type OperatorAct, operatorActKind, operatorActLeftUndone } from './operator-act.js'
import { refuse, unheeded } from './refusal.js'
import { openSwarm, type RunningSwarm } from './running-swarm.js'
import { createServiceHost } from './service-host.js'
import { stopSwarm } from './stop-swarm.js'
import type { Swarm, SwarmStatus } from './swarm.js'
import { createAlerts } from './swarm-alerts.js'
import { resolveSwarmOptions, type SwarmOptions } from './swarm-options.js'

/**
 * Makes a swarm of agents that share a bus, a journal and a clock. Nothing is opened before `start()`. Throws `INVALID_ROLE`,
 * `INVALID_CONFIG`, `INVALID_OPTION`, `DUPLICATE_AGENT`, `DUPLICATE_SUPERVISOR`, or, of what agents declare: `DUPLICATE_RESPONDER`,
 * `DUPLICATE_TOPIC`, `DUPLICATE_REQUEST`, `DUPLICATE_ROLE`, `TOPIC_RESERVED`, `PUBLISHER_NOT_ALLOWED`, `CALLER_NOT_ALLOWED`.
 */
export function createSwarm(options: SwarmOptions): Swarm {
  const services = options.services ?? []
  const resolved = resolveSwarmOptions(options)
  const entries = planEntries(options.agents, services)
  const { runtime } = resolved
  const { dispatcher, logger } = runtime
  let state: SwarmStatus['state'] = 'created'
  let starting: Promise<void> | undefined
  let running: RunningSwarm | undefined
  let stopping: Promise<void> | undefined
  let archiving: Promise<unknown> = Promise.resolve()

  const current = (): RunningSwarm => {
    if (running) return running
    throw new SwarmError({ code: 'SWARM_NOT_RUNNING', message: 'the swarm is not running: call start() first' })
  }

  const assertRunning = (): void => {
    if (state === 'running') return
    if (state === 'suspended') {
      throw new SwarmError({
        code: 'SWARM_SUSPENDED',
        message: 'the storage failed and the swarm is suspended: mend the storage, then call resume()',
        retryability: 'retryable',
      })
    }
    throw new SwarmError({
      code: 'SWARM_NOT_RUNNING',
      message: `the swarm is ${state}: ${state === 'created' ? 'call start() first' : 'create a new one on the same storage'}`,
    })
  }

  const appendOperatorAct = (act: OperatorAct): string => {
    const id = runtime.ids.next(operatorActKind)
    current().writer.append({ id, kind: operatorActKind, time: dispatcher.now(), payload: act })
    return id
  }

  const noteOperatorAct = (act: OperatorAct): Promise<void> | undefined => {
    const id = appendOperatorAct(act)
    if (dispatcher.virtual) return undefined
    return flushed().catch((error: unknown) => {
      throw SwarmError.isInstance(error, 'JOURNAL_FAILED') ? leftUndone(act, id, error) : error
    })
  }

  /** What a failed commit left behind is written once the storage is mended: then the journal is to say that nothing came of it. */
  const leftUndone = (act: OperatorAct, id: string, error: SwarmError): SwarmError => {
    const { writer } = current()
    const retract = async (): Promise<void> => {
      await writer.settled()
      appendOperatorAct({ act: operatorActLeftUndone, of: id })
      await writer.flush()
    }
    // Where that was given up, or fails as well, an alert tells of the storage.
    unheeded(retract())
    return new SwarmError({
      code: 'JOURNAL_FAILED',
      message: `${act.act} was not done. Whether its record is in the journal nobody knows until the storage is mended; then one that says it was not done follows it, so ask again: ${error.message}`,
      cause: error.cause,
      retryability: 'unknown-outcome',
      context: { act: act.act, id },
    })
  }

  /** What waited to be durable may have been overtaken by a stop. */
  const flushed = async (): Promise<void> => {
    await current().writer.flush()
    assertRunning()
  }

  const alert = createAlerts({ logger, clock: dispatcher, onAlert: options.onAlert })

  const suspend = (error: unknown): void => {
    if (state === 'suspended') {
      logger.error('the storage failed again', { error: messageOf(error) })
      return
    }
    // While the swarm stops nobody can mend the storage any more: whoever waits for it is told.
    if (state === 'stopped') running?.writer.abandon()
    else if (state === 'running') state = 'suspended'
    for (const instance of running?.roster.instances.values() ?? []) instance.suspend()
    alert({
      code: SwarmError.isInstance(error) ? error.code : 'STORAGE_FAILED',
      message: `the storage failed, and all agents are paused until it is mended and the swarm resumed: ${messageOf(error)}`,
      context: { error: messageOf(error) },
    })
  }

  const stopAll = async (): Promise<void> => {
    if (running !== undefined) await stopSwarm(running, { services, resolved, alert })
  }

  const assertStarting = (): void => {
    if (state !== 'stopped') return
    throw new SwarmError({ code: 'SWARM_NOT_RUNNING', message: 'the swarm was stopped while it started' })
  }

  const startAll = async (opened: RunningSwarm): Promise<void> => {
    for (const service of services) {
      assertStarting()
      await service.start(createServiceHost({ service, ...opened, ...runtime }))
    }
    assertStarting()
    await opened.roster.start()
    opened.consumers?.started()
    await opened.writer.flush()
    opened.bus.open()
    opened.catchUp()
    await opened.writer.flush()
    opened.monitor.start()
  }

  const open = async (): Promise<void> => {
    running = await openSwarm({ options, resolved, entries, suspend, alert })
    assertStarting()
    state = 'running'
    await startAll(running)
    assertStarting()
  }

  return {
    async start() {
      if (state !== 'created' || starting !== undefined) {
        throw new SwarmError({
          code: 'ALREADY_STARTED',
          message: `the swarm is ${state === 'created' ? 'starting' : state}: a swarm starts once; create a new one on the same storage`,
        })
      }
      starting = open()
      try {
        await starting
      } catch (error) {
        if (running !== undefined) {
          state = 'stopped'
          stopping ??= stopAll()
          await stopping.catch((stopError: unknown) =>
            logger.error('stopping after a failed start failed', { error: messageOf(stopError) }),
          )
        }
        throw error
      } finally {
        starting = undefined
      }
    },
    stop() {
      if (state === 'created' && starting === undefined) return Promise.resolve()
      state = 'stopped'
      running?.roster.close()
      const begun = starting?.catch(() => undefined)
      stopping ??= begun === undefined ? stopAll() : begun.then(stopAll)
      return stopping
    },
    async resume() {
      if (state === 'running') return
      if (state !== 'suspended') assertRunning()
      const { writer, roster } = current()
      await writer.retry()
      state = 'running'
      for (const instance of roster.instances.values()) instance.endSuspension()
      current().catchUp()
      logger.info('the storage works again, and the swarm goes on')
    },
    status: () => ({
      state,
      agents: [...(running?.roster.instances.values() ?? [])].map((instance) => instance.status()),
      messages: {
        published: running?.bus.counts.published ?? 0,
        requests: running?.bus.requests.counts.requests ?? 0,
        requestFailures: running?.bus.requests.counts.requestFailures ?? 0,
      },
    }),
    awaited: () => [...(running?.roster.instances.values() ?? [])].flatMap((instance) => instance.awaited),
    supervision: () => current().roster.supervision.status(),
    agent(idOrRole) {
      if (running === undefined) throw agentNotFound(idOrRole)
      const { roster } = running
      return createAgentControl(roster.find(idOrRole), {
        supervision: () => roster.supervision,
        assertRunning,
        assertPresent: roster.assertPresent,
        noteOperatorAct,
        maskSecrets: resolved.maskSecrets,
        settled: () => (dispatcher.virtual ? roster.supervision.settled() : Promise.resolve()),
      })
    },
    find: (query) => running?.roster.discover(query) ?? [],
    async scale(idOrRole, replicas) {
      assertRunning()
      current().roster.assertScale(idOrRole, replicas)
      const noted = noteOperatorAct({ act: 'scale', agent: idOrRole, replicas })
      if (noted !== undefined) await noted
      await current().roster.scale(idOrRole, replicas)
    },
    noteOperatorAct(act) {
      const note = async (): Promise<void> => {
        appendOperatorAct(act)
        if (!dispatcher.virtual) await current().writer.flush()
      }
      const noted = note()
      // An alert tells of a storage that fails; whoever only notes something need not wait for it.
      unheeded(noted)
      return noted
    },
    publish(topic, payload, publishOptions) {
      try {
        assertRunning()
        current().outsideTopics.assertKnown(topic, starting !== undefined)
        if (publishOptions !== undefined) assertKnownOptions(topic.place, publishOptions, messageOptions)
      } catch (error) {
        return refuse(error, () =>
          logger.error('a message was refused, and its publisher does not wait for it', { error: messageOf(error) }),
        )
      }
      return current().bus.publish(topic, payload, fromOperator, publishOptions)
    },
    deadLetters: createDeadLetterDesk({
      storage: () => current().storage,
      writer: () => current().writer,
      bus: () => current().bus,
      dispatcher,
      ids: runtime.ids,
      note(act, id) {
        assertRunning()
        appendOperatorAct({ act, id })
      },
    }),
    async replay({ agent, topic, from }) {
      assertRunning()
      const { group } = current().roster.find(agent)
      await current().rewind({ group, topic, from }, () =>
        noteOperatorAct({ act: 'replay', agent, from, ...(topic === undefined ? {} : { topic }) }),
      )
    },
    async checkpoint() {
      current().saveStates()
      await current().writer.flush()
    },
    async archive(archiveOptions) {
      assertRunning()
      const archived = archiving.then(() => current().archive(archiveOptions, assertRunning))
      archiving = archived.catch(() => undefined)
      return archived
    },
    async forgetConsumer(consumer) {
      assertRunning()
      const { storage, writer, consumers } = current()
      await forgetConsumer(consumer, {
        storage,
        writer,
        consumers,
        begin() {
          assertRunning()
          appendOperatorAct({ act: 'forget-consumer', consumer })
        },
      })
      if (!dispatcher.virtual) await writer.flush()
    },
    journalHead: () => current().writer.head(),
    nextSequence: () => current().writer.nextSequence(),
    get storage() {
      return current().storage
    },
  }
}

const messageOptions: readonly (keyof MessageOptions)[] = ['id', 'ttlMs']
const fromOperator = { publisher: 'operator', correlationId: undefined, causationId: undefined }

function agentNotFound(idOrRole: string): SwarmError {
  return new SwarmError({
    code: 'AGENT_NOT_FOUND',
    message: `there is no agent "${idOrRole}"; there are: none (the swarm has not started)`,
    context: { agent: idOrRole },
  })
}
