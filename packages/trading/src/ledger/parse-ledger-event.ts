import { nearestName, SwarmError } from '@tradeswarm/core'
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

const cashMovement = z.strictObject({
  ...base,
  type: z.enum(['deposit', 'withdrawal', 'fee', 'interest']),
  amount: z.string(),
  currency,
})
const carry = z.strictObject({ ...base, type: z.enum(['funding', 'borrow']), symbol: id, amount: z.string(), currency })
const cashTransfer = z.strictObject({ ...base, type: z.literal('transfer'), amount: z.string(), currency })
const unitsTransfer = z.strictObject({ ...units, type: z.literal('transfer'), cost: z.string().exactOptional() })
const adoptionAtCost = z.strictObject({ ...units, type: z.literal('adoption'), cost: z.string() })
const adoptionAtPrice = z.strictObject({ ...units, type: z.literal('adoption'), price: z.string() })

type Schema = z.ZodType<LedgerEvent> & { readonly shape: object }

const schemas: Readonly<Record<LedgerEvent['type'], readonly [Schema, ...Schema[]]>> = {
  fill: [
    z.strictObject({
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
  ],
  bust: [z.strictObject({ ...base, ...fillKey, type: z.literal('bust') })],
  correction: [z.strictObject({ ...base, ...fillKey, ...terms, type: z.literal('correction') })],
  dividend: [
    z.strictObject({
      ...base,
      type: z.literal('dividend'),
      symbol: id,
      quantity: z.string(),
      amountPerUnit: z.string(),
      corrects: id.exactOptional(),
      currency,
    }),
  ],
  deposit: [cashMovement],
  withdrawal: [cashMovement],
  fee: [cashMovement],
  interest: [cashMovement],
  funding: [carry],
  borrow: [carry],
  transfer: [cashTransfer, unitsTransfer],
  opening: [z.strictObject({ ...units, type: z.literal('opening'), cost: z.string() })],
  adoption: [adoptionAtCost, adoptionAtPrice],
  split: [
    z.strictObject({
      ...base,
      type: z.literal('split'),
      symbol: id,
      numerator: wholeNumber,
      denominator: wholeNumber,
      cashInLieu: z.strictObject({ quantity: z.string(), amount: z.string() }).exactOptional(),
      currency,
    }),
  ],
}

const typed = z.object({ type: z.enum(Object.keys(schemas) as LedgerEvent['type'][]) })

/** Reads an event back from a journal. Throws `INVALID_LEDGER_EVENT`, naming the field. */
export function parseLedgerEvent(value: unknown): LedgerEvent {
  const kind = typed.safeParse(value)
  const parsed = (kind.success ? schemaOf(kind.data.type, value as object) : typed).safeParse(value)
  if (parsed.success) return parsed.data as LedgerEvent
  const { issues } = parsed.error
  const stray = issues.find((each) => each.code === 'unrecognized_keys')
  const issue = stray ?? issues[0]
  const field = [...(issue?.path ?? []), ...(stray?.keys.slice(0, 1) ?? [])].join('.')
  throw new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `ledger event: field "${field}": ${stray === undefined ? (issue?.message ?? 'unreadable') : strayMessage(kind.data?.type, field)}`,
    context: { field },
    cause: parsed.error,
  })
}

/** Of events that come in two forms: the one that a value has. */
function schemaOf(type: LedgerEvent['type'], value: object): Schema {
  const [first, second = first] = schemas[type]
  return (type === 'transfer' && 'symbol' in value) || (type === 'adoption' && 'price' in value) ? second : first
}

/** Every field that an event of a type may have. */
export const ledgerEventFields: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(schemas).map(([type, forms]) => [type, new Set(forms.flatMap(({ shape }) => Object.keys(shape)))]),
)

function strayMessage(type: string | undefined, field: string): string {
  const known = [...(ledgerEventFields.get(type ?? '') ?? [])]
  const nearest = nearestName(field, known)
  return `there is no such field; ${nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`}`
}
