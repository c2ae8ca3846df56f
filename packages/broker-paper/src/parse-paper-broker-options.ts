import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { type Decimal, decimal, type Instrument, instrumentKinds, isContract, one, zero } from '@tradeswarm/trading'
import { z } from 'zod'
import type { FeeSchedule } from './fee-schedule.js'
import {
  type PaperBrokerOptions,
  type PaperBrokerSettings,
  paperBrokerDefaults,
  type VenueInstrument,
} from './paper-broker-options.js'

type Range = { readonly minimum: string; readonly maximum?: string; readonly above?: boolean; readonly places?: number }

function amount(range: Range): z.ZodType<string> {
  const floor = range.above ? `above ${range.minimum}` : `from ${range.minimum}`
  const decimals = range.places === undefined ? '' : ` of at most ${range.places} decimals`
  const expected = `use a decimal text ${floor} ${range.maximum === undefined ? 'up' : `to ${range.maximum}`}${decimals}`
  return z.string({ error: expected }).refine((text) => isInRange(text, range), { error: expected })
}

function isInRange(text: string, range: Range): boolean {
  try {
    const value = decimal(text)
    const minimum = decimal(range.minimum)
    const isBelow = range.above ? value.lte(minimum) : value.lt(minimum)
    if (range.places !== undefined && value.places > range.places) return false
    return !isBelow && (range.maximum === undefined || value.lte(decimal(range.maximum)))
  } catch {
    return false
  }
}

function milliseconds(maximum: number): z.ZodType<number> {
  const expected = `use a whole number of milliseconds from 0 to ${maximum}`
  return z.int({ error: expected }).min(0, expected).max(maximum, expected)
}

/** One in another alphabet that looks like it would be a currency of its own. */
const currency = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'use currencies such as USD, in letters, digits and signs of ASCII')
const name = z.string({ error: 'use a text of 1 to 64 characters' }).min(1, 'use a text of 1 to 64 characters').max(64)
const positive = amount({ minimum: '0', above: true })
const basisPoints = amount({ minimum: '0', maximum: '1000' })
/** Venues cap the rate of one interval at a few per cent. */
const signedRate = z.string().refine(isRate, { error: 'use a decimal text from -1 to 1, such as "0.0001"' })
const yearlyRate = amount({ minimum: '0', maximum: '10' })
/** Decimals that books keep of a price, with the multiplier too, and of a quantity: what is finer could be executed and never booked. */
const pricePlaces = 12
const quantityPlaces = 18

const instrumentSchema = z
  .object({
    symbol: name,
    kind: z.enum(instrumentKinds),
    asset: name,
    currency: name,
    tickSize: amount({ minimum: '0', above: true, places: pricePlaces }),
    lotSize: amount({ minimum: '0', above: true, places: quantityPlaces }),
    minimumNotional: amount({ minimum: '0' }),
    minimumQuantity: amount({ minimum: '0' }).exactOptional(),
    maximumQuantity: positive.exactOptional(),
    maximumNotional: positive.exactOptional(),
    multiplier: amount({ minimum: '0', above: true, places: pricePlaces }).exactOptional(),
    contractType: z.literal('linear', { error: 'use "linear": inverse contracts are not traded here' }).exactOptional(),
    shortable: z.boolean().exactOptional(),
    calendar: z.enum(['us-equity', 'always-open']),
  })
  .refine((instrument) => instrument.asset !== instrument.currency, {
    path: ['asset'],
    error: 'use an asset other than the currency it is paid in',
  })
  .refine((instrument) => !isContract(instrument) || instrument.asset === instrument.symbol, {
    path: ['asset'],
    error: 'use the symbol: a contract is counted in itself, not in what it is a contract of',
  })
  .refine((each) => isRange(each.minimumQuantity, each.maximumQuantity), {
    path: ['maximumQuantity'],
    error: 'use no less than minimumQuantity',
  })
  .refine((each) => isRange(each.minimumNotional, each.maximumNotional), {
    path: ['maximumNotional'],
    error: 'use no less than minimumNotional',
  })
  .refine((instrument) => isUnitExact(instrument), {
    path: ['multiplier'],
    error: `use a multiplier that makes prices on the tick no finer than ${pricePlaces} decimals`,
  })

const haltSchema = z
  .strictObject({ symbol: name, from: z.number(), to: z.number() })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'use an instant after "from"' })

const { fees, slippage } = paperBrokerDefaults

const placesRange = 'use a whole number from 0 to 18'

