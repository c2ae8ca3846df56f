import type { PaperOperator } from '@tradeswarm/broker-paper'
import { assertKnownOptions, type EpochMs, SwarmError, shown } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type MarketEvent, zero } from '@tradeswarm/trading'
import type { FakeVenue } from './fake-venue.js'

/** Money that the account gets or pays without a trade, in Alpaca's words. */
export type FakePayment = {
  /** The type of the activity: `INT`, `FEE`, `DIV`, `DIVNRA`, `CSD`, `JNLC` and so on. */
  readonly type: string
  /** `MGN`, `TAF` and the like. */
  readonly subType?: string
  /** What it makes of the cash, in dollars: below 0 where it is paid. A decimal text. */
  readonly netAmount: string
  readonly symbol?: string
  readonly description?: string
  /** `executed` by default; what is `canceled` moves nothing. */
  readonly status?: 'executed' | 'correct' | 'canceled'
}

type Payer = { readonly venue: FakeVenue; readonly engine: PaperOperator; readonly now: () => EpochMs }

const paymentFields = ['type', 'subType', 'netAmount', 'symbol', 'description', 'status'] as const
const statuses: readonly unknown[] = ['executed', 'correct', 'canceled']

/** Types of activities that are no trade, as Alpaca's API names them. */
const types: readonly string[] = [
  'ACATC ACATS CFEE CGD CSD CSW DIV DIVCGL DIVCGS DIVFEE DIVFT DIVNRA DIVROC DIVTW DIVTXEX FEE FOPT INT INTNRA INTTW',
  'JNL JNLC JNLS MA NC OPASN OPCA OPCSH OPEXC OPEXP OPTRD PTC PTR REORG SPIN SPLIT',
].flatMap((some) => some.split(' '))

/** Moves the money and posts the activity. Throws `INVALID_OPTION`. */
export async function pay({ venue, engine, now }: Payer, payment: FakePayment): Promise<void> {
  assertKnownOptions('fake Alpaca: pay', payment, paymentFields)
  const { type, subType, netAmount, symbol, description = type, status = 'executed' } = payment
  if (!types.includes(type))
    throw invalid('type', type, `it must be a type of activity that is no trade: ${types.join(', ')}`)
  for (const [name, text] of Object.entries({ subType, symbol, description }))
    if (text !== undefined && typeof text !== 'string') throw invalid(name, text, 'it must be a text')
  if (!statuses.includes(status)) throw invalid('status', status, `it must be one of ${statuses.join(', ')}`)
  const amount = amountOf(netAmount)
  if (status !== 'canceled') await engine.move({ type: 'interest', currency: 'USD', amount: decimalText(amount) })
  const fields = {
    activity_type: type,
    ...(subType === undefined ? {} : { activity_sub_type: subType }),
    ...(symbol === undefined ? {} : { symbol }),
    net_amount: decimalText(amount),
    description,
    status,
  }
  venue.ledger.noteOther(fields, now())
}

/** Posts what the day has cost; the cash goes with it. */
export async function postFees({ venue, engine, now }: Payer): Promise<void> {
  const charged = venue.dayFees.post(now())
  if (charged.gt(zero)) await engine.move({ type: 'fee', currency: 'USD', amount: decimalText(charged) })
}

/** A dividend that the market tells of is an activity of the account; the matching engine has paid it. */
export function noteDividend({ venue, now }: Pick<Payer, 'venue' | 'now'>, event: MarketEvent): void {
  if (event.type !== 'dividend') return
  const asset = venue.assets.find(event.symbol)
  const held = asset === undefined ? zero : venue.positions.quantity(asset)
  if (held.eq(zero)) return
  const fields = {
    activity_type: 'DIV',
    activity_sub_type: 'CDIV',
    symbol: event.symbol,
    qty: decimalText(held),
    per_share_amount: event.amountPerUnit,
    net_amount: decimalText(held.times(decimal(event.amountPerUnit))),
    description: 'Cash DIV',
  }
  venue.ledger.noteOther(fields, now())
}

function amountOf(netAmount: unknown): Decimal {
  try {
    return decimal(netAmount as string)
  } catch {
    throw invalid('netAmount', netAmount, 'it must be a decimal text, such as "-1.25"')
  }
}

function invalid(option: string, value: unknown, fault: string): SwarmError {
  const message = `fake Alpaca: pay: ${option} is ${shown(value)}; ${fault}`
  return new SwarmError({ code: 'INVALID_OPTION', message, context: { option } })
}
