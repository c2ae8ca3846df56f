import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '../../money/decimal.js'
import { isSettled } from './lot-search.js'
import type {
  MitigationKind,
  MitigationOptions,
  MitigationProposal,
  Mitigations,
  MitigationTask,
  TradableInstrument,
} from './mitigation.js'
import { type MitigationPlan, type PlannedTrade, planClosing, planHedge, planReduction } from './mitigation-plans.js'
import { type LimitProbe, limitProbes } from './portfolio-limits.js'
import type { RiskBook } from './risk-book.js'
import { limitChanges, riskFigures } from './scenario-report.js'
import { wholeOption } from './whole-option.js'

const defaultMaximumOrders = 20

const planOf: Readonly<Record<MitigationKind, (task: MitigationTask) => MitigationPlan>> = {
  reduce: planReduction,
  hedge: planHedge,
  close: planClosing,
}

/**
 * Ways to bring each breached (or near) limit back under, checked by filling them in a copy of the book: one that does not suffice says so.
 * Data only: the book stays as it is and nothing is ordered. Throws `INVALID_OPTION`, `INVALID_DECIMAL` or `SYMBOL_NOT_PREPARED`.
 */
export function proposeMitigations(book: RiskBook, options: MitigationOptions): Mitigations {
  const instruments = readInstruments(options)
  const maximumOrders = wholeOption('maximumOrders', options.maximumOrders ?? defaultMaximumOrders, 1, 100)
  const proposals: MitigationProposal[] = []
  const without: Mitigations['without'][number][] = []
  for (const probe of limitProbes(options.limits, book)) {
    const { limit, what } = probe
    const state = probe.measure(book.current())
    if (isSettled({ includeNear: options.includeNear ?? false }, state)) continue
    for (const kind of ['reduce', 'hedge', 'close'] as const) {
      if (state.state === 'unknown') {
        without.push({ kind, limit, what, reason: unknownReason(book) })
        continue
      }
      const task: MitigationTask = {
        probe,
        book: book.copy(),
        instruments,
        hedges: options.hedges ?? [],
        allowShorts: options.allowShorts ?? false,
        includeNear: options.includeNear ?? false,
        maximumOrders,
      }
      const plan = planOf[kind](task)
      if ('reason' in plan) without.push({ kind, limit, what, reason: plan.reason })
      else proposals.push(verified(book, options, { kind, probe, trades: plan.trades }))
    }
  }
  return { proposals, without }
}

/** The effect of all trades together, in a fresh copy of the book. */
function verified(
  book: RiskBook,
  options: MitigationOptions,
  planned: { readonly kind: MitigationKind; readonly probe: LimitProbe; readonly trades: readonly PlannedTrade[] },
): MitigationProposal {
  const { kind, probe, trades } = planned
  const filled = book.copy()
  const orders = trades.map(({ instrument, lots, direction }) => {
    const { symbol, lotSize, lotWorth } = instrument
    const count = decimal(String(lots))
    const notional = lotWorth.times(count)
    filled.setPosition(symbol, filled.position(symbol).plus(direction === 1 ? notional : zero.minus(notional)))
    const side = direction === 1 ? ('buy' as const) : ('sell' as const)
    return { symbol, side, quantity: decimalText(lotSize.times(count)), notional: decimalText(notional) }
  })
  const limits = limitChanges(book, options.limits, book.current(), filled.current())
  const state = probe.measure(filled.current())
  const reaches = isSettled({ includeNear: options.includeNear ?? false }, state)
  const sentence = orders.map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol}`).join(', ')
  const result = `${probe.what} would be ${state.value ?? 'unknown'} at a limit of ${state.bound}`
  return {
    kind,
    limit: probe.limit,
    what: probe.what,
    orders,
    reaches,
    breaches: limits
      .filter(({ before, after }) => before.state !== 'breached' && after.state === 'breached')
      .map(({ after }) => after),
    before: riskFigures(book, book.current()),
    after: riskFigures(filled, filled.current()),
    limits,
    message: `${kind}: ${sentence}; ${result}${reaches ? '' : ', which does not suffice'}`,
  }
}

function readInstruments(options: MitigationOptions): ReadonlyMap<string, TradableInstrument> {
  const read = new Map<string, TradableInstrument>()
  const byName = [...options.instruments].sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
  for (const { symbol, price, lotSize, held = '0' } of byName) {
    const lot = positive(lotSize, `lotSize of ${symbol}`)
    const exact = positive(price, `price of ${symbol}`)
    const units = decimal(held, `held of ${symbol}`)
    read.set(symbol, { symbol, price: exact, lotSize: lot, lotWorth: exact.times(lot), held: units })
  }
  return read
}

function positive(text: string, field: string): Decimal {
  const value = decimal(text, field)
  if (value.gt(zero)) return value
  throw new SwarmError({ code: 'INVALID_OPTION', message: `${field}: ${text} is not above 0`, context: { field } })
}

function unknownReason(book: RiskBook): string {
  const lacks = book.current().missing()
  if (lacks.length > 0) return `the figure is not known: ${lacks.map(({ message }) => message).join('; ')}`
  return book.equity.gt(zero)
    ? 'the figure is not known: the benchmark or the window is missing'
    : 'the figure is not known: equity is not above 0'
}
