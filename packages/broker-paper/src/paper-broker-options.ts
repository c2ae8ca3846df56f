import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, type Instrument } from '@tradeswarm/trading'
import { z } from 'zod'
import type { FeeSchedule } from './fee-schedule.js'

/** What a paper account is made of. Amounts are decimal texts; a basis point is 0.0001 of the notional. */
export type PaperBrokerOptions = {
  /** The account's name; `paper` by default. */
  readonly account?: string
  /** All that can be traded at this venue. */
  readonly instruments: readonly Instrument[]
  /** What the account holds at the start, by currency. */
  readonly cash: Readonly<Record<string, string>>
  /** Per fill: basis points of the notional plus an amount per unit, at least the minimum. 5 basis points by default. */
  readonly fees?: { readonly basisPoints?: string; readonly perUnit?: string; readonly minimum?: string }
  /** How much worse than the market's price a market or stop order fills. 5 basis points by default. */
  readonly slippage?: { readonly basisPoints: string }
  /**
   * The most that all orders of a symbol together may fill in one session, as a fraction of the volume of the bar before.
   * Unlimited by default. With it, nothing fills before a first bar was seen.
   */
  readonly maximumVolumeFraction?: string
  /** Lets positions go below 0: without margin and without borrowing costs. Off by default. */
  readonly allowShorts?: boolean
}

/** What {@link PaperBrokerOptions} leaves out. */
export const paperBrokerDefaults = {
  account: 'paper',
  fees: { basisPoints: '5', perUnit: '0', minimum: '0' },
  slippage: { basisPoints: '5' },
  allowShorts: false,
} as const

/** An instrument with its grid parsed. */
export type VenueInstrument = {
  readonly instrument: Instrument
  readonly tick: Decimal
  readonly lot: Decimal
  readonly minimumNotional: Decimal
}

/** The options, checked and parsed. */
export type PaperBrokerSettings = {
  readonly account: string
  readonly instruments: ReadonlyMap<string, VenueInstrument>
  readonly cash: ReadonlyMap<string, Decimal>
  readonly fees: FeeSchedule
  readonly slippageBasisPoints: Decimal
  readonly maximumVolumeFraction: Decimal | undefined
  readonly allowShorts: boolean
}

type Range = { readonly minimum: string; readonly maximum?: string; readonly above?: boolean }

function amount(range: Range): z.ZodType<string> {
  const floor = range.above ? `above ${range.minimum}` : `from ${range.minimum}`
  const expected = `use a decimal text ${floor} ${range.maximum === undefined ? 'up' : `to ${range.maximum}`}`
  return z.string({ error: expected }).refine((text) => isInRange(text, range), { error: expected })
}

function isInRange(text: string, range: Range): boolean {
  try {
    const value = decimal(text)
    const minimum = decimal(range.minimum)
    const isBelow = range.above ? value.lte(minimum) : value.lt(minimum)
    return !isBelow && (range.maximum === undefined || value.lte(decimal(range.maximum)))
  } catch {
    return false
  }
}

const name = z.string({ error: 'use a text of 1 to 64 characters' }).min(1, 'use a text of 1 to 64 characters').max(64)

const instrumentSchema = z
  .object({
    symbol: name,
    kind: z.enum(['equity', 'index', 'crypto-spot']),
    asset: name,
    currency: name,
    tickSize: amount({ minimum: '0', above: true }),
    lotSize: amount({ minimum: '0', above: true }),
    minimumNotional: amount({ minimum: '0' }),
    calendar: z.enum(['us-equity', 'always-open']),
  })
  .refine((instrument) => instrument.asset !== instrument.currency, {
    path: ['asset'],
    error: 'use an asset other than the currency it is paid in',
  })

const optionsSchema = z.strictObject({
  account: name.default(paperBrokerDefaults.account),
  instruments: z
    .array(instrumentSchema)
    .min(1, 'name at least one instrument')
    .refine((all) => new Set(all.map((one) => one.symbol)).size === all.length, 'name each symbol once'),
  cash: z.record(name, amount({ minimum: '0' })),
  fees: z
    .strictObject({
      basisPoints: amount({ minimum: '0', maximum: '1000' }).default(paperBrokerDefaults.fees.basisPoints),
      perUnit: amount({ minimum: '0' }).default(paperBrokerDefaults.fees.perUnit),
      minimum: amount({ minimum: '0' }).default(paperBrokerDefaults.fees.minimum),
    })
    .default(paperBrokerDefaults.fees),
  slippage: z
    .strictObject({ basisPoints: amount({ minimum: '0', maximum: '1000' }) })
    .default(paperBrokerDefaults.slippage),
  maximumVolumeFraction: amount({ minimum: '0', maximum: '1', above: true }).optional(),
  allowShorts: z.boolean({ error: 'use true or false' }).default(paperBrokerDefaults.allowShorts),
})

/** Checks and parses the options. Throws `INVALID_OPTION`, naming the option, its value and the range. */
export function parsePaperBrokerOptions(options: PaperBrokerOptions): PaperBrokerSettings {
  const parsed = optionsSchema.safeParse(options)
  if (!parsed.success) throw invalidOption(options, parsed.error)
  const { account, instruments, cash, fees, slippage, maximumVolumeFraction, allowShorts } = parsed.data
  return {
    account,
    instruments: new Map(instruments.map((instrument) => [instrument.symbol, venueInstrument(instrument)])),
    cash: new Map(Object.entries(cash).map(([currency, text]) => [currency, decimal(text)])),
    fees: {
      basisPoints: decimal(fees.basisPoints),
      perUnit: decimal(fees.perUnit),
      minimum: decimal(fees.minimum),
    },
    slippageBasisPoints: decimal(slippage.basisPoints),
    maximumVolumeFraction: maximumVolumeFraction === undefined ? undefined : decimal(maximumVolumeFraction),
    allowShorts,
  }
}

function venueInstrument(instrument: Instrument): VenueInstrument {
  return {
    instrument,
    tick: decimal(instrument.tickSize),
    lot: decimal(instrument.lotSize),
    minimumNotional: decimal(instrument.minimumNotional),
  }
}

function invalidOption(options: unknown, error: z.ZodError): SwarmError {
  const issue = error.issues[0]
  const path = issue?.path ?? []
  let value: unknown = options
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  const shown = JSON.stringify(value) ?? 'undefined'
  const option = path.length === 0 ? 'options' : path.map(String).join('.')
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createPaperBroker: ${option} is ${shown.slice(0, 80)}: ${issue?.message ?? 'not understood'}`,
    context: { option },
  })
}
