import type { FakeCorporateActions } from './fake-alpaca-options.js'
import { type FakeRefusal, isRefusal, refuse } from './fake-refusal.js'

type Json = Record<string, unknown>
type Action = Readonly<Record<string, unknown>> & { readonly symbol: string; readonly process_date: string }

const maximumLimit = 1_000
const kinds: Readonly<Record<string, keyof FakeCorporateActions>> = {
  cash_dividend: 'cash_dividends',
  forward_split: 'forward_splits',
  reverse_split: 'reverse_splits',
}

const bad = (message: string): FakeRefusal => ({ refused: true, status: 400, body: { message } })

/** `/v1/corporate-actions`: by the date on which they are processed, both ends included; `limit` counts all kinds together. */
export function answerCorporateActions(
  query: URLSearchParams,
  told: FakeCorporateActions,
  today: string,
): Json | FakeRefusal {
  const limit = Number(query.get('limit') ?? '100')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maximumLimit) return bad('limit must be 1 to 1000')
  const from = offsetOf(query.get('page_token'))
  if (isRefusal(from)) return from
  const [start, end] = [query.get('start') ?? today, query.get('end') ?? today]
  const [symbols, types] = [listOf(query.get('symbols')), listOf(query.get('types'))]
  const isWanted = ({ symbol, process_date: date }: Action): boolean =>
    date >= start && date <= end && (symbols.length === 0 || symbols.includes(symbol))
  const all = Object.entries(kinds)
    .filter(([type]) => types.length === 0 || types.includes(type))
    .flatMap(([, kind]) => (told[kind] ?? []).filter(isWanted).map((action) => [kind, action] as const))
    .sort(([, a], [, b]) => (a.process_date < b.process_date ? -1 : Number(a.process_date > b.process_date)))
  const page = all.slice(from.offset, from.offset + limit)
  const byKind = Object.groupBy(page, ([kind]) => kind)
  const actions = Object.fromEntries(Object.entries(byKind).map(([kind, rows]) => [kind, rows.map(([, row]) => row)]))
  const next = from.offset + limit < all.length ? btoa(String(from.offset + limit)) : null
  return { corporate_actions: actions, next_page_token: next }
}

function offsetOf(token: string | null): { readonly offset: number } | FakeRefusal {
  const offset = token === null ? 0 : Number(atob(token))
  return Number.isSafeInteger(offset) && offset >= 0 ? { offset } : refuse(400, 40010001, 'invalid page_token')
}

function listOf(text: string | null): readonly string[] {
  return (text ?? '').split(',').filter((word) => word !== '')
}
