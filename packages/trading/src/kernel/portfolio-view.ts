import type { LedgerPosition } from '../ledger/ledger-port.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { policyLimits } from '../risk/policy-limits.js'
import { rateOf } from './currency-rate.js'
import type { CashView, CurrencyView, PortfolioView, PositionView } from './kernel.js'
import { equityOf, type KernelRuntime } from './kernel-runtime.js'
import { lockedIn } from './kernel-state.js'

/** The account at the last prices. A position without one is shown without a worth, and then there is no equity either. */
export function portfolioView(runtime: KernelRuntime): PortfolioView {
  const { ledger, currency } = runtime.state
  const totals = ledger.totals()
  const equity = equityOf(runtime)
  const held = ledger.positions()
  const others = ledger.currencies().filter((name) => name !== currency)
  const cash: Record<string, CashView> = { [currency]: cashView(runtime, held, currency) }
  for (const other of others) cash[other] = cashView(runtime, held, other)
  return {
    time: runtime.clock.now(),
    currency,
    ...(equity === undefined ? {} : { equity: decimalText(equity) }),
    cash,
    positions: held.map((position) => positionView(runtime, position)),
    realised: totals.realised,
    fees: totals.fees,
    income: totals.income,
    netDeposits: totals.netDeposits,
    ...(others.length === 0 ? {} : ofOthers(runtime, others)),
  }
}

function positionView({ market }: KernelRuntime, position: LedgerPosition): PositionView {
  const { symbol, currency, multiplier, settlement, quantity, averagePrice, openCost, openedAt } = position
  const last = market.last(symbol)
  const terms = {
    ...(currency === undefined ? {} : { currency }),
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(settlement === undefined ? {} : { settlement }),
  }
  const worth = last === undefined ? {} : { marketPrice: decimalText(last.price), ...worthAt(position, last.price) }
  return { symbol, ...terms, quantity, averagePrice, openCost, openedAt, ...worth }
}

function worthAt(
  { quantity, multiplier, settlement, openCost }: LedgerPosition,
  price: Decimal,
): Pick<PositionView, 'marketValue' | 'notional'> {
  const units = price.times(decimal(quantity))
  const worth = multiplier === undefined ? units : units.times(decimal(multiplier))
  if (settlement === undefined) return { marketValue: decimalText(worth) }
  return { marketValue: decimalText(worth.minus(decimal(openCost))), notional: decimalText(worth) }
}

function cashView({ state }: KernelRuntime, held: readonly LedgerPosition[], name: string): CashView {
  const { ledger, currency, risk } = state
  const total = ledger.cash(name)
  let cost = zero
  for (const { settlement, currency: settled = currency, openCost } of held)
    if (settlement === 'margin' && settled === name) cost = cost.plus(decimal(openCost).abs())
  const open = lockedIn(state, name)
  const locked = cost.isZero() ? open : open.plus(cost.times(policyLimits(risk.policy).contractMargin))
  return { total, free: decimalText(decimal(total).minus(locked)), locked: decimalText(locked) }
}

function ofOthers(
  runtime: KernelRuntime,
  others: readonly string[],
): Pick<PortfolioView, 'currencies' | 'profit' | 'rates'> {
  const { ledger } = runtime.state
  const views = others.map((name): [string, CurrencyView] => {
    const { realised, fees, income, netDeposits } = ledger.totals(name)
    return [name, { realised, fees, income, netDeposits }]
  })
  const rates: Record<string, string> = {}
  for (const name of others) {
    const rate = rateOf(runtime, name)
    if (rate !== undefined) rates[name] = decimalText(rate)
  }
  const { total } = ledger.profit(runtime.market.priceOf, (name) => rateOf(runtime, name))
  if (total.status !== 'priced') return { currencies: Object.fromEntries(views), rates }
  const { status: _, ...profit } = total
  return { currencies: Object.fromEntries(views), rates, profit }
}
