import { SwarmError } from '../errors/swarm-error.js'
import type { Clock } from '../time/clock.js'
import { RegistryBucket, RegistryIndex, type RegistryRecord } from './registry-bucket.js'

/** What an agent says of itself so that others find it. It is kept as it is given, not copied: leave it unchanged. */
export type Registration = {
  readonly id: string
  readonly role: string
  readonly capabilities: readonly string[]
  readonly tags: readonly string[]
}

/** What is looked for. All conditions that are given must hold. */
export type RegistryQuery = {
  readonly id?: string
  readonly role?: string
  readonly capability?: string
  readonly tag?: string
}

/** What became of an entry. `lapsed` is told when it is noticed: by a sweep, or when the id is heard of again. */
export type RegistryChange<Entry extends Registration> = {
  readonly kind: 'registered' | 'deregistered' | 'lapsed'
  readonly entry: Entry
}

/** How a registry keeps time, and who is told. */
export type RegistryOptions<Entry extends Registration> = {
  readonly clock: Clock
  /** How long an entry lives after its last heartbeat, 1 to infinity, at which it never lapses; default 15,000. */
  readonly leaseMs?: number
  /** Called after each change; must not throw. */
  readonly onChange?: (change: RegistryChange<Entry>) => void
}

/** Who is there, by id, role, capability and tag. An entry lives until its lease lapses, which every heartbeat renews. */
export type Registry<Entry extends Registration> = {
  /** Throws `DUPLICATE_AGENT` when another live entry has the id. The same entry again is a heartbeat. */
  register(entry: Entry): void
  /** Renews the lease. An entry whose lease has lapsed is registered anew, as the last in order. False when the id is unknown. */
  heartbeat(id: string): boolean
  /** False when the id is unknown. */
  deregister(id: string): boolean
  /**
   * The live entries that meet all conditions, in order of registration. Of one condition it is the same array until someone comes or
   * goes, so leave it unchanged; of several it costs the rarest of them.
   */
  find(query: RegistryQuery): readonly Entry[]
  /** The live entry of that id. */
  get(id: string): Entry | undefined
  /** Takes out all entries whose lease has lapsed, and returns their ids. They are remembered, so that a heartbeat brings them back. */
  expire(): readonly string[]
}

const defaultLeaseMs = 15_000

/** So many lapsed entries are remembered; beyond that the one that lapsed first is forgotten, and has to register again. */
const maximumLapsed = 10_000

const nobody: readonly never[] = Object.freeze([])

/** An empty registry. Leases run on the clock that never goes back, where there is one. Throws `INVALID_OPTION`. */
export function createRegistry<Entry extends Registration>(options: RegistryOptions<Entry>): Registry<Entry> {
  const leaseMs = options.leaseMs ?? defaultLeaseMs
  if (!(leaseMs >= 1)) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `leaseMs of a registry is ${leaseMs}; it must be 1 or more milliseconds, or Infinity`,
      context: { option: 'leaseMs', value: leaseMs },
    })
  }
  return new IndexedRegistry(options, leaseMs)
}

class IndexedRegistry<Entry extends Registration> implements Registry<Entry> {
  readonly #options: RegistryOptions<Entry>
  readonly #leaseMs: number
  readonly #records = new Map<string, RegistryRecord<Entry>>()
  readonly #lapsed = new Map<string, Entry>()
  readonly #all = new RegistryBucket<Entry>()
  readonly #byRole = new RegistryIndex<Entry>()
  readonly #byCapability = new RegistryIndex<Entry>()
  readonly #byTag = new RegistryIndex<Entry>()
  /** No lease lapses before this time. */
  #firstExpiryMs = Number.POSITIVE_INFINITY

  constructor(options: RegistryOptions<Entry>, leaseMs: number) {
    this.#options = options
    this.#leaseMs = leaseMs
  }

