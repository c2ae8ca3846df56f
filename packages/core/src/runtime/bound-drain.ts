import type { AgentInstance } from './agent-instance.js'
import type { Dispatcher } from './dispatcher.js'
import type { SwarmAlert } from './swarm-options.js'

export type DrainBound = {
  /** Resolves when the draining has taken too long and was ended. */
  readonly passed: Promise<void>
  /** It is over in time. */
  readonly lift: () => void
}

export type DrainBoundParts = {
  readonly dispatcher: Dispatcher
  readonly drainTimeoutMs: number
  readonly alert: (alert: Omit<SwarmAlert, 'time'>) => void
}

/** So many agents, and messages of each, are named where there may be many. */
const mostNamed = 20

/** Ends the draining of agents when it takes too long, with an alert that names them. In virtual time it takes no time. */
export function boundDrain(
  instances: ReadonlyMap<string, AgentInstance>,
  { dispatcher, drainTimeoutMs, alert }: DrainBoundParts,
): DrainBound {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (dispatcher.virtual) return { passed: promise, lift: () => undefined }
  const lift = dispatcher.at(dispatcher.now() + drainTimeoutMs, () => {
    const unfinished = giveUpDraining([...instances.values()], (id) => dispatcher.depth(id))
    resolve()
    if (unfinished.length === 0) return
    alert({
      code: 'DRAIN_TIMED_OUT',
      message: `stop: agents did not finish within ${drainTimeoutMs} ms, and what is durable waits for the next start: ${unfinished
        .slice(0, mostNamed)
        .map(({ agent, messages, waiting }) => `${agent} (at ${namesOf(messages)}; ${waiting} waiting)`)
        .join(', ')}`,
      context: { drainTimeoutMs, unfinished },
    })
  })
  return { passed: promise, lift }
}

type Unfinished = { readonly agent: string; readonly messages: readonly string[]; readonly waiting: number }

function giveUpDraining(instances: readonly AgentInstance[], depth: (id: string) => number): readonly Unfinished[] {
  return instances.flatMap((instance) => {
    // Before what it was at is put back.
    const waiting = depth(instance.id)
    const messages = instance.giveUpDraining()
    return messages.length === 0 && waiting === 0 ? [] : [{ agent: instance.id, messages, waiting }]
  })
}

function namesOf(ids: readonly string[]): string {
  if (ids.length === 0) return 'no message'
  return ids.length <= mostNamed
    ? ids.join(' ')
    : `${ids.slice(0, mostNamed).join(' ')} and ${ids.length - mostNamed} more`
}
