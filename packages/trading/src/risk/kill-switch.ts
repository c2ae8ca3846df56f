import { type EpochMs, type Logger, messageOf, SwarmError } from '@tradeswarm/core'

/** The latch as it is stored. */
export type KillSwitchRecord = {
  /** For the whole account. */
  readonly engaged: boolean
  readonly reason: string
  readonly time: EpochMs
  /** Narrower scopes that it is engaged for, by their keys, such as `strategy:momentum`; absent for none. */
  readonly scopes?: Readonly<Record<string, string>>
}

/** A store of the latch's own, apart from the journal, so that one that fails does not take the other with it. */
export type KillSwitchStore = {
  /** Undefined when nothing was ever saved. A throw at start means halted. */
  load(): Promise<KillSwitchRecord | undefined>
  save(record: KillSwitchRecord): Promise<void>
}

/** A latch that holds in memory whatever its stores do. A scope is given by its key; without one, the whole account is meant. */
export type KillSwitch = {
  /** Whether it is engaged for the whole account. */
  engaged(): boolean
  reason(): string
  /** The reasons by scope, for narrower scopes. */
  readonly scopes: ReadonlyMap<string, string>
  /** When it was engaged, or was found so at the start; undefined where it is not. */
  since(key?: string): EpochMs | undefined
  /** Reads the stores. What one of them cannot tell counts as engaged. */
  load(time: EpochMs): Promise<void>
  /** Engaged when this returns; the promise, which is bounded, tells whether all stores know it too. */
  engage(reason: string, time: EpochMs, key?: string): Promise<boolean>
  /** How often it was engaged, for whatever scope: a release undoes no engagement that came since it was asked for. */
  engagements(): number
  /** Throws `KILL_SWITCH_NOT_RELEASED` where it was engaged since `asked`. */
  assertLast(asked: number): void
  /** Throws `KILL_SWITCH_NOT_RELEASED` where a store fails or is silent, or when it was engaged since `asked`; then it stays. */
  release(reason: string, time: EpochMs, key: string | undefined, asked: number): Promise<void>
}

export type KillSwitchOptions = {
  /** At least one. It is saved to all of them, and engaged if any of them says so. */
  readonly stores: readonly KillSwitchStore[]
  readonly logger: Logger
  /** Gives up what takes too long, by rejecting. */
  readonly within: <T>(what: string, work: Promise<T>) => Promise<T>
}

/** The kill switch over its stores. It knows nothing of who may release it: that is the kernel's to check. */
export function createKillSwitch({ stores, logger, within }: KillSwitchOptions): KillSwitch {
  const writers = stores.map(createWriter)
  const scopes = new Map<string, string>()
  let engagedFor: string | undefined
  const since = new Map<string | undefined, EpochMs>()
  /** Counts engagements, so that a release does not undo one that came while it was being stored. */
  let engagements = 0

  const record = (reason: string, time: EpochMs, engaged: boolean, keys: ReadonlyMap<string, string>) => ({
    engaged,
    reason,
    time,
    ...(keys.size === 0 ? {} : { scopes: Object.fromEntries(keys) }),
  })
  const saveAll = (wanted: KillSwitchRecord): Promise<unknown> =>
    within('saving the kill switch', Promise.all(writers.map((write) => write(wanted))))
  const saveEngaged = async (time: EpochMs): Promise<boolean> => {
    try {
      await saveAll(record(engagedFor ?? '', time, engagedFor !== undefined, scopes))
      return true
    } catch (thrown) {
      logger.error('kill switch engaged in memory, a store of it failed', { error: messageOf(thrown) })
      return false
    }
  }
  const latch = (reason: string, time: EpochMs, key?: string): void => {
    if (key === undefined) engagedFor ??= reason
    else if (!scopes.has(key)) scopes.set(key, reason)
    if (!since.has(key)) since.set(key, time)
  }
  const loadOne = async (store: KillSwitchStore, time: EpochMs): Promise<void> => {
    try {
      const stored = await within('reading the kill switch', store.load())
      if (stored?.engaged === true) latch(stored.reason, stored.time)
      for (const [key, reason] of Object.entries(stored?.scopes ?? {})) latch(reason, stored?.time ?? time, key)
    } catch (thrown) {
      latch(`the kill switch could not be read: ${messageOf(thrown)}`, time)
      logger.error('kill switch unreadable, trading is halted', { time, error: messageOf(thrown) })
    }
  }
  const assertLast = (asked: number): void => {
    if (engagements !== asked) throw notReleased('it was engaged again since its reset was asked for')
  }

  return {
    engaged: () => engagedFor !== undefined,
    reason: () => engagedFor ?? '',
    scopes,
    since: (key) => since.get(key),
    async load(time) {
      await Promise.all(stores.map((store) => loadOne(store, time)))
    },
    engage(reason, time, key) {
      engagements += 1
      latch(reason, time, key)
      return saveEngaged(time)
    },
    engagements: () => engagements,
    assertLast,
    async release(reason, time, key, asked) {
      const left = new Map(scopes)
      if (key !== undefined) left.delete(key)
      const stays = key === undefined ? undefined : engagedFor
      try {
        await saveAll(record(stays ?? reason, time, stays !== undefined, left))
      } catch (thrown) {
        void saveEngaged(time)
        throw notReleased(`a store of it failed: ${messageOf(thrown)}`, thrown)
      }
      if (engagements !== asked) void saveEngaged(time)
      assertLast(asked)
      engagedFor = stays
      since.delete(key)
      if (key !== undefined) scopes.delete(key)
    },
  }
}

/** Writes of one store, one after the other: a late one must not overtake what was decided after it. */
function createWriter(store: KillSwitchStore): (record: KillSwitchRecord) => Promise<void> {
  let last: Promise<void> | undefined
  return (record) => {
    const save = async (): Promise<void> => store.save(record)
    const write = last === undefined ? save() : last.then(save, save)
    last = write
    const settled = (): void => {
      if (last === write) last = undefined
    }
    write.then(settled, settled)
    return write
  }
}

function notReleased(why: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'KILL_SWITCH_NOT_RELEASED',
    message: `the kill switch stays engaged: ${why}; reset it again`,
    cause,
  })
}
