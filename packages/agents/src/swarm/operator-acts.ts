import { type Logger, messageOf, type OperatorAct } from '@tradeswarm/core'
import {
  type Authorisation,
  checkAuthorisation,
  checkHalt,
  checkStop,
  type HaltDetails,
  type HaltScope,
  type PendingApproval,
  type SecretAuthorisation,
  type SubmitResult,
  type TradingKernel,
} from '@tradeswarm/trading'
import type { KernelService } from '../services/kernel-service.js'
import { refuseAccount } from './refuse-account.js'
import { type ScopeNames, unknownScope } from './unknown-scope.js'

/** How the operator of a swarm stops its trading and lets it go on, and answers what waits for a person; each act is journalled. */
export type OperatorActs = {
  /** Stops all that adds exposure, of all accounts or of a narrower scope, at once and until reset, whatever else is broken. */
  kill(reason: string, details?: HaltDetails): Promise<void>
  resetKillSwitch(authorisation: {
    readonly operator: string
    readonly secret: string
    readonly scope?: HaltScope
  }): Promise<void>
  halt(state: 'reducing' | 'halted', reason: string, details?: HaltDetails): Promise<void>
  resume(authorisation: Authorisation & { readonly scope?: HaltScope }): Promise<void>
  /** Leaves all positions of all accounts, or of a narrower scope, by market orders, and enters no more there until resumed. */
  flatten(authorisation: SecretAuthorisation & { readonly scope?: HaltScope }): Promise<void>
  /** Cancels everything and sends nothing any more, not even exits, until `unfreeze`. */
  freeze(authorisation: SecretAuthorisation): Promise<void>
  unfreeze(authorisation: SecretAuthorisation): Promise<void>
  /** Orders of all accounts that wait for a person's word. */
  approvals(): readonly PendingApproval[]
  /** A person's yes, once: the order is assessed anew and sent. Throws `APPROVAL_NOT_FOUND`, `NOT_AUTHORIZED`. */
  approve(token: string, authorisation: Pick<Authorisation, 'operator'> & Partial<Authorisation>): Promise<SubmitResult>
  /** A person's no. Throws `APPROVAL_NOT_FOUND`, `NOT_AUTHORIZED`. */
  deny(token: string, authorisation: Authorisation): Promise<void>
}

/** What the acts are done to, and where they are noted. */
export type OperatedSwarm = {
  readonly kernels: Pick<KernelService, 'kernels' | 'stopEvery' | 'alertEvery'>
  /** The first. Throws `ACCOUNT_NOT_FOUND` before the start. */
  readonly kernel: () => TradingKernel
  /** Journals an act. */
  readonly note: (act: OperatorAct) => Promise<void>
  /** Whom a scope may name; others are warned of. */
  readonly names: ScopeNames
  readonly logger: Logger | undefined
}

/** The acts over all kernels of a swarm. */
export function createOperatorActs({ kernels: service, kernel, note, names, logger }: OperatedSwarm): OperatorActs {
  /** The kernel that asks for an approval; one that nobody asks for is any kernel's to refuse. */
  const askingKernel = (token: string): TradingKernel =>
    [...service.kernels.values()].find((each) => each.approvals().some((approval) => approval.token === token)) ??
    kernel()
  const everyKernel = async (act: (kernel: TradingKernel) => Promise<void>): Promise<void> => {
    await Promise.all([...service.kernels.values()].map(act))
  }
  /** What stops trading must work even when the journal does not. */
  const noteIfPossible = (act: OperatorAct): void => {
    note(act).catch((error: unknown) =>
      logger?.error('an act of an operator could not be journalled', { error: messageOf(error) }),
    )
  }
  const warnOfScope = (act: string, scope: HaltScope | undefined): void => {
    const odd = unknownScope(act, scope, names)
    if (odd !== undefined) service.alertEvery('HALT_SCOPE_UNKNOWN', odd)
  }
  return {
    async kill(reason, details = {}) {
      checkStop('kill', reason, details)
      noteIfPossible({ act: 'kill', reason, ...actOf(details) })
      const killed = service.stopEvery((each) => each.kill(reason, details))
      warnOfScope('kill', details.scope)
      await killed
    },
    async resetKillSwitch(authorisation) {
      refuseAccount('resetKillSwitch', authorisation)
      checkAuthorisation('resetKillSwitch', authorisation)
      await note({ act: 'reset-kill-switch', ...actOf(authorisation) })
      await everyKernel((each) => each.resetKillSwitch(authorisation))
    },
    async halt(state, reason, details = {}) {
      refuseAccount('halt', details)
      checkHalt(state, reason, details)
      noteIfPossible({ act: 'halt', state, reason, ...actOf(details) })
      const halted = service.stopEvery((each) => each.halt(state, reason, details))
      warnOfScope('halt', details.scope)
      await halted
    },
    async resume(authorisation) {
      refuseAccount('resume', authorisation)
      checkAuthorisation('resume', authorisation)
      await note({ act: 'resume-trading', ...actOf(authorisation) })
      await everyKernel((each) => each.resume(authorisation))
    },
    async flatten(authorisation) {
      refuseAccount('flatten', authorisation)
      checkAuthorisation('flatten', authorisation)
      await note({ act: 'flatten', ...actOf(authorisation) })
      await everyKernel((each) => each.flatten(authorisation))
      warnOfScope('flatten', authorisation.scope)
    },
    async freeze(authorisation) {
      refuseAccount('freeze', authorisation)
      checkAuthorisation('freeze', authorisation)
      noteIfPossible({ act: 'freeze', ...actOf(authorisation) })
      await service.stopEvery((each) => each.freeze(authorisation))
    },
    async unfreeze(authorisation) {
      refuseAccount('unfreeze', authorisation)
      checkAuthorisation('unfreeze', authorisation)
      await note({ act: 'unfreeze', ...actOf(authorisation) })
      await everyKernel((each) => each.unfreeze(authorisation))
    },
    approvals: () => [...service.kernels.values()].flatMap((each) => each.approvals()),
    async approve(token, authorisation) {
      checkAuthorisation('approve', authorisation)
      await note({ act: 'approve', token, ...actOf(authorisation) })
      return askingKernel(token).approve(token, authorisation)
    },
    async deny(token, authorisation) {
      checkAuthorisation('deny', authorisation)
      await note({ act: 'deny', token, ...actOf(authorisation) })
      await askingKernel(token).deny(token, authorisation)
    },
  }
}

/** What of an act is journalled: who, why and of what scope. A secret that came with it is not. */
function actOf({
  operator,
  reason,
  scope,
}: {
  readonly operator?: string
  readonly reason?: string
  readonly scope?: HaltScope
}): Omit<OperatorAct, 'act'> {
  return {
    ...(operator === undefined ? {} : { operator }),
    ...(reason === undefined ? {} : { reason }),
    ...(scope === undefined ? {} : { scope }),
  }
}
