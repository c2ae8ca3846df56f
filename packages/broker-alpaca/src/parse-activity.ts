import { amountText, asPayload, givenInstant, givenText, instant, text } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'

/** What moved the account without a trade, as its activities list it. */
export type AccountActivity = {
  readonly id: string
  readonly type: string
  readonly status: string
  readonly time: EpochMs
  readonly currency: string
  /** Received where it is above 0. */
  readonly netAmount: string
  /** As Alpaca writes it of positions: `AAPL`, `BTCUSD`. */
  readonly symbol: string | undefined
  readonly description: string
}

const dayMs = 86_400_000

/** Reads an activity that is no trade. Throws `BROKER_BAD_PAYLOAD`. */
export function parseActivity(value: unknown): AccountActivity {
  const name = 'an activity'
  const payload = asPayload(value, name)
  return {
    id: text(payload, 'id', name),
    type: text(payload, 'activity_type', name),
    status: givenText(payload['status']) ?? 'executed',
    // What names no instant is of a day, and was posted when that was over.
    time: givenInstant(payload['created_at']) ?? instant(payload, 'date', name) + dayMs,
    currency: givenText(payload['currency']) ?? 'USD',
    netAmount: payload['net_amount'] === undefined ? '0' : amountText(payload, 'net_amount', name),
    symbol: givenText(payload['symbol']),
    description: givenText(payload['description']) ?? '',
  }
}
