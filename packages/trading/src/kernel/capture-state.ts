import type { KernelState } from './kernel-state.js'

/** So many orders are written at once. */
const ordersAtOnce = 50

/**
 * Takes hold of a state, to be written later and bit by bit: what the state becomes meanwhile is not in it. The pieces come to a JSON text
 * from which `restoreKernelState` goes on as from `kernelSnapshot`; what follows from the rest is left out.
 */
export function captureKernelState(state: KernelState): Iterable<string> {
  const orders = [...state.orders.values()]
  const { books, ...ledger } = state.ledger.snapshot() as { readonly books: readonly unknown[] }
  const rest = {
    version: 1,
    account: state.account,
    ...(state.openedAt === undefined ? {} : { openedAt: state.openedAt }),
    currency: state.currency,
    roundTrips: Object.fromEntries(state.trips),
    denied: [...state.index.denied],
    finished: [...state.index.finished],
    ...(state.approvals.size === 0 ? {} : { approvals: [...state.approvals.values()] }),
    ...(state.dividends.size === 0 ? {} : { dividends: Object.fromEntries(state.dividends) }),
    external: [...state.external],
    risk: state.risk,
    activity: state.activity.snapshot(),
  }
  return pieces(rest, ledger, books, orders)
}

function* pieces(
  rest: object,
  ledger: object,
  books: readonly unknown[],
  orders: readonly unknown[],
): Iterable<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"ledger":${JSON.stringify(ledger).slice(0, -1)},"books":[`
  yield* listed(books, 1)
  yield ']},"orders":['
  yield* listed(orders, ordersAtOnce)
  yield ']}'
}

/** The items of a list between its brackets. */
function* listed(items: readonly unknown[], atOnce: number): Iterable<string> {
  for (let from = 0; from < items.length; from += atOnce) {
    const text = JSON.stringify(items.slice(from, from + atOnce)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
}
