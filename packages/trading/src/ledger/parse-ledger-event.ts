import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import type { LedgerEvent } from './ledger-event.js'

const id = z.string().min(1)
const currency = id.exactOptional()
const base = { eventId: id, time: z.number(), correlationId: id.exactOptional(), causationId: id.exactOptional() }
const fillKey = { account: id, symbol: id, tradeId: id }
const unitTerms = { multiplier: z.string().exactOptional(), settlement: z.literal('margin').exactOptional() }
const units = { ...base, symbol: id, asset: id, quantity: z.string(), currency, ...unitTerms }
/** A venue that names no currency of a fee says so with an empty text. */
const terms = { price: z.string(), quantity: z.string(), fee: z.string(), feeCurrency: z.string() }
const wholeNumber = z.int().positive()

const cashMovement = z.object({
  ...base,
  type: z.enum(['deposit', 'withdrawal', 'fee', 'interest']),
  amount: z.string(),
  currency,
})
const carry = z.object({ ...base, type: z.enum(['funding', 'borrow']), symbol: id, amount: z.string(), currency })
const cashTransfer = z.object({ ...base, type: z.literal('transfer'), amount: z.string(), currency })
const unitsTransfer = z.object({ ...units, type: z.literal('transfer'), cost: z.string().exactOptional() })
const adoptionAtCost = z.object({ ...units, type: z.literal('adoption'), cost: z.string() })
const adoptionAtPrice = z.object({ ...units, type: z.literal('adoption'), price: z.string() })

type Schema = z.ZodType<LedgerEvent>

const schemas: Readonly<Record<LedgerEvent['type'], Schema | ((value: object) => Schema)>> = {
  fill: z.object({
    ...base,
    ...fillKey,
    ...terms,
    type: z.literal('fill'),
    orderId: id,
    asset: id,
    side: z.enum(['buy', 'sell']),
    currency,
    ...unitTerms,
    realised: z.string().exactOptional(),
  }),
  bust: z.object({ ...base, ...fillKey, type: z.literal('bust') }),
  correction: z.object({ ...base, ...fillKey, ...terms, type: z.literal('correction') }),
  dividend: z.object({
    ...base,
    type: z.literal('dividend'),
    symbol: id,
    quantity: z.string(),
    amountPerUnit: z.string(),
    currency,
  }),
  deposit: cashMovement,
  withdrawal: cashMovement,
  fee: cashMovement,
  interest: cashMovement,
  funding: carry,
  borrow: carry,
  transfer: (value) => ('symbol' in value ? unitsTransfer : cashTransfer),
  opening: z.object({ ...units, type: z.literal('opening'), cost: z.string() }),
  adoption: (value) => ('price' in value ? adoptionAtPrice : adoptionAtCost),
  split: z.object({
    ...base,
    type: z.literal('split'),
    symbol: id,
    numerator: wholeNumber,
    denominator: wholeNumber,
    cashInLieu: z.object({ quantity: z.string(), amount: z.string() }).exactOptional(),
    currency,
  }),
}

const typed = z.object({ type: z.enum(Object.keys(schemas) as LedgerEvent['type'][]) })

/** Reads an event back from a journal. Throws `INVALID_LEDGER_EVENT`, naming the field. */
export function parseLedgerEvent(value: unknown): LedgerEvent {
  const kind = typed.safeParse(value)
  const schema = kind.success ? schemas[kind.data.type] : typed
  const parsed = (typeof schema === 'function' ? schema(value as object) : schema).safeParse(value)
  if (parsed.success) return parsed.data as LedgerEvent
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `ledger event: field "${field}": ${issue?.message ?? 'unreadable'}`,
    context: { field },
    cause: parsed.error,
  })
}
