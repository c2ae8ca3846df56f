import { type OperatorAct, SwarmError } from '@tradeswarm/core'
import {
  type Adoption,
  type Authorisation,
  type AuthorisedAct,
  type CashMovement,
  checkAuthorisation,
  type Mitigations,
  type MitigationWishes,
  type OrderToConsider,
  type RiskPolicyInput,
  riskPolicy,
  type ScenarioReport,
  type TradingKernel,
} from '@tradeswarm/trading'

/** Of which account, where there are several. */
export type OfAccount = { readonly account?: string }

/** What the operator of a swarm does to the books and the policy of its accounts; each act is journalled, with who and why. */
export type AccountActs = {
  /** Puts another policy in force, for all accounts or for one. Throws `NOT_AUTHORIZED`, `INVALID_RISK_POLICY`, `ACCOUNT_NOT_FOUND`. */
  changePolicy(policy: RiskPolicyInput, authorisation: Authorisation & OfAccount): Promise<void>
  /** Books money that moved outside of any order; see `TradingKernel.book`. Names the account where there are several. */
  book(movement: CashMovement, authorisation: Authorisation & OfAccount): Promise<void>
  /** Takes a position that the venue holds into the books; see `TradingKernel.adopt`. Names the account where there are several. */
  adopt(adoption: Adoption, authorisation: Authorisation & OfAccount): Promise<void>
  /** Exposure, value at risk and stress losses as they are, and with an order. Nothing is booked. Names the account where there are several. */
  scenarios(order: OrderToConsider & OfAccount): Promise<ScenarioReport>
  /** What would bring figures back under the limits of the policy. Names the account where there are several. */
  mitigations(wishes?: MitigationWishes & OfAccount): Promise<Mitigations>
}

/** Refuses what names nobody before anything is noted in the journal. */
function named(act: AuthorisedAct, authorisation: (Authorisation & OfAccount) | undefined): Authorisation & OfAccount {
  const { account: _, ...by } = authorisation ?? ({} as Authorisation & OfAccount)
  checkAuthorisation(act, by)
  return authorisation as Authorisation & OfAccount
}

/** The acts over kernels by account, which are there once the swarm has started. */
export function createAccountActs(
  kernels: ReadonlyMap<string, TradingKernel>,
  note: (act: OperatorAct) => Promise<void>,
): AccountActs {
  const only = (what: string, account: string | undefined): TradingKernel => {
    const [first, ...others] = kernels.values()
    const found = account === undefined ? first : kernels.get(account)
    if (found !== undefined && (account !== undefined || others.length === 0)) return found
    const names = [...kernels.keys()].join(', ')
    throw new SwarmError({
      code: 'ACCOUNT_NOT_FOUND',
      message:
        kernels.size === 0
          ? `${what}: the swarm has not started`
          : account === undefined
            ? `${what}: account is not named, and there are several: ${names}`
            : `${what}: account: there is no account "${account}"; there are: ${names}`,
    })
  }
  const journalled = (
    act: string,
    of: object,
    { operator, reason, account }: Authorisation & OfAccount,
  ): Promise<void> => note({ act, ...of, operator, reason, ...(account === undefined ? {} : { account }) })
  return {
    async changePolicy(policy, authorisation) {
      // Refused by all or taken by all.
      riskPolicy(policy)
      const { account, ...by } = named('changePolicy', authorisation)
      const changed = account === undefined ? [...kernels.values()] : [only('changePolicy', account)]
      await journalled('change-policy', { policy }, authorisation)
      await Promise.all(changed.map((kernel) => kernel.changePolicy(policy, by)))
    },
    async book(movement, authorisation) {
      const { account, ...by } = named('book', authorisation)
      const kernel = only('book', account)
      await journalled('book', { movement }, authorisation)
      await kernel.book(movement, by)
    },
    async adopt(adoption, authorisation) {
      const { account, ...by } = named('adopt', authorisation)
      const kernel = only('adopt', account)
      await journalled('adopt', { adoption }, authorisation)
      await kernel.adopt(adoption, by)
    },
    scenarios: async ({ account, ...order }) => only('scenarios', account).scenarios(order),
    mitigations: async ({ account, ...wishes } = {}) => only('mitigations', account).mitigations(wishes),
  }
}
