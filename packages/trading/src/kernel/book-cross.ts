import { type LedgerEntry, ledgerAccounts } from '../ledger/ledger-entry.js'
import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import type { CrossSide, InternalCross } from '../orders/internal-cross.js'
import type { OrderRecord } from '../orders/order-record.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'

/** An exit and an entry of two principals, and how much of both is crossed, at which price. */
export type CrossTerms = {
  readonly exit: OrderRecord
  readonly entry: OrderRecord
  readonly quantity: Decimal
  readonly price: Decimal
}

/**
 * Books a cross: one record, which fills both sides, moves the units between the principals and adapts the plan of exits. The account's own
 * cash, position and profit stay what they are. Both owners are told of it as of a fill, once it survives a crash: no venue would tell it
 * again. Throws what the journal throws.
 */
export async function bookCross(runtime: KernelRuntime, { exit, entry, quantity, price }: CrossTerms): Promise<void> {
  const time = runtime.clock.now()
  const crossId = runtime.ids.next('cross')
  const isLong = exit.header.request.side === 'sell'
  const left = sideOf(exit, quantity, crossId)
  const entered = sideOf(entry, quantity, crossId)
  const cross: InternalCross = {
    crossId,
    symbol: exit.header.request.symbol,
    price: decimalText(price),
    quantity: decimalText(quantity),
    buy: isLong ? entered : left,
    sell: isLong ? left : entered,
  }
  commit(runtime, { type: 'crossed', time, cross, entry: entryOf(runtime, cross, entry, time) })
  await runtime.journal.durable()
  for (const side of [left, entered]) {
    if (side.crossedOrderId !== side.orderId) tellOrder(runtime, side.crossedOrderId)
    tellOrder(runtime, side.orderId)
  }
  tellFill(runtime, cross, cross.buy, cross.sell, time)
  tellFill(runtime, cross, cross.sell, cross.buy, time)
}

/** An order that was not sent is filled itself, or made smaller; of one at the venue, which was amended down, another one has the cross. */
function sideOf({ header, state }: OrderRecord, quantity: Decimal, crossId: string): CrossSide {
  const { orderId, intentId, agent, strategy, request } = header
  const isUnsent = state.status === 'permitted'
  const rest = decimal(request.quantity).minus(quantity)
  const crossedOrderId = isUnsent && rest.isZero() ? orderId : `${orderId}-${crossId}`
  const side: CrossSide = { orderId, crossedOrderId, intentId, agent, strategy }
  return isUnsent && !rest.isZero() ? { ...side, left: decimalText(rest) } : side
}

/** Units one way, money the other, between the accounts of two principals: it sums to 0, and no account of the whole is touched. */
function entryOf(
  { state }: KernelRuntime,
  { crossId, symbol, price, quantity, buy, sell }: InternalCross,
  { header }: OrderRecord,
  time: number,
): LedgerEntry {
  const { asset, correlationId, causationId } = header
  const buyer = ledgerAccounts.principal(buy.agent, buy.strategy)
  const seller = ledgerAccounts.principal(sell.agent, sell.strategy)
  const worth = decimal(price).times(decimal(quantity))
  const paid = decimalText(worth)
  const less = (amount: Decimal): string => decimalText(amount.neg())
  return {
    entryId: `ledger-${crossId}`,
    eventId: crossId,
    kind: 'internal-cross',
    time,
    postings: [
      { account: buyer, asset, amount: quantity },
      { account: seller, asset, amount: less(decimal(quantity)) },
      { account: seller, asset: state.currency, amount: paid },
      { account: buyer, asset: state.currency, amount: less(worth) },
    ],
    symbol,
    correlationId,
    causationId,
  }
}

function tellFill(
  runtime: KernelRuntime,
  { crossId, symbol, price, quantity, buy }: InternalCross,
  side: CrossSide,
  other: CrossSide,
  time: number,
): void {
  const header = runtime.state.orders.get(side.crossedOrderId)?.header
  if (header === undefined) return
  runtime.outbox.push({
    type: 'fill',
    orderId: side.crossedOrderId,
    intentId: side.intentId,
    tradeId: crossId,
    symbol,
    side: side === buy ? 'buy' : 'sell',
    quantity,
    price,
    fee: '0',
    cross: {
      crossId,
      orderId: other.orderId,
      intentId: other.intentId,
      agent: other.agent,
      strategy: other.strategy,
    },
    correlationId: header.correlationId,
    causationId: header.causationId,
    time,
  })
}