const feesSchema = z.strictObject({
  basisPoints: basisPoints.default(fees.basisPoints),
  makerBasisPoints: basisPoints.optional(),
  takerBasisPoints: basisPoints.optional(),
  perUnit: amount({ minimum: '0' }).default(fees.perUnit),
  minimum: amount({ minimum: '0' }).default(fees.minimum),
  perOrder: amount({ minimum: '0' }).default(fees.perOrder),
  chargedIn: z
    .union([z.literal(['currency', 'bought']), z.strictObject({ asset: name, symbol: name })], {
      error: 'use "currency", "bought" or an asset with the symbol that prices it',
    })
    .default(fees.chargedIn),
  places: z.int(placesRange).min(0, placesRange).max(18, placesRange).optional(),
})

const optionsSchema = z.strictObject({
  account: name.default(paperBrokerDefaults.account),
  instruments: z
    .array(instrumentSchema)
    .min(1, 'name at least one instrument')
    .refine((all) => new Set(all.map((one) => one.symbol)).size === all.length, 'name each symbol once'),
  cash: z.record(currency, amount({ minimum: '0' })),
  fees: feesSchema.default(fees),
  symbolFees: z.record(name, feesSchema).default({}),
  slippage: z
    .strictObject({ basisPoints, impactBasisPoints: basisPoints.default(slippage.impactBasisPoints) })
    .default(slippage),
  maximumVolumeFraction: amount({ minimum: '0', maximum: '1', above: true }).optional(),
  limitFills: z.enum(['through', 'touch']).default(paperBrokerDefaults.limitFills),
  latencyMs: milliseconds(86_400_000).default(paperBrokerDefaults.latencyMs),
  quoteFreshMs: milliseconds(86_400_000).default(paperBrokerDefaults.quoteFreshMs),
  halts: z.array(haltSchema).default([]),
  haltedOrders: z.enum(['rest', 'refuse']).default(paperBrokerDefaults.haltedOrders),
  allowShorts: z.boolean({ error: 'use true or false' }).default(paperBrokerDefaults.allowShorts),
  borrow: z.strictObject({ annualRate: yearlyRate, symbols: z.record(name, yearlyRate).default({}) }).optional(),
  contractLeverage: amount({ minimum: '1', maximum: '125' }).default(paperBrokerDefaults.contractLeverage),
  funding: z
    .strictObject({
      intervalMs: z
        .int({ error: 'use a whole number of milliseconds from 60000 to 86400000' })
        .min(60_000)
        .max(86_400_000)
        .default(paperBrokerDefaults.funding.intervalMs),
      rates: z.record(name, signedRate),
    })
    .optional(),
})

type ParsedOptions = z.infer<typeof optionsSchema>

/** Checks and parses the options. Throws `INVALID_OPTION`, naming the option, its value and the range. */
export function parsePaperBrokerOptions(options: PaperBrokerOptions): PaperBrokerSettings {
  assertKnownOptions('createPaperBroker', options, Object.keys(optionsSchema.shape))
  const result = optionsSchema.safeParse(options)
  if (!result.success) {
    const [issue] = result.error.issues
    if (issue?.code === 'unrecognized_keys')
      throw invalidOption(options, [...issue.path, issue.keys[0] ?? ''], 'there is no such option')
    throw invalidOption(options, issue?.path ?? [], issue?.message ?? 'not understood')
  }
  const parsed = result.data
  checkSymbols(options, parsed)
  return {
    account: parsed.account,
    instruments: new Map(parsed.instruments.map((one) => [one.symbol, venueInstrument(one, parsed)])),
    cash: new Map(Object.entries(parsed.cash).map(([currency, text]) => [currency, decimal(text)])),
    slippage: {
      basisPoints: decimal(parsed.slippage.basisPoints),
      impactBasisPoints: positiveOrNone(parsed.slippage.impactBasisPoints),
    },
    maximumVolumeFraction: parsedOrNone(parsed.maximumVolumeFraction),
    fillsOnTouch: parsed.limitFills === 'touch',
    latencyMs: parsed.latencyMs,
    quoteFreshMs: parsed.quoteFreshMs,
    halts: parsed.halts,
    refusesInHalt: parsed.haltedOrders === 'refuse',
    contractLeverage: decimal(parsed.contractLeverage),
    funding:
      parsed.funding === undefined
        ? undefined
        : {
            intervalMs: parsed.funding.intervalMs,
            rates: new Map(Object.entries(parsed.funding.rates).map(([symbol, rate]) => [symbol, decimal(rate)])),
          },
  }
}

