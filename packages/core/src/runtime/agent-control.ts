import type { Supervision } from '../supervision/supervision.js'
import type { AgentInstance } from './agent-instance.js'
import type { AgentStatus } from './agent-status.js'
import type { OperatorAct } from './operator-act.js'

/** One agent, as its operator handles it. */
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
  /** Drops it as a crash would, and starts a new one on its state and its waiting messages. */
  restart(): Promise<void>
  /** Drops it as a crash would; its supervisor brings it back. */
  kill(): Promise<void>
  /** Starts one again that is in quarantine. */
  release(): Promise<void>
  /** Gives it a new configuration while it runs. Throws `INVALID_CONFIG`, naming the field, or `RECONFIGURE_FAILED`; then the old one stays. */
  reconfigure(config: unknown): Promise<void>
}

export type AgentControlParts = {
  readonly supervision: () => Supervision
  readonly assertRunning: () => void
  readonly noteOperatorAct: (act: OperatorAct) => void
}

export function createAgentControl(instance: AgentInstance, parts: AgentControlParts): AgentControl {
  const noted =
    (act: string, perform: () => void | Promise<void>, more: object = {}) =>
    async (): Promise<void> => {
      parts.assertRunning()
      parts.noteOperatorAct({ act, agent: instance.id, ...more })
      await perform()
    }
  return {
    id: instance.id,
    status: () => instance.status(),
    health: async () => (await instance.checkHealth()).status,
    pause: noted('pause', () => instance.pause()),
    resume: noted('resume', () => instance.resume()),
    stop: noted('stop', () => instance.stop()),
    start: noted('start', () => instance.start()),
    restart: noted('restart', () => instance.restart()),
    kill: noted('kill-agent', () => {
      instance.crash(false)
      parts.supervision().failed(instance.id, new Error('killed by an operator'))
    }),
    release: noted('release', () => parts.supervision().release(instance.id)),
    async reconfigure(config) {
      parts.assertRunning()
      // Refused before it is journalled: what did not happen is not to be repeated.
      instance.assertConfig(config)
      await noted('reconfigure', () => instance.reconfigure(config), { config })()
    },
  }
}
