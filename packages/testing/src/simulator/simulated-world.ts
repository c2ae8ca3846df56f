import { type Random, SwarmError } from '@tradeswarm/core'
import type { KillSwitchRecord } from '@tradeswarm/trading'
import type { KernelLife } from './kernel-life.js'
import type { Observation } from './observation.js'
import type { Scenario } from './scenario.js'
import type { DurableJournal, StorageConditions } from './simulated-journal.js'
import type { LeaseConditions, LeasePlace } from './simulated-lease.js'
import type { SimulatedTime } from './simulated-time.js'
import type { VenueEnd } from './venue-end.js'
import type { SimulatedVenue } from './venue-port.js'
import type { NetworkConditions } from './venue-session.js'

/** A split in the night before a session. */
export type RestatedSplit = {
  readonly symbol: string
  readonly sessionDate: string
  readonly numerator: number
  readonly denominator: number
}

/** What all lives of a simulation share. */
export type SimulatedWorld = {
  readonly scenario: Scenario
  readonly time: SimulatedTime
  readonly random: Random
  readonly venue: SimulatedVenue
  readonly network: NetworkConditions
  readonly storage: StorageConditions
  readonly durable: DurableJournal
  readonly lease: LeasePlace & { readonly conditions: LeaseConditions }
  /** Connects a life to the venue. */
  readonly link: VenueEnd['link']
  readonly observe: (observation: Observation) => void
  readonly skewMs: () => number
  readonly flushMs: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Told of each point at which a process may die; true when it dies there. */
  readonly reachPoint: (life: KernelLife, point: string) => boolean
  /** Notes that something happened of which it is to be known in how many seeds it does. */
  readonly cover: (what: string) => void
  /** Intents that were permitted by a kernel of another account: there must be none. */
  readonly misrouted: string[]
  /** Splits that the feed still tells of: what it has of sessions before is in the units of then. */
  readonly restated: RestatedSplit[]
  /** Tokens of approvals that were answered. */
  readonly answered: string[]
  /** Who is told of alerts, beside the checkers. */
  readonly alertSink: { fault: 'none' | 'failing' | 'hanging' }
  readonly loadKillSwitch: () => Promise<KillSwitchRecord | undefined>
  readonly saveKillSwitch: (record: KillSwitchRecord) => Promise<void>
}

/** What the kill switch's own store does at present. */
export type KillSwitchStoreConditions = { failing: boolean; slowMs: number; saved: KillSwitchRecord | undefined }

/** The store of the kill switch, apart from the journal. */
export function createKillSwitchPlace(
  conditions: KillSwitchStoreConditions,
  wait: (ms: number) => Promise<void>,
  observe: (observation: Observation) => void,
): Pick<SimulatedWorld, 'loadKillSwitch' | 'saveKillSwitch'> {
  const reached = async (): Promise<void> => {
    if (conditions.slowMs > 0) await wait(conditions.slowMs)
    if (conditions.failing) throw new SwarmError({ code: 'STORAGE_IO', message: 'the store does not answer' })
  }
  return {
    async loadKillSwitch() {
      await reached()
      return conditions.saved
    },
    async saveKillSwitch(record) {
      await reached()
      conditions.saved = record
      observe({ type: 'kill switch stored', engaged: record.engaged })
    },
  }
}
