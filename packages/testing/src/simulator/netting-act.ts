import type { OrderIntent } from '@tradeswarm/trading'
import type { IntentFields } from './agent-desk.js'
import type { KernelLife } from './kernel-life.js'
import type { Scenario, Step } from './scenario.js'

type Meeting = Extract<Step, { do: 'meet' }>
type Parts = readonly (readonly [use: number, isLong: boolean, units: string])[]
type Books = {
  readonly activity: {
    readonly principals: {
      readonly uses: readonly (readonly [agent: string])[]
      readonly holdings: readonly (readonly [symbol: string, parts: Parts])[]
    }
  }
}

/** What two agents ask for at once: one leaves units that it holds itself, the other enters. Nothing where nobody holds any. */
export function meetingIntents(
  scenario: Scenario,
  life: KernelLife,
  step: Meeting,
): readonly (readonly [agent: string, fields: IntentFields])[] {
  const { symbol, lotSize } = scenario.instruments[step.symbol % scenario.instruments.length] ?? {}
  const price = Number(life.prices.get(symbol ?? ''))
  if (symbol === undefined || lotSize === undefined || !(price > 0)) return []
  const { uses, holdings } = (JSON.parse(life.kernel.snapshot()) as Books).activity.principals
  const [use = 0, , units = '0'] = holdings.find(([each]) => each === symbol)?.[1][0] ?? []
  const lots = Math.floor((Number(units) * step.part) / Number(lotSize) + 1e-9)
  const holder = uses[use]?.[0]
  if (holder === undefined || lots < 1) return []
  const buyer = holder === `agent-${step.agent}` ? `agent-${(step.agent % 3) + 1}` : `agent-${step.agent}`
  const limit: Partial<OrderIntent> =
    step.offsetBasisPoints === undefined
      ? {}
      : { type: 'limit', timeInForce: 'gtc', limitPrice: (price * (1 + step.offsetBasisPoints / 10_000)).toFixed(2) }
  const wanted = Math.max(1, Math.round(lots * step.size))
  const entry: IntentFields = {
    symbol,
    side: 'buy',
    quantity: textOf(wanted, lotSize),
    exits: exitsAround(String(price)),
    ...limit,
  }
  const exit: IntentFields = { symbol, side: 'sell', quantity: textOf(lots, lotSize) }
  return step.first === 'entry'
    ? [
        [buyer, entry],
        [holder, exit],
      ]
    : [
        [holder, exit],
        [buyer, entry],
      ]
}

/** A plan that leaves room around a price. */
export function exitsAround(price: string): NonNullable<OrderIntent['exits']> {
  const level = Number(price)
  return { stopPrice: (level * 0.95).toFixed(2), targetPrice: (level * 1.1).toFixed(2), maximumSessions: 5 }
}

/** So many lots as a decimal text. */
export function textOf(lots: number, lotSize: string): string {
  const decimals = lotSize.includes('.') ? lotSize.length - lotSize.indexOf('.') - 1 : 0
  return (lots * Number(lotSize)).toFixed(decimals)
}