  register(entry: Entry): void {
    const known = this.#records.get(entry.id)
    if (known !== undefined && known.entry !== entry && known.expiresMs > this.#now()) throw duplicateAgent(entry.id)
    if (known?.entry === entry) {
      this.heartbeat(entry.id)
      return
    }
    if (known !== undefined) this.#lapse(known)
    this.#lapsed.delete(entry.id)
    this.#add(entry)
  }

  heartbeat(id: string): boolean {
    const record = this.#records.get(id)
    if (record !== undefined) {
      const now = this.#now()
      if (record.expiresMs > now) {
        record.expiresMs = now + this.#leaseMs
        return true
      }
      this.#lapse(record)
    }
    const entry = this.#lapsed.get(id)
    if (entry === undefined) return false
    this.#lapsed.delete(id)
    this.#add(entry)
    return true
  }

  deregister(id: string): boolean {
    const record = this.#records.get(id)
    if (record === undefined) return this.#lapsed.delete(id)
    this.#remove(record)
    this.#options.onChange?.({ kind: 'deregistered', entry: record.entry })
    return true
  }

  find(query: RegistryQuery): readonly Entry[] {
    const { id, role, capability, tag } = query
    const now = this.#now()
    if (id !== undefined) {
      const record = this.#records.get(id)
      return record !== undefined && record.expiresMs > now && meets(record.entry, query) ? [record.entry] : nobody
    }
    let smallest: RegistryBucket<Entry> | undefined = this.#all
    if (role !== undefined) smallest = smaller(smallest, this.#byRole.get(role))
    if (capability !== undefined) smallest = smaller(smallest, this.#byCapability.get(capability))
    if (tag !== undefined) smallest = smaller(smallest, this.#byTag.get(tag))
    if (smallest === undefined) return nobody
    const live = smallest.live(now)
    const conditions = Number(role !== undefined) + Number(capability !== undefined) + Number(tag !== undefined)
    return conditions > 1 ? live.filter((entry) => meets(entry, query)) : live
  }

  get(id: string): Entry | undefined {
    const record = this.#records.get(id)
    return record !== undefined && record.expiresMs > this.#now() ? record.entry : undefined
  }

  expire(): readonly string[] {
    const now = this.#now()
    if (now < this.#firstExpiryMs) return nobody
    const lapsed: RegistryRecord<Entry>[] = []
    this.#firstExpiryMs = Number.POSITIVE_INFINITY
    for (const record of this.#records.values()) {
      if (record.expiresMs <= now) lapsed.push(record)
      else if (record.expiresMs < this.#firstExpiryMs) this.#firstExpiryMs = record.expiresMs
    }
    for (const record of lapsed) this.#lapse(record)
    return lapsed.map(({ entry }) => entry.id)
  }

  #now(): number {
    const { clock } = this.#options
    return clock.elapsed?.() ?? clock.now()
  }

  #add(entry: Entry): void {
    const record = { entry, expiresMs: this.#now() + this.#leaseMs }
    this.#records.set(entry.id, record)
    if (record.expiresMs < this.#firstExpiryMs) this.#firstExpiryMs = record.expiresMs
    this.#all.add(record)
    this.#byRole.add(entry.role, record)
    for (const capability of entry.capabilities) this.#byCapability.add(capability, record)
    for (const tag of entry.tags) this.#byTag.add(tag, record)
    this.#options.onChange?.({ kind: 'registered', entry })
  }

  #remove(record: RegistryRecord<Entry>): void {
    const { entry } = record
    this.#records.delete(entry.id)
    this.#all.delete(record)
    this.#byRole.delete(entry.role, record)
    for (const capability of entry.capabilities) this.#byCapability.delete(capability, record)
    for (const tag of entry.tags) this.#byTag.delete(tag, record)
  }

  #lapse(record: RegistryRecord<Entry>): void {
    const { entry } = record
    this.#remove(record)
    this.#lapsed.set(entry.id, entry)
    if (this.#lapsed.size > maximumLapsed) {
      for (const longestAgo of this.#lapsed.keys()) {
        this.#lapsed.delete(longestAgo)
        break
      }
    }
    this.#options.onChange?.({ kind: 'lapsed', entry })
  }
}

/** The smaller of two buckets; none when one is missing, as nothing can meet both conditions then. */
function smaller<Entry>(
  bucket: RegistryBucket<Entry> | undefined,
  other: RegistryBucket<Entry> | undefined,
): RegistryBucket<Entry> | undefined {
  if (bucket === undefined || other === undefined) return undefined
  return other.size < bucket.size ? other : bucket
}

function meets(entry: Registration, { role, capability, tag }: RegistryQuery): boolean {
  return (
    (role === undefined || entry.role === role) &&
    (capability === undefined || entry.capabilities.includes(capability)) &&
    (tag === undefined || entry.tags.includes(tag))
  )
}

function duplicateAgent(id: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_AGENT',
    message: `an agent with the id "${id}" is registered and alive: deregister it first, or choose another id`,
    context: { agent: id },
  })
}
