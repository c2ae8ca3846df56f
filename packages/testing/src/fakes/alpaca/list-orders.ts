import type { ActivityQuery } from './fake-ledger.js'
import { type FakeOrder, isOpen, orderJson } from './fake-order.js'
import { type FakeRefusal, malformed } from './fake-refusal.js'

/** `GET /v2/orders` with its filters. */
export function listOrders(
  orders: Iterable<FakeOrder>,
  query: URLSearchParams,
): readonly Record<string, unknown>[] | FakeRefusal {
  const status = query.get('status') ?? 'open'
  const limit = Number(query.get('limit') ?? '50')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 500) return malformed('limit must be 1 to 500')
  const symbols = query.get('symbols')?.split(',')
  const [after, until] = [timeOf(query.get('after')), timeOf(query.get('until'))]
  const isNested = query.get('nested') === 'true'
  const all = [...orders].sort((a, b) => a.sequence - b.sequence)
  const place = (id: string | null): number => all.findIndex((order) => order.id === id)
  const [first, last] = [place(query.get('after_order_id')), place(query.get('before_order_id'))]
  const found = all.filter(
    (order, index) =>
      (status === 'all' || isListedOpen(order) === (status === 'open')) &&
      (symbols === undefined || symbols.includes(order.terms.asset.symbol)) &&
      (after === undefined || order.submittedAt > after) &&
      (until === undefined || order.submittedAt < until) &&
      (first < 0 || index > first) &&
      (last < 0 || index < last) &&
      (!isNested || order.parent === undefined),
  )
  const ordered = query.get('direction') === 'asc' ? found : found.toReversed()
  return ordered.slice(0, limit).map((order) => orderJson(order, isNested))
}

/** What is held is not listed among what is open, but inside of its group. */
function isListedOpen(order: FakeOrder): boolean {
  return isOpen(order) && order.status !== 'held'
}

const timeOf = (text: string | null): number | undefined => (text === null ? undefined : Date.parse(text))

/** How `/v2/account/activities[/TYPE]` is asked. */
export function readActivityQuery(path: string, query: URLSearchParams): ActivityQuery {
  const types = path.split('/')[4] ?? query.get('activity_types') ?? undefined
  const category = query.get('category')
  const [after, until] = [timeOf(query.get('after')), timeOf(query.get('until'))]
  const pageToken = query.get('page_token')
  return {
    isAscending: query.get('direction') === 'asc',
    pageSize: Math.min(100, Number(query.get('page_size') ?? '100')),
    ...(types === undefined ? {} : { types: types.split(',') }),
    ...(category === null ? {} : { category }),
    ...(after === undefined ? {} : { after }),
    ...(until === undefined ? {} : { until }),
    ...(pageToken === null ? {} : { pageToken }),
  }
}
