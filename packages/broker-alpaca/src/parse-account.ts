import {
  amountText,
  asPayload,
  instant,
  optionalAmount,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { fromVenueSymbol } from './symbols.js'

/** The account, as far as it is needed. Amounts are decimal texts. */
export type AlpacaAccount = {
  readonly status: string
  readonly currency: string
  readonly cash: string
  readonly isBlocked: boolean
  /** Whether it may sell short. */
  readonly shorts: boolean
}

/** Reads `/v2/account`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseAccount(value: unknown): AlpacaAccount {
  const payload = asPayload(value, 'an account')
  return {
    status: text(payload, 'status', 'an account'),
    currency: text(payload, 'currency', 'an account'),
    cash: amountText(payload, 'cash', 'an account'),
    isBlocked: payload['account_blocked'] === true || payload['trading_blocked'] === true,
    shorts: payload['shorting_enabled'] === true,
  }
}

/** A position; shorts are below 0. */
export type AlpacaPosition = { readonly assetId: string; readonly symbol: string; readonly quantity: string }

/** Reads one of `/v2/positions`. Throws `BROKER_BAD_PAYLOAD`. */
export function parsePosition(value: unknown): AlpacaPosition {
  const payload = asPayload(value, 'a position')
  return {
    assetId: text(payload, 'asset_id', 'a position'),
    symbol: text(payload, 'symbol', 'a position'),
    quantity: amountText(payload, 'qty', 'a position'),
  }
}

/** What can be traded, and on what grid. `symbol` is ours. */
export type AlpacaAsset = {
  readonly id: string
  readonly symbol: string
  readonly isCrypto: boolean
  readonly tradable: boolean
  readonly fractionable: boolean
  readonly shortable: boolean
  readonly minimumQuantity: string | undefined
  readonly quantityStep: string | undefined
  readonly priceStep: string | undefined
}

/** What is hard to borrow Alpaca lends nobody. The older of both fields is on its way out. */
function isLent(payload: Payload): boolean {
  const status = optionalText(payload, 'borrow_status')
  return status === undefined ? payload['easy_to_borrow'] !== false : status === 'easy_to_borrow'
}

/** Reads one of `/v2/assets`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseAsset(value: unknown): AlpacaAsset {
  const payload = asPayload(value, 'an asset')
  return {
    id: text(payload, 'id', 'an asset'),
    symbol: fromVenueSymbol(text(payload, 'symbol', 'an asset')),
    isCrypto: optionalText(payload, 'class') === 'crypto',
    tradable: payload['tradable'] === true,
    fractionable: payload['fractionable'] === true,
    shortable: payload['shortable'] === true && isLent(payload),
    minimumQuantity: optionalAmount(payload, 'min_order_size'),
    quantityStep: optionalAmount(payload, 'min_trade_increment'),
    priceStep: optionalAmount(payload, 'price_increment'),
  }
}

/** The venue's clock, and whether equities trade. */
export type AlpacaClock = {
  readonly time: EpochMs
  readonly isOpen: boolean
  readonly nextOpen: EpochMs
  readonly nextClose: EpochMs
}

/** Reads `/v2/clock`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseClock(value: unknown): AlpacaClock {
  const payload = asPayload(value, 'a clock')
  return {
    time: instant(payload, 'timestamp', 'a clock'),
    isOpen: payload['is_open'] === true,
    nextOpen: instant(payload, 'next_open', 'a clock'),
    nextClose: instant(payload, 'next_close', 'a clock'),
  }
}
