import type { EpochMs } from '@tradeswarm/core'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { type PortfolioChange, portfolioChanges } from '../ledger/portfolio-change.js'

/** What a booking changed, worked out when somebody looks: most of those who listen to a kernel do not. */
export class PortfolioTold {
  readonly type = 'portfolio'
  readonly entryId: string
  readonly time: EpochMs
  readonly #entry: LedgerEntry
  #changes: readonly PortfolioChange[] | undefined

  constructor(entry: LedgerEntry) {
    this.entryId = entry.entryId
    this.time = entry.time
    this.#entry = entry
  }

  get changes(): readonly PortfolioChange[] {
    this.#changes ??= portfolioChanges(this.#entry)
    return this.#changes
  }
}
