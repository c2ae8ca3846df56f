import { canonicalJson } from '../encoding/canonical-json.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { SecretMask } from '../logging/secret-mask.js'
import type { Supervision } from '../supervision/supervision.js'
import { notQuarantined } from '../supervision/supervision-errors.js'
import type { AgentInstance } from './agent-instance.js'
import type { AgentStatus } from './agent-status.js'
import type { OperatorAct } from './operator-act.js'

/** One agent, as its operator handles it. Once it was scaled away, whatever would change it throws `AGENT_NOT_FOUND`. */
export type AgentControl = {
  readonly id: string
  status(): AgentStatus
  health(): Promise<AgentStatus['health']>
  /** Its messages wait until it is resumed; its requests find nobody. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Lets it finish what waits for it. What is published meanwhile on durable topics is handled when it is started again. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Drops it as a crash would, and starts a new one on its state and its waiting messages. Throws `AGENT_NOT_RUNNING` for one that is stopped. */
  restart(): Promise<void>
  /** Drops it as a crash would; its supervisor brings it back. Throws `AGENT_NOT_RUNNING` for one that is stopped. */
  kill(): Promise<void>
  /** Starts one again that is in quarantine, as `start` and `restart` do. Throws `NOT_QUARANTINED` for any other. */
  release(): Promise<void>
  /**
   * Gives it, and no other replica, a new configuration while it runs: plain data, which the journal holds without its secrets. Throws
   * `INVALID_CONFIG`, naming the field, or `RECONFIGURE_FAILED`; then the old one stays.
   */
  reconfigure(config: unknown): Promise<void>
}

export type AgentControlParts = {
  readonly supervision: () => Supervision
  readonly assertRunning: () => void
  /** Throws `AGENT_NOT_FOUND` for one that was scaled away. */
  readonly assertPresent: (instance: AgentInstance) => void
  /** In virtual time: resolves when what follows from a failure at this instant has happened. */
  readonly settled: () => Promise<void>
  /** Resolves once it is durable; undefined in virtual time, where the instant is committed as a whole. */
  readonly noteOperatorAct: (act: OperatorAct) => Promise<void> | undefined
  readonly maskSecrets: SecretMask
}

export function createAgentControl(instance: AgentInstance, parts: AgentControlParts): AgentControl {
  // What is refused is not journalled: what did not happen is not to be repeated. While it is written the agent may have changed.
  const journal = async (act: OperatorAct, assertAllowed: () => void): Promise<void> => {
    const noted = parts.noteOperatorAct(act)
    if (noted === undefined) return
    await noted
    parts.assertPresent(instance)
    assertAllowed()
  }
  const noted =
    (act: string, perform: () => void | Promise<void>, assertAllowed: () => void = () => undefined) =>
    async (): Promise<void> => {
      parts.assertRunning()
      parts.assertPresent(instance)
      assertAllowed()
      await journal({ act, agent: instance.id }, assertAllowed)
      await perform()
    }
  const release = (): Promise<void> => parts.supervision().release(instance.id)
  const assertQuarantined = (): void => {
    if (!instance.isQuarantined) throw notQuarantined(instance.id)
  }
  const assertRestartable = (): void => {
    if (!instance.isQuarantined) instance.assertRestartable()
  }
  return {
    id: instance.id,
    status: () => instance.status(),
    health: async () => (await instance.checkHealth()).status,
    pause: noted('pause', () => instance.pause()),
    resume: noted('resume', () => instance.resume()),
    stop: noted('stop', () => instance.stop()),
    start: noted('start', () => (instance.isQuarantined ? release() : instance.start())),
    restart: noted('restart', () => (instance.isQuarantined ? release() : instance.restart()), assertRestartable),
    kill: noted(
      'kill-agent',
      () => {
        instance.crash(false)
        parts.supervision().failed(instance.id, new Error('killed by an operator'))
        return parts.settled()
      },
      assertRestartable,
    ),
    release: noted('release', release, assertQuarantined),
    async reconfigure(config) {
      parts.assertRunning()
      parts.assertPresent(instance)
      instance.assertConfig(config)
      assertPlain(instance.id, config)
      const { data, masked } = parts.maskSecrets(config, instance.agentClass.config)
      const act = { act: 'reconfigure', agent: instance.id, config: data, ...(masked.length === 0 ? {} : { masked }) }
      await journal(act, () => undefined)
      await instance.reconfigure(config)
    },
  }
}

/** What is secret as a whole would hide from the journal what it could not hold. */
function assertPlain(id: string, config: unknown): void {
  try {
    canonicalJson({ config })
  } catch (error) {
    throw SwarmError.isInstance(error, 'NOT_CANONICAL') ? notPlain(id, error) : error
  }
}

function notPlain(id: string, error: SwarmError): SwarmError {
  return new SwarmError({
    code: 'INVALID_CONFIG',
    message: `config of agent ${id}: what an operator gives is journalled, so it must be plain data: ${error.message}`,
    cause: error,
    context: { agent: id },
  })
}
