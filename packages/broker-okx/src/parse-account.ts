import {
  amountText,
  asList,
  asPayload,
  decimalIfAny,
  epochMs,
  missing,
  optionalAmount,
  optionalEpochMs,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { decimal, decimalText, zero } from '@tradeswarm/trading'

/** How the account is set up, as far as it matters. */
export type OkxConfig = {
  /** 1 spot, 2 futures, 3 margin in several currencies, 4 portfolio margin. */
  readonly level: string
  readonly positionMode: string
  readonly permissions: readonly string[]
  /** Whether it borrows by itself what an order lacks. */
  readonly borrows: boolean
}

/** Reads `account/config`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseConfig(value: unknown): OkxConfig {
  const payload = asPayload(value, 'a configuration')
  const level = text(payload, 'acctLv', 'a configuration')
  return {
    level,
    positionMode: text(payload, 'posMode', 'a configuration'),
    permissions: (optionalText(payload, 'perm') ?? 'read_only,trade').split(','),
    // Spot mode has a switch of its own for that, and futures mode none.
    borrows: level !== '2' && payload[level === '1' ? 'enableSpotBorrow' : 'autoLoan'] === true,
  }
}

/** What the account has of a currency; decimal texts. */
export type OkxBalance = {
  readonly currency: string
  /** Cash and coins, beside what is set aside for isolated positions. */
  readonly total: string
  readonly available: string
  readonly updatedAt: EpochMs
}

/** Reads `account/balance`, or the channel `account`: those currencies that are not 0. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBalances(value: unknown): readonly OkxBalance[] {
  const what = 'a balance'
  const payload = asPayload(value, what)
  return asList(payload['details'], what).map((row) => {
    const detail = asPayload(row, what)
    const total = amountText(detail, 'cashBal', what)
    return {
      currency: text(detail, 'ccy', what),
      total: decimalText(decimal(total)),
      available: decimalText(decimal(optionalAmount(detail, 'availBal') ?? total)),
      updatedAt: optionalEpochMs(detail, 'uTime') ?? 0,
    }
  })
}

/** A position in contracts; shorts are below 0. */
export type OkxPosition = {
  readonly symbol: string
  readonly quantity: string
  readonly averagePrice: string | undefined
  readonly marginMode: 'cross' | 'isolated'
  /** What is set aside for it, of an isolated one. It is in no balance. */
  readonly margin: { readonly currency: string; readonly amount: string } | undefined
  readonly updatedAt: EpochMs
}

/** Reads one of `account/positions`, or of the channel `positions`. Throws `BROKER_BAD_PAYLOAD`. */
export function parsePosition(value: unknown): OkxPosition {
  const what = 'a position'
  const payload = asPayload(value, what)
  const quantity = decimalIfAny(payload['pos'], 'pos', what) ?? zero
  const isShort = payload['posSide'] === 'short' && quantity.gt(zero)
  return {
    symbol: text(payload, 'instId', what),
    quantity: decimalText(isShort ? quantity.neg() : quantity),
    averagePrice: optionalAmount(payload, 'avgPx'),
    ...marginOf(payload, quantity.isZero(), what),
    updatedAt: optionalEpochMs(payload, 'uTime') ?? 0,
  }
}

function marginOf(payload: Payload, isClosed: boolean, what: string): Pick<OkxPosition, 'marginMode' | 'margin'> {
  if (payload['mgnMode'] !== 'isolated') return { marginMode: 'cross', margin: undefined }
  const margin = decimalIfAny(payload['margin'], 'margin', what)
  if (margin === undefined && !isClosed) missing(what, 'margin', 'an amount')
  const amount = decimalText(margin ?? zero)
  return { marginMode: 'isolated', margin: { currency: text(payload, 'ccy', what), amount } }
}

/** A line of the account's statement. `amount` is what the balance and the margin of an isolated position changed by together. */
export type OkxBill = {
  readonly id: string
  readonly type: string
  readonly subType: string
  readonly symbol: string | undefined
  readonly currency: string
  readonly amount: string
  readonly time: EpochMs
}

/** Reads one of `account/bills`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBill(value: unknown): OkxBill {
  const what = 'a bill'
  const payload = asPayload(value, what)
  return {
    id: text(payload, 'billId', what),
    type: text(payload, 'type', what),
    subType: optionalText(payload, 'subType') ?? '',
    symbol: optionalText(payload, 'instId'),
    currency: text(payload, 'ccy', what),
    // Funding of an isolated position is paid by its margin, and leaves the balance as it is.
    amount: decimalText(
      decimal(amountText(payload, 'balChg', what)).plus(decimalIfAny(payload['posBalChg'], 'posBalChg', what) ?? zero),
    ),
    time: epochMs(payload, 'ts', what),
  }
}
