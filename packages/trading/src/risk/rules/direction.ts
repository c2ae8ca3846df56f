import { isContract } from '../../instruments/unit-terms.js'
import { type Decimal, decimal, decimalText, zero } from '../../money/decimal.js'
import { type OpenOrderView, type RiskContext, required } from '../risk-context.js'
import { figured, gateRule, type RiskRule } from '../risk-rule.js'

/** No exit takes a position beyond 0, together with those on the way. Asked again when the permit of an exit is used. */
export const noFlipRule: RiskRule = gateRule('REDUCE_ONLY_WOULD_INCREASE_POSITION', 'all', (context, { quantity }) => {
  if (context.addsExposure) return undefined
  const reducible = context.request.side === 'sell' ? context.position : zero.minus(context.position)
  const left = reducible.minus(context.claimed)
  if (!quantity.gt(left)) return undefined
  const limit = left.lt(zero) ? '0' : decimalText(left)
  const message = `quantity ${context.request.quantity} is more than the ${limit} that are held and not being left already`
  return figured(decimalText(quantity), limit, message)
})

/** Does it go the way it says, without turning a position round or meeting an order of our own? */
export const directionRules: readonly RiskRule[] = [
  noFlipRule,
  gateRule('NOT_SHORTABLE', 'entry', ({ request, policy, instrument }) => {
    // A contract is sold as it is bought: nobody has to lend it.
    if (request.side !== 'sell' || (instrument !== undefined && isContract(instrument))) return undefined
    if (!policy.allowShorts) return `no ${request.symbol} is held, and the policy allows no shorts`
    return instrument?.shortable === false ? `the venue lends no ${request.symbol} for a short sale` : undefined
  }),
  gateRule('SELF_TRADE_PREVENTION', 'all', selfTradeFault),
]

/** The first open order of ours that could trade with it. What an exit of an agent's could meet is made to give way when that is sent. */
export function selfTradeFault(context: RiskContext): string | undefined {
  const { openOrders, request, purpose } = context
  if (openOrders.length === 0 || (purpose === 'exit-intent' && request.type === 'market')) return undefined
  for (const other of openOrders) {
    if (other.side !== request.side && couldTrade(context, request, other))
      return `${named(other)} could trade with it: cancel that order first, or choose a price that does not reach it`
  }
  return undefined
}

function named({ orderId, agent, side, type, limitPrice }: OpenOrderView): string {
  const which = orderId === undefined ? 'an open order of ours' : `open order ${orderId} of agent ${agent ?? ''}`
  return `${which}, a ${type} ${side}${limitPrice === undefined ? '' : ` at ${limitPrice}`},`
}

const triggered: ReadonlySet<string> = new Set(['stop', 'stop-limit', 'trailing-stop'])

type Priced = Pick<OpenOrderView, 'side' | 'type' | 'limitPrice'>

/** What a market order may reach. */
type Reach = Pick<RiskContext, 'last'>

/**
 * So far off the last price a market order may trade: the band of the US market's limit-up-limit-down plan for large companies in regular
 * hours. No part of the policy: a tighter collar does not keep a market order from going further, and must admit none (I16).
 */
const reachUp = decimal('1.05')
const reachDown = decimal('0.95')

/**
 * Whether two orders of opposite sides could trade with each other, at the prices that go over the wire. Stops that were not triggered do
 * not rest in the book; a market order reaches 5 % off the last price. Throws `RISK_VALUE_MISSING` where that is not known.
 */
export function couldTrade(facts: Reach, one: Priced, other: Priced): boolean {
  if (triggered.has(one.type) || triggered.has(other.type)) return false
  const [buy, sell] = one.side === 'buy' ? [one, other] : [other, one]
  if (buy.type === 'market' && sell.type === 'market') return true
  return reach(facts, buy, reachUp).gte(reach(facts, sell, reachDown))
}

function reach({ last }: Reach, order: Priced, factor: Decimal): Decimal {
  if (order.limitPrice !== undefined) return decimal(order.limitPrice, 'limitPrice')
  if (last === undefined && order.side === 'sell') return zero
  return required(last, 'the last price of the symbol').price.times(factor)
}
