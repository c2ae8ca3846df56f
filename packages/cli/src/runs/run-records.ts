import type { JournalEntry, Storage } from '@tradeswarm/core'
import {
  bookingIn,
  type KernelRecord,
  type LedgerEntry,
  type OrderIntent,
  type OrderRequest,
  type Permit,
  type RiskFinding,
} from '@tradeswarm/trading'

/** An order's header and verdict, as the kernel journalled them. */
export type AssessedOrder = {
  readonly type: 'order-assessed'
  readonly time: number
  readonly header: {
    readonly orderId: string
    readonly intentId: string
    readonly purpose: string
    readonly request: OrderRequest
    readonly agent: string
    readonly strategy: string
    readonly exits?: OrderIntent['exits']
    readonly correlationId: string
    readonly causationId: string
  }
  readonly verdict: {
    readonly permit?: Permit
    readonly reservation?: Readonly<Record<string, unknown>>
    readonly findings: readonly RiskFinding[]
    readonly warnings: readonly RiskFinding[]
  }
}

/** Something that happened to an order. */
export type OrderHappening = Extract<KernelRecord, { type: 'order-event' }>

/** An event and the ledger entry that it made. */
export type BookedEvent = {
  readonly type: 'booked'
  readonly time: number
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>
  readonly orderId?: string
  readonly entry: LedgerEntry
}

/** A message that the run journalled. */
export type RunMessage = {
  readonly id: string
  readonly time: number
  readonly topic: string
  readonly publisher: string
  readonly correlationId: string
  readonly causationId?: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** What one entry of a run's journal says. */
export type RunRecord =
  | { readonly kind: 'message'; readonly message: RunMessage }
  | { readonly kind: 'assessed'; readonly order: AssessedOrder }
  | { readonly kind: 'happened'; readonly happening: OrderHappening }
  | { readonly kind: 'booked'; readonly booked: BookedEvent }
  | { readonly kind: 'other' }

/** The records of a run, in order of virtual time; an execution that was booked is two. `kinds` are kinds of journal entries. */
export async function* readRecords(
  storage: Storage,
  kinds: readonly ('message' | 'order' | 'ledger' | 'risk')[],
): AsyncGenerator<RunRecord> {
  for await (const entry of storage.journal.read({ kinds })) {
    const record = recordOf(entry)
    yield record
    const booked = record.kind === 'happened' ? bookingIn(record.happening) : undefined
    if (booked !== undefined) yield { kind: 'booked', booked: { ...booked, type: 'booked' } }
  }
}

/** What a journal entry is, of the kinds that a listing needs. */
export function recordOf(entry: JournalEntry): RunRecord {
  const data = JSON.parse(entry.text) as { readonly type?: string }
  if (entry.kind === 'message')
    return { kind: 'message', message: { ...(data as unknown as RunMessage), id: entry.id, time: entry.time } }
  if (data.type === 'order-assessed') return { kind: 'assessed', order: data as AssessedOrder }
  if (data.type === 'order-event') return { kind: 'happened', happening: data as OrderHappening }
  if (data.type === 'booked') return { kind: 'booked', booked: data as BookedEvent }
  return { kind: 'other' }
}
