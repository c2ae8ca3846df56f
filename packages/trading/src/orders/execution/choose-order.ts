import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, divide, fromFloat, one, roundToStep, zero } from '../../money/decimal.js'
import type { OrderTerms, Side } from '../order-request.js'

/** What is known of the market of a symbol; decimal texts. Sizes are units offered at the best prices. */
export type MarketView = {
  readonly bid?: string
  readonly ask?: string
  readonly bidSize?: string
  readonly askSize?: string
  readonly last?: string
}

/** `high`: now, whatever it costs within reason. `normal`: now where that is cheap. `low`: at our price, or later. */
export type Urgency = 'low' | 'normal' | 'high'

const urgencies: ReadonlySet<Urgency> = new Set(['low', 'normal', 'high'])

export type ChoiceOptions = {
  readonly urgency: Urgency
  readonly tickSize: string
  /** A spread up to this fraction of the middle is cheap to cross. Default 0.001. */
  readonly tightSpreadFraction?: number
  /** A limit that is to trade at once reaches this fraction beyond the best price. Default 0.005. */
  readonly reachFraction?: number
  /** Whether the venue takes post-only orders. Default false. */
  readonly postOnly?: boolean
}

/** Fractions of the middle price; a tenth and half of a per cent. */
export const defaultChoice = { tightSpreadFraction: 0.001, reachFraction: 0.005, postOnly: false } as const

type Wanted = Pick<OrderTerms, 'symbol' | 'side' | 'quantity'>

/**
 * How to send an order: a market order where that is urgent, the spread is tight and the best price offers enough; a limit that reaches
 * beyond the best price where it should trade at once but not at any price; else a limit at our own side of the spread, to be moved by
 * {@link chasePrice}. Undefined where the market is not known, or crossed: nothing is sent on a guess. Throws `INVALID_DECIMAL`, and
 * `INVALID_OPTION` for an urgency that there is not.
 */
export function chooseOrder(wanted: Wanted, view: MarketView, options: ChoiceOptions): OrderTerms | undefined {
  const { urgency, tickSize, tightSpreadFraction, reachFraction, postOnly } = { ...defaultChoice, ...options }
  if (!urgencies.has(urgency))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `chooseOrder: urgency is ${JSON.stringify(urgency)}; there are ${[...urgencies].join(', ')}`,
      context: { option: 'urgency' },
    })
  const touch = touchOf(view)
  if (touch === undefined) return undefined
  const { bid, ask } = touch
  const isBuy = wanted.side === 'buy'
  const tight = ask.minus(bid).lte(middle(bid, ask).times(fromFloat(tightSpreadFraction, 12, 'tightSpreadFraction')))
  const offered = isBuy ? view.askSize : view.bidSize
  const enough = offered !== undefined && decimal(wanted.quantity, 'quantity').lte(decimal(offered, 'size'))
  if (urgency === 'high' && tight && enough) return { ...wanted, type: 'market', timeInForce: 'ioc' }
  if (urgency === 'high' || (urgency === 'normal' && tight)) {
    const limitPrice = reaching(wanted.side, isBuy ? ask : bid, reachFraction, tickSize)
    return { ...wanted, type: 'limit', limitPrice, timeInForce: 'ioc' }
  }
  const limitPrice = onTick(isBuy ? bid : ask, tickSize, isBuy ? 'down' : 'up')
  return { ...wanted, type: 'limit', limitPrice, timeInForce: 'day', ...(postOnly ? { postOnly } : {}) }
}

export type ChaseOptions = {
  readonly tickSize: string
  /** The price beyond which it is not followed; a decimal text. */
  readonly worstPrice: string
  /** Moves made so far, and how many there may be. */
  readonly moves: number
  readonly maximumMoves: number
}

/**
 * Where a limit that rests at our side of the spread belongs now: at the best price of that side, as far as `worstPrice`. Undefined where
 * it stays, and where it was moved as often as it may be. It never comes to trade by being moved.
 */
export function chasePrice(
  resting: { readonly side: Side; readonly limitPrice: string },
  view: MarketView,
  { tickSize, worstPrice, moves, maximumMoves }: ChaseOptions,
): string | undefined {
  const touch = touchOf(view)
  if (touch === undefined || moves >= maximumMoves) return undefined
  const isBuy = resting.side === 'buy'
  const worst = decimal(worstPrice, 'worstPrice')
  const best = isBuy ? touch.bid : touch.ask
  const bounded = (isBuy ? best.gt(worst) : best.lt(worst)) ? worst : best
  const target = onTick(bounded, tickSize, isBuy ? 'down' : 'up')
  const crosses = isBuy ? decimal(target).gte(touch.ask) : decimal(target).lte(touch.bid)
  return crosses || decimal(target).eq(decimal(resting.limitPrice, 'limitPrice')) ? undefined : target
}

/** Best bid and ask; from the last price where there are no quotes. Undefined where they are crossed or not there. */
function touchOf({ bid, ask, last }: MarketView): { readonly bid: Decimal; readonly ask: Decimal } | undefined {
  const [low, high] = [bid ?? last, ask ?? last]
  if (low === undefined || high === undefined) return undefined
  const touch = { bid: decimal(low, 'bid'), ask: decimal(high, 'ask') }
  return touch.bid.gt(zero) && touch.bid.lte(touch.ask) ? touch : undefined
}

function middle(bid: Decimal, ask: Decimal): Decimal {
  return divide(bid.plus(ask), one.plus(one), 12, 'half-even')
}

/** Rounded back towards the best price: it reaches no further than was said. */
function reaching(side: Side, from: Decimal, fraction: number, tickSize: string): string {
  const beyond = from.times(fromFloat(fraction, 12, 'reachFraction'))
  return side === 'buy' ? onTick(from.plus(beyond), tickSize, 'down') : onTick(from.minus(beyond), tickSize, 'up')
}

function onTick(price: Decimal, tickSize: string, rounding: 'down' | 'up'): string {
  return decimalText(roundToStep(price, decimal(tickSize, 'tickSize'), rounding))
}
