import { type Decimal, decimal, zero } from '../../money/decimal.js'
import type { OrderType, Side } from '../../orders/order-request.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, type RiskRule } from '../risk-rule.js'

/** No exit takes a position beyond 0, together with those on the way. Asked again when the permit of an exit is used. */
export const noFlipRule: RiskRule = gateRule('REDUCE_ONLY_WOULD_INCREASE_POSITION', 'all', (context, { quantity }) => {
  if (context.addsExposure) return undefined
  const reducible = context.request.side === 'sell' ? context.position : zero.minus(context.position)
  const left = reducible.minus(context.claimed)
  return quantity.gt(left)
    ? `quantity ${context.request.quantity} is more than the ${left.lt(zero) ? '0' : left.toFixed()} that are held and not being left already`
    : undefined
})

/** Does it go the way it says, without turning a position round or meeting an order of our own? */
export const directionRules: readonly RiskRule[] = [
  noFlipRule,
  gateRule('NOT_SHORTABLE', 'entry', ({ request, policy, instrument }) => {
    if (request.side !== 'sell') return undefined
    if (!policy.allowShorts) return `no ${request.symbol} is held, and the policy allows no shorts`
    return instrument?.shortable === false ? `the venue lends no ${request.symbol} for a short sale` : undefined
  }),
  gateRule('SELF_TRADE_PREVENTION', 'all', (context) => {
    for (const other of context.openOrders) {
      if (other.side !== context.request.side && couldMeet(context, other))
        return 'an open order of ours on the other side could trade with it'
    }
    return undefined
  }),
]

const triggered: ReadonlySet<string> = new Set(['stop', 'stop-limit', 'trailing-stop'])

type Priced = { readonly side: Side; readonly type: OrderType; readonly limitPrice?: string }

/** Stops do not rest in the book; a market order reaches as far as the price collar. */
function couldMeet(context: RiskContext, other: Priced): boolean {
  if (triggered.has(context.request.type) || triggered.has(other.type)) return false
  const [buy, sell] = context.request.side === 'buy' ? [context.request, other] : [other, context.request]
  if (buy.type === 'market' && sell.type === 'market') return true
  return reach(context, buy, context.limits.reachUp).gte(reach(context, sell, context.limits.reachDown))
}

function reach({ last, request }: RiskContext, order: Priced, factor: Decimal): Decimal {
  if (order.limitPrice !== undefined) return decimal(order.limitPrice, 'limitPrice')
  if (last === undefined && order.side === 'sell') return zero
  return required(last, `the last price of ${request.symbol}`).price.times(factor)
}
