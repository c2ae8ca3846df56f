import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

/** What all events of the ledger carry. */
export type LedgerEventBase = {
  /** Cited by the entry. Unique among the events of a ledger. */
  readonly eventId: string
  readonly time: EpochMs
  readonly correlationId?: string
  readonly causationId?: string
}

/** One execution, known by (account, symbol, tradeId). */
export type FillEvent = LedgerEventBase & {
  readonly type: 'fill'
  readonly account: string
  readonly symbol: string
  readonly tradeId: string
  readonly orderId: string
  /** What the position is counted in. */
  readonly asset: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly quantity: string
  /** A rebate is negative. */
  readonly fee: string
  /** The ledger's currency, or the asset when the venue keeps units of it back. */
  readonly feeCurrency: string
}

/** The venue takes an execution back. It may come before the fill itself. */
export type BustEvent = LedgerEventBase & {
  readonly type: 'bust'
  readonly account: string
  readonly symbol: string
  readonly tradeId: string
}

/** Cash on each unit held; the quantity is signed, so that a short pays. */
export type DividendPaidEvent = LedgerEventBase & {
  readonly type: 'dividend'
  readonly symbol: string
  readonly quantity: string
  readonly amountPerUnit: string
}

/** Money from outside (negative: withdrawn), a charge that belongs to no fill (negative: refunded), interest received (negative: paid). */
export type CashMovementEvent = LedgerEventBase & {
  readonly type: 'deposit' | 'fee' | 'interest'
  readonly amount: string
}

/** `denominator` old units become `numerator` new ones: 4 and 1 in a four-for-one split. Whole numbers above 0. */
export type SplitEvent = LedgerEventBase & {
  readonly type: 'split'
  readonly symbol: string
  readonly numerator: number
  readonly denominator: number
}

/** What changes the books. Amounts are decimal texts in the ledger's currency, quantities in units of the asset. */
export type LedgerEvent = FillEvent | BustEvent | DividendPaidEvent | CashMovementEvent | SplitEvent

const id = z.string().min(1)
const base = { eventId: id, time: z.number(), correlationId: id.exactOptional(), causationId: id.exactOptional() }
const fillKey = { account: id, symbol: id, tradeId: id }

const ledgerEventSchema: z.ZodType<LedgerEvent> = z.discriminatedUnion('type', [
  z.object({
    ...base,
    ...fillKey,
    type: z.literal('fill'),
    orderId: id,
    asset: id,
    side: z.enum(['buy', 'sell']),
    price: z.string(),
    quantity: z.string(),
    fee: z.string(),
    feeCurrency: id,
  }),
  z.object({ ...base, ...fillKey, type: z.literal('bust') }),
  z.object({ ...base, type: z.literal('dividend'), symbol: id, quantity: z.string(), amountPerUnit: z.string() }),
  z.object({ ...base, type: z.enum(['deposit', 'fee', 'interest']), amount: z.string() }),
  z.object({
    ...base,
    type: z.literal('split'),
    symbol: id,
    numerator: z.int().positive(),
    denominator: z.int().positive(),
  }),
])

/** Reads an event back from a journal. Throws `INVALID_LEDGER_EVENT`, naming the field. */
export function parseLedgerEvent(value: unknown): LedgerEvent {
  const parsed = ledgerEventSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `ledger event: field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unreadable'}`,
    cause: parsed.error,
  })
}
