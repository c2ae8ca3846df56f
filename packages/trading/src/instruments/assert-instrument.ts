import { nearestName, SwarmError, shown } from '@tradeswarm/core'
import { z } from 'zod'
import { readDecimal, zero } from '../money/decimal.js'
import type { OrderType } from '../orders/order-request.js'
import { type Instrument, instrumentKinds } from './instrument.js'
import { calendarNames } from './trading-calendar.js'

/** Decimals that books keep of a price, with its multiplier too, and of a quantity: what is finer could be executed and never booked. */
const pricePlaces = 12
const quantityPlaces = 18

/** A decimal text from 0 on, or above it. */
function amount(floor: 'from 0' | 'above 0', maximumDecimals = 30): z.ZodType<string> {
  const expected = `a decimal text ${floor}${maximumDecimals === 30 ? '' : ` of at most ${maximumDecimals} decimals`}, such as '1'`
  const isOne = (text: string): boolean => {
    const value = readDecimal(text)
    if (value === undefined || value.places > maximumDecimals) return false
    return floor === 'from 0' ? value.gte(zero) : value.gt(zero)
  }
  return z.string({ error: expected }).refine(isOne, { error: expected })
}

const orderTypes: Readonly<Record<OrderType, true>> = {
  market: true,
  limit: true,
  stop: true,
  'stop-limit': true,
  'trailing-stop': true,
  oco: true,
}
const word = 'a text of 1 to 64 characters'
const name = z.string({ error: word }).min(1, word).max(64, word)
const offsets = "an object with a decimal text under buy, sell or both, such as { sell: '0.05' }"
const oneOf = (names: readonly string[]) => z.enum(names, { error: `one of ${names.join(', ')}` })

const fields = {
  symbol: name,
  kind: oneOf(instrumentKinds),
  asset: name,
  currency: name,
  tickSize: amount('above 0', pricePlaces),
  lotSize: amount('above 0', quantityPlaces),
  minimumNotional: amount('from 0'),
  minimumQuantity: amount('from 0').optional(),
  maximumQuantity: amount('above 0').optional(),
  maximumNotional: amount('above 0').optional(),
  multiplier: amount('above 0', pricePlaces).optional(),
  contractType: oneOf(['linear', 'inverse']).optional(),
  shortable: z.boolean({ error: 'true or false' }).optional(),
  orderTypes: z.array(oneOf(Object.keys(orderTypes)), { error: 'a list of order types' }).optional(),
  stopLimitOffset: z
    .strictObject({ buy: amount('from 0').optional(), sell: amount('from 0').optional() }, { error: offsets })
    .optional(),
  calendar: oneOf(calendarNames),
} satisfies Record<keyof Instrument, z.ZodType>

const instrumentSchema = z
  .object(fields)
  .refine(({ tickSize, multiplier }) => isUnitExact(tickSize, multiplier), {
    path: ['multiplier'],
    error: `one that makes prices on the tick no finer than ${pricePlaces} decimals`,
  })
  .refine((each) => isRange(each.minimumQuantity, each.maximumQuantity), {
    path: ['maximumQuantity'],
    error: 'no less than minimumQuantity',
  })
  .refine((each) => isRange(each.minimumNotional, each.maximumNotional), {
    path: ['maximumNotional'],
    error: 'no less than minimumNotional',
  })

/** What is no amount was told under its own name. */
function isUnitExact(tickSize: string, multiplier = '1'): boolean {
  const [tick, times] = [readDecimal(tickSize), readDecimal(multiplier)]
  return tick === undefined || times === undefined || tick.times(times).places <= pricePlaces
}

function isRange(from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return true
  const [least, most] = [readDecimal(from), readDecimal(to)]
  return least === undefined || most === undefined || most.gte(least)
}

/** Refuses what is no instrument, in the name of whoever was given it, with the field and what it may be. Throws `INVALID_OPTION`. */
export function assertInstrument(where: string, option: string, given: unknown): asserts given is Instrument {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(where, option, `is ${shown(given)}; it must be an instrument: symbol, kind, currency and grid`)
  const { symbol } = given as Partial<Instrument>
  const named = typeof symbol === 'string' ? `${option} (${shown(symbol)})` : option
  const known = Object.keys(fields)
  const unknown = Object.keys(given).find((field) => !known.includes(field))
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known)
    const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
    throw invalid(where, named, `has no field ${unknown}; ${hint}`)
  }
  const issue = instrumentSchema.safeParse(given).error?.issues[0]
  if (issue === undefined) return
  let value: unknown = given
  for (const key of issue.path) value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
  const fault = value === undefined ? 'is not given' : `is ${shown(value)}`
  throw invalid(where, named, `${issue.path.join('.')} ${fault}; it must be ${issue.message}`)
}

function invalid(where: string, option: string, fault: string): SwarmError {
  const message = `${where}: ${option}: ${fault}`
  return new SwarmError({ code: 'INVALID_OPTION', message, context: { option } })
}
