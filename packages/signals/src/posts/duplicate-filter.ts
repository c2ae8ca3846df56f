import type { EpochMs } from '@tradeswarm/core'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

/** The limits of a duplicate filter. */
export type DuplicateFilterOptions = {
  /** How long after a text's first post another counts as its copy; default 3 days. */
  readonly windowMs?: number
  /** Texts remembered per symbol; default 2,000. The one remembered longest is forgotten first. */
  readonly maximumEntries?: number
  /** Symbols remembered; default 10,000. The one that has been quiet longest is forgotten first. */
  readonly maximumSymbols?: number
}

/** The limits of {@link createDuplicateFilter}. */
export const defaultDuplicateFilter = {
  windowMs: 3 * 86_400_000,
  maximumEntries: 2_000,
  maximumSymbols: 10_000,
} as const

/** The post that is asked about; the fingerprint is that of its normalised text. */
export type DuplicateCheck = {
  readonly id: string
  readonly symbol: string
  readonly fingerprint: string
  readonly at: EpochMs
}

/** `original`: first of its text. `repeated`: that very post again. `copy`: another post with the same text; `copies` counts them. */
export type DuplicateVerdict =
  | { readonly status: 'original' }
  | { readonly status: 'repeated'; readonly copies: number }
  | { readonly status: 'copy'; readonly originalId: string; readonly copies: number }

/** One symbol's memory as plain JSON: `[fingerprint, id, at, copies]`, oldest first. */
export type DuplicateFilterState = readonly (readonly [string, string, number, number])[]

/** Remembers texts by fingerprint and symbol within a window. Its memory is bounded, its state plain JSON. */
export type DuplicateFilter = {
  /** Judges a post and remembers it. */
  check(post: DuplicateCheck): DuplicateVerdict
  /** How many copies of a text were seen since its original; 0 when unknown. */
  copiesOf(symbol: string, fingerprint: string): number
  /** What is remembered of one symbol, to be stored; undefined when nothing. */
  stateOf(symbol: string): DuplicateFilterState | undefined
  /** Takes up a stored state of one symbol in place of what is remembered. Throws `INVALID_STATE` on anything else. */
  restore(symbol: string, state: unknown): void
}

const stateSchema = z.array(z.tuple([z.string(), z.string(), z.int(), z.int().nonnegative()]))

type Entry = { readonly id: string; readonly at: EpochMs; copies: number }

/** A filter of duplicates. Throws `INVALID_OPTION` on a limit that is not a positive whole number. */
export function createDuplicateFilter(options: DuplicateFilterOptions = {}): DuplicateFilter {
  const { windowMs, maximumEntries, maximumSymbols } = checkedLimits({ ...defaultDuplicateFilter, ...options })
  const symbols = new Map<string, Map<string, Entry>>()

  const entriesOf = (symbol: string): Map<string, Entry> => {
    const known = symbols.get(symbol)
    const entries = known ?? new Map<string, Entry>()
    symbols.delete(symbol)
    symbols.set(symbol, entries)
    dropFirst(symbols, maximumSymbols)
    return entries
  }

  return {
    check({ id, symbol, fingerprint, at }) {
      const entries = entriesOf(symbol)
      forgetBefore(entries, at - windowMs)
      const entry = entries.get(fingerprint)
      if (entry !== undefined && Math.abs(at - entry.at) <= windowMs) {
        if (entry.id === id) return { status: 'repeated', copies: entry.copies }
        entry.copies += 1
        return { status: 'copy', originalId: entry.id, copies: entry.copies }
      }
      entries.delete(fingerprint)
      entries.set(fingerprint, { id, at, copies: 0 })
      dropFirst(entries, maximumEntries)
      return { status: 'original' }
    },
    copiesOf: (symbol, fingerprint) => symbols.get(symbol)?.get(fingerprint)?.copies ?? 0,
    stateOf(symbol) {
      const entries = symbols.get(symbol)
      if (entries === undefined || entries.size === 0) return undefined
      return Array.from(entries, ([fingerprint, entry]) => [fingerprint, entry.id, entry.at, entry.copies] as const)
    },
    restore(symbol, state) {
      const parsed = stateSchema.safeParse(state)
      if (!parsed.success) {
        throw new SwarmError({
          code: 'INVALID_STATE',
          message: `the stored duplicates of ${symbol} are unreadable: ${z.prettifyError(parsed.error)}; delete that document to start afresh`,
          context: { symbol },
        })
      }
      const entries = entriesOf(symbol)
      entries.clear()
      for (const [fingerprint, id, at, copies] of parsed.data) entries.set(fingerprint, { id, at, copies })
      dropFirst(entries, maximumEntries)
    },
  }
}

function checkedLimits(limits: Required<DuplicateFilterOptions>): Required<DuplicateFilterOptions> {
  for (const [option, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createDuplicateFilter: ${option} is ${String(value)}; give a whole number of 1 or more`,
      context: { option, value },
    })
  }
  return limits
}

function forgetBefore(entries: Map<string, Entry>, oldest: EpochMs): void {
  for (const [fingerprint, entry] of entries) {
    if (entry.at >= oldest) return
    entries.delete(fingerprint)
  }
}

function dropFirst(map: Map<string, unknown>, maximum: number): void {
  for (const key of map.keys()) {
    if (map.size <= maximum) return
    map.delete(key)
  }
}
