import { decimal, decimalText, type VenueMovement } from '@tradeswarm/trading'
import type { AccountActivity } from './parse-activity.js'

/** Charges, that is of regulators, for what passes through, and of a paying agent. */
const fees: ReadonlySet<string> = new Set(['FEE', 'PTC', 'DIVFEE'])
/** Interest and what is kept back of it, and rebates. */
const interest: ReadonlySet<string> = new Set(['INT', 'INTNRA', 'INTTW', 'PTR'])
/** Dividends and what is kept back of them, and gains that are handed on. */
const dividends: ReadonlySet<string> = new Set([
  'DIV',
  'DIVCGL',
  'DIVCGS',
  'DIVFT',
  'DIVNRA',
  'DIVROC',
  'DIVTW',
  'DIVTXEX',
  'CGD',
])

/**
 * An activity as a movement; undefined for what is none. What crypto costs (`CFEE`, in dollars `FEE`) was told with its executions. Money that
 * a person brings or takes (deposits, withdrawals, journals, transfers) is theirs to book, and so is what companies do with their shares.
 */
export function movementOf(
  { id, type, status, time, currency, netAmount, symbol, description }: AccountActivity,
  isPair: (symbol: string) => boolean,
): VenueMovement | undefined {
  const net = decimal(netAmount, 'net_amount')
  if (status === 'canceled' || net.isZero()) return undefined
  const said = { eventId: `alpaca-activity-${id}`, time, currency }
  if (fees.has(type)) {
    const isOfCrypto = (symbol !== undefined && isPair(symbol)) || /coin pair/i.test(description)
    return type === 'FEE' && isOfCrypto ? undefined : { ...said, type: 'fee', amount: decimalText(net.neg()) }
  }
  const amount = decimalText(net)
  if (dividends.has(type) && symbol !== undefined) return { ...said, type: 'dividend', symbol, amount }
  return interest.has(type) || dividends.has(type) ? { ...said, type: 'interest', amount } : undefined
}
