import { type EpochMs, type Logger, messageOf } from '@tradeswarm/core'

/** The latch as it is stored. */
export type KillSwitchRecord = {
  readonly engaged: boolean
  readonly reason: string
  readonly time: EpochMs
}

/** A store of the latch's own, apart from the journal, so that one that fails does not take the other with it. */
export type KillSwitchStore = {
  /** Undefined when nothing was ever saved. A throw at start means halted. */
  load(): Promise<KillSwitchRecord | undefined>
  save(record: KillSwitchRecord): Promise<void>
}

/** A latch that holds in memory whatever its store does. */
export type KillSwitch = {
  engaged(): boolean
  reason(): string
  /** Reads the store. What cannot be read counts as engaged. */
  load(time: EpochMs): Promise<void>
  /** Engaged when this returns; the promise tells whether the store knows it too. */
  engage(reason: string, time: EpochMs): Promise<boolean>
  /** Throws what the store throws, and then stays engaged. */
  release(reason: string, time: EpochMs): Promise<void>
}

/** The kill switch over a store. It knows nothing of who may release it: that is the kernel's to check. */
export function createKillSwitch(store: KillSwitchStore, logger: Logger): KillSwitch {
  let engagedFor: string | undefined
  return {
    engaged: () => engagedFor !== undefined,
    reason: () => engagedFor ?? '',
    async load(time) {
      try {
        const record = await store.load()
        if (record?.engaged === true) engagedFor ??= record.reason
      } catch (thrown) {
        engagedFor ??= `the kill switch could not be read: ${messageOf(thrown)}`
        logger.error('kill switch unreadable, trading is halted', { time, error: messageOf(thrown) })
      }
    },
    async engage(reason, time) {
      engagedFor ??= reason
      try {
        await store.save({ engaged: true, reason, time })
        return true
      } catch (thrown) {
        logger.error('kill switch engaged in memory, its store failed', { error: messageOf(thrown) })
        return false
      }
    },
    async release(reason, time) {
      await store.save({ engaged: false, reason, time })
      engagedFor = undefined
    },
  }
}
