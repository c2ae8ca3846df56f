import { z } from 'zod'

const text = z.string()
const optionalText = text.exactOptional()
const pair = z.tuple([text, text])
const correctable = { price: text, quantity: text, fee: text, feeCurrency: text }
const mark = { eventId: text, time: z.number() }

const fillSchema = z.object({
  type: z.literal('fill'),
  account: text,
  tradeId: text,
  asset: text,
  side: z.enum(['buy', 'sell']),
  ...correctable,
  time: z.number(),
  entryId: text,
  bustEntryId: optionalText,
  realised: optionalText,
  reported: z.object(correctable).exactOptional(),
  correctedBy: z.object(mark).exactOptional(),
})

const splitSchema = z.object({
  type: z.literal('split'),
  time: z.number().exactOptional(),
  numerator: z.int().positive(),
  denominator: z.int().positive(),
  cashInLieu: z.object({ quantity: text, amount: text }).exactOptional(),
})

const unitsSchema = z.object({
  type: z.enum(['opening', 'adoption', 'transfer']),
  ...mark,
  quantity: text,
  price: optionalText,
  cost: optionalText,
})

const lot = { tradeId: text, quantity: text, cost: text, openedAt: z.number() }

const foldedSchema = z.object({
  cash: text,
  realised: text,
  fees: text,
  contributed: text,
  otherFees: z.array(pair).exactOptional(),
  openedAt: z.number(),
  lots: z.array(z.object({ ...lot, price: optionalText })),
})

const bookSchema = z.object({
  symbol: text,
  asset: optionalText,
  currency: optionalText,
  multiplier: optionalText,
  settlement: z.literal('margin').exactOptional(),
  quantity: text,
  openCost: text,
  realised: text,
  fees: text,
  lots: z.array(z.object(lot)),
  history: z.array(z.union([fillSchema, splitSchema, unitsSchema])),
  earlyBusts: z.array(pair),
  earlyCorrections: z.array(z.tuple([text, z.object({ ...correctable, ...mark })])).exactOptional(),
  folded: foldedSchema.exactOptional(),
  forgotten: z
    .array(z.union([z.tuple([text, text, z.number()]), z.tuple([text, text, z.number(), text])]))
    .exactOptional(),
})

const plainFigures = { deposits: text, fees: text, dividends: text, interest: text }
const otherFigures = {
  funding: optionalText,
  borrow: optionalText,
  transfers: optionalText,
  openings: optionalText,
  adoptions: optionalText,
}

/**
 * How books are kept between runs, as plain JSON. Version 2 adds what is optional here, version 3 multipliers and contracts, version 4
 * the time from which a split holds.
 */
export const snapshotSchema = z.object({
  version: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  currency: text.min(1),
  lots: z.enum(['lifo', 'average']).exactOptional(),
  horizon: z.object({ time: z.number(), keysBefore: z.number().exactOptional() }).exactOptional(),
  entries: z.int().nonnegative(),
  cash: text,
  ...plainFigures,
  ...otherFigures,
  currencies: z
    .array(z.object({ currency: text.min(1), cash: text, ...plainFigures, ...otherFigures }))
    .exactOptional(),
  seen: z.array(z.union([pair, z.tuple([text, text, z.number()])])),
  books: z.array(bookSchema),
})

export type LedgerSnapshot = z.infer<typeof snapshotSchema>
export type BookSnapshot = LedgerSnapshot['books'][number]
