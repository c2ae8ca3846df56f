import { amountText, asList, asPayload, badPayload, optionalText, type Payload, text } from '@tradeswarm/broker-kit'
import type { SessionDate } from '@tradeswarm/trading'

/** Cash that whoever held a share at the close before `exDate` is paid; a decimal text for a share as it was then. */
export type AlpacaDividend = {
  readonly symbol: string
  readonly exDate: SessionDate
  readonly amount: string
  readonly currency: string
  readonly isSpecial: boolean
}

/** From `exDate` on, `oldRate` shares are `newRate` shares; decimal texts. */
export type AlpacaSplit = {
  readonly symbol: string
  readonly exDate: SessionDate
  readonly newRate: string
  readonly oldRate: string
}

/** A page of what companies did; only the last has no `next`. */
export type CorporateActionPage = {
  readonly dividends: readonly AlpacaDividend[]
  readonly splits: readonly AlpacaSplit[]
  readonly next: string | undefined
}

const dividendName = 'a cash dividend'
const splitName = 'a split'

/** Reads a page of `/v1/corporate-actions`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseCorporateActions(value: unknown): CorporateActionPage {
  const what = 'a page of corporate actions'
  const payload = asPayload(value, what)
  const actions = asPayload(payload['corporate_actions'] ?? {}, what)
  const rows = (kind: string): readonly Payload[] =>
    asList(actions[kind] ?? [], what).map((row) => asPayload(row, what))
  const next = payload['next_page_token'] ?? undefined
  if (next !== undefined && typeof next !== 'string') throw badPayload(what, 'next_page_token', 'a text')
  return {
    dividends: rows('cash_dividends').map(parseDividend),
    splits: [...rows('forward_splits'), ...rows('reverse_splits')].map(parseSplit),
    next: next === '' ? undefined : next,
  }
}

function parseDividend(row: Payload): AlpacaDividend {
  return {
    symbol: text(row, 'symbol', dividendName),
    exDate: dateOf(row, dividendName),
    amount: amountText(row, 'rate', dividendName),
    currency: optionalText(row, 'currency') ?? 'USD',
    isSpecial: row['special'] === true,
  }
}

function parseSplit(row: Payload): AlpacaSplit {
  return {
    symbol: text(row, 'symbol', splitName),
    exDate: dateOf(row, splitName),
    newRate: amountText(row, 'new_rate', splitName),
    oldRate: amountText(row, 'old_rate', splitName),
  }
}

function dateOf(row: Payload, what: string): SessionDate {
  const date = text(row, 'ex_date', what)
  if (/^\d{4}-\d\d-\d\d$/.test(date)) return date
  throw badPayload(what, 'ex_date', 'a date')
}
