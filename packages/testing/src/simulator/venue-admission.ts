import type { OrderRequest } from '@tradeswarm/trading'
import { type Exact, exact, exactText, magnitude, times } from './exact.js'
import type { VenueRules } from './scenario.js'
import type { VenueBooks } from './venue-books.js'
import { takesPrice } from './venue-matching.js'
import { leavesOf, type VenueOrderTruth } from './venue-order.js'

/** Why a venue refuses a request at once, or rejects an order that it has noted. */
export type VenueRefusal = { readonly code: string; readonly message: string }

/** What a venue looks at before it takes an order. */
export type VenueState = {
  readonly rules: VenueRules
  readonly books: VenueBooks
  readonly orders: readonly VenueOrderTruth[]
  readonly live: ReadonlySet<VenueOrderTruth>
  readonly price: (symbol: string) => Exact
  readonly isOpen: () => boolean
}

/** Why a request is refused: its id is taken. */
export function refusalOf({ orders, rules }: VenueState, request: OrderRequest): VenueRefusal | undefined {
  const same = orders.filter(
    ({ request: other, earlier }) =>
      other.clientOrderId === request.clientOrderId ||
      earlier.some(({ clientOrderId }) => clientOrderId === request.clientOrderId),
  )
  if (rules.clientOrderIds === 'permanent' ? same.length > 0 : same.some(({ status }) => status === 'open'))
    return { code: 'DUPLICATE_CLIENT_ORDER_ID', message: 'the client order id is taken' }
  return undefined
}

/** Why an order, or an amendment of `old`, is not taken: what it would trade, sell or pay for is not there. */
export function rejectionOf(state: VenueState, request: OrderRequest, old?: VenueOrderTruth): VenueRefusal | undefined {
  const { rules, books } = state
  const { symbol, side, quantity, reduceOnly } = request
  const wanted = exact(quantity) - (old === undefined ? 0n : old.carried + old.filled)
  if (wanted <= 0n) return { code: 'ALREADY_FILLED', message: 'no less can be executed' }
  const price = state.price(symbol)
  if (request.postOnly === true && state.isOpen() && takesPrice(request, price))
    return { code: 'POST_ONLY_WOULD_TRADE', message: 'it would take what is there' }
  const isContract = books.isContract(symbol)
  if (reduceOnly || (!isContract && side === 'sell' && rules.lendsAt === undefined))
    return reductionFault(state, request, wanted, old)
  if (side === 'sell' && !isContract) return undefined
  const worst = books.unitPrice(symbol, exact(request.limitPrice ?? request.stopPrice ?? exactText(price)))
  const cash = books.cash(books.currencyOf(symbol))
  const worth = request.sizedIn === 'quote' ? wanted : times(worst, wanted)
  const cost = isContract ? worth / BigInt(rules.leverage ?? 1) : worth
  return cost > cash ? { code: 'INSUFFICIENT_FUNDS', message: 'not enough cash' } : undefined
}

function reductionFault(
  { rules, books, live }: VenueState,
  { symbol, side }: OrderRequest,
  wanted: Exact,
  old: VenueOrderTruth | undefined,
): VenueRefusal | undefined {
  const units = books.held(symbol)
  if (side === 'sell' ? units <= 0n : units >= 0n)
    return { code: 'NOT_SHORTABLE', message: `no ${symbol} is held that way` }
  let resting = 0n
  for (const other of live)
    if (other !== old && other.request.symbol === symbol && other.request.side === side) resting += leavesOf(other)
  if (!rules.holdsStopAndTarget && wanted + resting > magnitude(units))
    return { code: 'INSUFFICIENT_QUANTITY', message: 'other orders hold the units' }
  return undefined
}
