import { decimal, decimalText } from '../money/decimal.js'
import type { PortfolioView, PositionView } from './kernel.js'
import { equityOf, type KernelRuntime } from './kernel-runtime.js'

/** The account at the last prices. A position without one is shown without a worth, and then there is no equity either. */
export function portfolioView(runtime: KernelRuntime): PortfolioView {
  const { ledger, currency, index } = runtime.state
  const totals = ledger.totals()
  const equity = equityOf(runtime)
  const cash = decimal(totals.cash)
  const positions = ledger.positions().map(({ symbol, quantity, averagePrice, openCost, openedAt }): PositionView => {
    const last = runtime.market.last(symbol)
    const worth =
      last === undefined
        ? {}
        : { marketPrice: decimalText(last.price), marketValue: decimalText(last.price.times(decimal(quantity))) }
    return { symbol, quantity, averagePrice, openCost, openedAt, ...worth }
  })
  return {
    time: runtime.clock.now(),
    currency,
    ...(equity === undefined ? {} : { equity: decimalText(equity) }),
    cash: {
      [currency]: {
        total: totals.cash,
        free: decimalText(cash.minus(index.lockedCash)),
        locked: decimalText(index.lockedCash),
      },
    },
    positions,
    realised: totals.realised,
    fees: totals.fees,
    income: totals.income,
    netDeposits: totals.netDeposits,
  }
}
