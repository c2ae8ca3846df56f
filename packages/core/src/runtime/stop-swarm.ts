import { messageOf } from '../errors/swarm-error.js'
import { boundDrain } from './bound-drain.js'
import type { RunningSwarm } from './running-swarm.js'
import type { Service } from './service.js'
import type { ResolvedSwarmOptions, SwarmAlert } from './swarm-options.js'

type Stopping = {
  readonly services: readonly Service[]
  readonly resolved: ResolvedSwarmOptions
  readonly alert: (what: Omit<SwarmAlert, 'time'>) => void
}

/**
 * Lets all agents drain, stops them and the services, and writes and closes the storage, whatever of that hangs or fails. Throws what the
 * storage throws where something could not be written.
 */
export async function stopSwarm(running: RunningSwarm, { services, resolved, alert }: Stopping): Promise<void> {
  const { storage, writer, roster, consumers, monitor, deadlines } = running
  const { drainTimeoutMs, runtime } = resolved
  const { dispatcher, logger } = runtime
  let isWritten = false
  const bound = boundDrain(roster.instances, { dispatcher, drainTimeoutMs, alert })
  try {
    monitor.stop()
    roster.supervision.stop()
    if (!writer.isSound()) await writer.retry().catch(() => writer.abandon())
    // Those that are paused make no room any more for others that wait to publish to them.
    const instances = [...roster.instances.values()]
    await Promise.all(instances.filter((each) => each.state === 'paused').map((each) => each.stop()))
    // All drain together: what one publishes at the last, the others handle still.
    for (const instance of roster.instances.values()) {
      instance.drain()
      instance.openMailbox()
    }
    await dispatcher.idle()
    // One after the other, but for those that are late.
    for (const instance of [...roster.instances.values()].reverse()) await Promise.race([instance.stop(), bound.passed])
    await Promise.all([...roster.instances.values()].map((instance) => instance.stop()))
    bound.lift()
    for (const service of [...services].reverse()) await stopService(service, resolved, alert)
    running.saveStates()
    consumers?.touchAll()
    await writer.flush()
    isWritten = true
  } finally {
    bound.lift()
    deadlines?.close()
    running.endTelemetry()
    await storage.close().catch((error: unknown) => {
      if (isWritten) throw error
      // That something could not be written is what whoever stops the swarm must know.
      logger.error('the storage could not be closed well either', { error: messageOf(error) })
    })
  }
}

/** In real time a service that does not stop is left behind, with an alert: the storage is still to be written and closed. */
async function stopService(
  service: Service,
  { drainTimeoutMs, runtime: { dispatcher, logger } }: ResolvedSwarmOptions,
  alert: Stopping['alert'],
): Promise<void> {
  const late = Promise.withResolvers<void>()
  const lift = dispatcher.virtual
    ? undefined
    : dispatcher.at(dispatcher.now() + drainTimeoutMs, () => {
        alert({
          code: 'SERVICE_STOP_TIMED_OUT',
          message: `stop: service ${service.name} did not stop within ${drainTimeoutMs} ms and was left behind`,
          context: { service: service.name, drainTimeoutMs },
        })
        late.resolve()
      })
  try {
    await Promise.race([service.stop(), late.promise])
  } catch (error) {
    logger.error('a service failed while it stopped', { service: service.name, error: messageOf(error) })
  } finally {
    lift?.()
  }
}