function feeSchedule(parsed: ParsedOptions['fees']): FeeSchedule {
  const { chargedIn } = parsed
  return {
    maker: decimal(parsed.makerBasisPoints ?? parsed.basisPoints),
    taker: decimal(parsed.takerBasisPoints ?? parsed.basisPoints),
    perUnit: decimal(parsed.perUnit),
    minimum: decimal(parsed.minimum),
    perOrder: decimal(parsed.perOrder),
    chargedIn,
    places: parsed.places,
  }
}

function venueInstrument(
  instrument: Instrument,
  { allowShorts, borrow, fees: ofAll, symbolFees }: ParsedOptions,
): VenueInstrument {
  const { symbol, multiplier, shortable = true } = instrument
  return {
    instrument,
    tick: decimal(instrument.tickSize),
    lot: decimal(instrument.lotSize),
    minimumNotional: decimal(instrument.minimumNotional),
    minimumQuantity: parsedOrNone(instrument.minimumQuantity),
    maximumQuantity: parsedOrNone(instrument.maximumQuantity),
    maximumNotional: parsedOrNone(instrument.maximumNotional),
    multiplier: multiplier === undefined || multiplier === '1' ? undefined : decimal(multiplier),
    fees: feeSchedule((Object.hasOwn(symbolFees, symbol) ? symbolFees[symbol] : undefined) ?? ofAll),
    isContract: isContract(instrument),
    mayBeShort: isContract(instrument) || (allowShorts && shortable),
    borrowRate: decimal(
      (borrow !== undefined && Object.hasOwn(borrow.symbols, symbol) ? borrow.symbols[symbol] : undefined) ??
        borrow?.annualRate ??
        '0',
    ),
  }
}

function isRange(from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return true
  try {
    return decimal(to).gte(decimal(from))
  } catch {
    // What is no amount was told under its own name.
    return true
  }
}

function isUnitExact({ tickSize, multiplier }: { readonly tickSize: string; readonly multiplier?: string }): boolean {
  if (multiplier === undefined) return true
  try {
    return decimal(tickSize).times(decimal(multiplier)).places <= pricePlaces
  } catch {
    // What is no amount was told under its own name.
    return true
  }
}

function isRate(text: string): boolean {
  try {
    return decimal(text).abs().lte(one)
  } catch {
    return false
  }
}

function parsedOrNone(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : decimal(text)
}

function positiveOrNone(text: string): Decimal | undefined {
  const value = decimal(text)
  return value.eq(zero) ? undefined : value
}

/** Options that speak of a symbol must mean one that is traded here: a misspelt halt would halt nothing. */
function checkSymbols(options: PaperBrokerOptions, parsedOptions: ParsedOptions): void {
  const { instruments, halts, borrow, fees: parsed, symbolFees, funding } = parsedOptions
  const perpetuals = new Set(instruments.filter(({ kind }) => kind === 'perpetual').map(({ symbol }) => symbol))
  for (const symbol of Object.keys(funding?.rates ?? {}))
    if (!perpetuals.has(symbol))
      throw invalidOption(options, ['funding', 'rates', symbol], 'use the symbol of a perpetual of "instruments"')
  const known = new Set(instruments.map(({ symbol }) => symbol))
  const expected = 'use a symbol of "instruments"'
  for (const [index, { symbol }] of halts.entries())
    if (!known.has(symbol)) throw invalidOption(options, ['halts', index, 'symbol'], expected)
  for (const symbol of Object.keys(borrow?.symbols ?? {}))
    if (!known.has(symbol)) throw invalidOption(options, ['borrow', 'symbols', symbol], expected)
  for (const [symbol, { chargedIn }] of Object.entries(symbolFees)) {
    if (!known.has(symbol)) throw invalidOption(options, ['symbolFees', symbol], expected)
    if (typeof chargedIn === 'object' && !known.has(chargedIn.symbol))
      throw invalidOption(options, ['symbolFees', symbol, 'chargedIn', 'symbol'], expected)
  }
  if (typeof parsed.chargedIn === 'object' && !known.has(parsed.chargedIn.symbol))
    throw invalidOption(options, ['fees', 'chargedIn', 'symbol'], expected)
}

function invalidOption(options: unknown, path: readonly PropertyKey[], expected: string): SwarmError {
  let value: unknown = options
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  const option = path.length === 0 ? 'options' : path.map(String).join('.')
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createPaperBroker: ${option} is ${shown(value)}: ${expected}`,
    context: { option },
  })
}
