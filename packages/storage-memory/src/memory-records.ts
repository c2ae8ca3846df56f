import { type QueryRecord, type ResolvedQuery, wellFormed } from '@tradeswarm/core'
import { SortedList } from './sorted-list.js'
import { compareUtf8 } from './utf8-order.js'

type Conditions = ResolvedQuery['where']

/** The records of one collection: all of them, and those of each tag value, in order of (time, id). */
export class MemoryCollection {
  readonly #byId = new Map<string, QueryRecord>()
  readonly #all = new SortedList<QueryRecord>(compareRecords)
  readonly #byTag = new Map<string, Map<string, SortedList<QueryRecord>>>()

  get(id: string): QueryRecord | undefined {
    return this.#byId.get(wellFormed(id))
  }

  put({ id, time, tags, text }: QueryRecord): void {
    const record = Object.freeze({
      id: wellFormed(id),
      time,
      tags: Object.freeze(wellFormedTags(tags)),
      text: wellFormed(text),
    })
    const replaced = this.#byId.get(record.id)
    if (replaced !== undefined) this.#unlist(replaced)
    this.#byId.set(record.id, record)
    this.#all.insert(record)
    for (const [tag, value] of Object.entries(record.tags)) this.#tagged(tag, value).insert(record)
  }

  query({ where, fromTime, toTime, descending, after, limit }: ResolvedQuery): QueryRecord[] {
    const conditions = where.map(([tag, value]) => [wellFormed(tag), wellFormed(value)] as const)
    const list = this.#narrowest(conditions)
    const last = after === undefined ? undefined : { time: after.time, id: wellFormed(after.id) }
    const low = list.firstNot(
      (record) => record.time < fromTime || (!descending && last !== undefined && compareRecords(record, last) <= 0),
    )
    const high = list.firstNot(
      (record) => record.time <= toTime && !(descending && last !== undefined && compareRecords(record, last) >= 0),
    )
    const found: QueryRecord[] = []
    for (let step = 0; step < high - low && found.length < limit; step += 1) {
      const record = list.items[descending ? high - 1 - step : low + step] as QueryRecord
      if (matches(record, conditions)) found.push(record)
    }
    return found
  }

  count(where: Conditions): number {
    const conditions = where.map(([tag, value]) => [wellFormed(tag), wellFormed(value)] as const)
    const list = this.#narrowest(conditions)
    if (conditions.length < 2) return list.items.length
    return list.items.reduce((count, record) => count + (matches(record, conditions) ? 1 : 0), 0)
  }

  /** The shortest of the lists that hold every record that can match. */
  #narrowest(where: Conditions): SortedList<QueryRecord> {
    let narrowest = this.#all
    for (const [tag, value] of where) {
      const list = this.#byTag.get(tag)?.get(value) ?? new SortedList<QueryRecord>(compareRecords)
      if (list.items.length <= narrowest.items.length) narrowest = list
    }
    return narrowest
  }

  #tagged(tag: string, value: string): SortedList<QueryRecord> {
    const values = this.#byTag.get(tag) ?? new Map<string, SortedList<QueryRecord>>()
    const list = values.get(value) ?? new SortedList<QueryRecord>(compareRecords)
    this.#byTag.set(tag, values)
    values.set(value, list)
    return list
  }

  #unlist(record: QueryRecord): void {
    this.#all.remove(record)
    for (const [tag, value] of Object.entries(record.tags)) {
      const values = this.#byTag.get(tag)
      const list = values?.get(value)
      list?.remove(record)
      if (list?.items.length === 0) values?.delete(value)
    }
  }
}

function compareRecords(left: Pick<QueryRecord, 'time' | 'id'>, right: Pick<QueryRecord, 'time' | 'id'>): number {
  return left.time - right.time || compareUtf8(left.id, right.id)
}

function matches(record: QueryRecord, where: Conditions): boolean {
  return where.every(([tag, value]) => Object.hasOwn(record.tags, tag) && record.tags[tag] === value)
}

function wellFormedTags(tags: QueryRecord['tags']): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([tag, value]) => [wellFormed(tag), wellFormed(value)]))
}
