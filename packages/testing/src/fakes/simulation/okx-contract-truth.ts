import type { PaperOperator } from '@tradeswarm/broker-paper'
import { decimalText, type Instrument } from '@tradeswarm/trading'
import { contractsOf } from '../../simulator/contract-terms.js'
import { type Exact, exact, exactText, magnitude, times, unit } from '../../simulator/exact.js'
import type { HeldContract } from '../../simulator/venue-books.js'
import type { OkxVenue } from '../okx/okx-venue.js'

type ListedFill = Readonly<Record<string, string>>

/** Contracts, averages, margin and funding as executions and rates make them, beside what a fake has of them in its books. */
export type OkxContractTruth = {
  /** Takes in an execution, as the fake lists it. */
  execute(fill: ListedFill): void
  /** Funding falls due; to be called before the fake hears of it. */
  fund(symbol: string, rate: string, price: string): void
  /** What is held of a swap; undefined where it was never traded. */
  held(symbol: string): HeldContract | undefined
  /** Compares: what is otherwise in the fake's books is kept, the first time. */
  look(): void
  /** In what the fake contradicts itself, or what was executed; undefined where it does not. */
  contradiction(): string | undefined
}

export type ContractTruthParts = {
  readonly venue: Pick<OkxVenue, 'positions' | 'ledger' | 'open'>
  readonly engine: PaperOperator
  readonly instruments: readonly Instrument[]
  readonly currency: string
  /** What the account began with. */
  readonly deposits: string
  readonly leverage: number
}

/** Since it was opened. */
type Position = {
  units: Exact
  cost: Exact
  paidOut: Exact
  fees: Exact
  funding: Exact
  /** Those before it was opened as well, in the order in which they were executed. */
  readonly trades: string[]
}

/** Averages have twelve decimals at OKX, and margin is a share of as many. */
const tolerated = unit / 10n ** 6n

const funding = '8'

/** With nothing traded yet. */
export function createOkxContractTruth(parts: ContractTruthParts): OkxContractTruth {
  const { venue, engine, currency } = parts
  const contracts = contractsOf(parts.instruments)
  const positions = new Map<string, Position>()
  const owed: { readonly symbol: string; readonly amount: Exact }[] = []
  let cash = exact(parts.deposits)
  let bills = 0
  let paid = 0
  let found: string | undefined
  const expect = (what: string, told: Exact, right: Exact, within: Exact = 0n): void => {
    if (magnitude(told - right) <= within) return
    found ??= `${what} is ${exactText(told)} in the venue's books, what happened comes to ${exactText(right)}`
  }
  const worthOf = (symbol: string, price: Exact): Exact => times(price, contracts.get(symbol)?.multiplier ?? unit)
  const positionOf = (symbol: string): Position => {
    const known = positions.get(symbol) ?? { units: 0n, cost: 0n, paidOut: 0n, fees: 0n, funding: 0n, trades: [] }
    positions.set(symbol, known)
    return known
  }

  const executeSwap = (
    symbol: string,
    units: Exact,
    { fillPx = '0', fillPnl = '0', tradeId = '' }: ListedFill,
  ): void => {
    const position = positionOf(symbol)
    position.trades.push(tradeId)
    if (position.units === 0n) Object.assign(position, { paidOut: 0n, fees: 0n, funding: 0n })
    const price = worthOf(symbol, exact(fillPx))
    const closes = position.units !== 0n && position.units > 0n !== units > 0n
    let made = 0n
    if (closes) {
      const isWhole = magnitude(units) >= magnitude(position.units)
      const closed = isWhole ? position.units : -units
      const share = isWhole ? position.cost : (position.cost * closed) / position.units
      made = times(closed, price) - share
    }
    expect(`what ${tradeId} of ${symbol} has paid out`, exact(fillPnl), made, tolerated)
    position.cost += times(units, price) + made
    position.units += units
    position.paidOut += exact(fillPnl)
    if (position.units === 0n) position.cost = 0n
  }

  const takeBills = (): void => {
    for (; bills < venue.ledger.bills.length; bills += 1) {
      const { type, instId = '', balChg = '0' } = venue.ledger.bills[bills]?.json ?? {}
      if (type !== funding) continue
      const due = owed[paid]
      paid += 1
      expect(`funding of ${instId}`, exact(balChg), due?.symbol === instId ? due.amount : 0n)
      positionOf(instId).funding += exact(balChg)
      cash += exact(balChg)
    }
  }

  const lookAt = (symbol: string, { units, cost, paidOut, fees, funding: funded }: Position): void => {
    const there = venue.positions.find(symbol, 'cross')
    expect(`the position in ${symbol}`, there === undefined ? 0n : exact(decimalText(there.units)), units)
    if (there === undefined) return
    const average = exact(decimalText(there.averagePrice))
    if (units !== 0n) expect(`the cost of ${symbol}`, times(units, worthOf(symbol, average)), cost, tolerated)
    expect(`what ${symbol} has paid out`, exact(decimalText(there.pnl)), paidOut)
    expect(`the fees of ${symbol}`, exact(decimalText(there.fee)), -fees)
    expect(`the funding of ${symbol}`, exact(decimalText(there.fundingFee)), funded)
  }

  const lookAtCash = (): void => {
    const { total = '0', locked = '0' } = engine.holdings().find(({ asset }) => asset === currency) ?? {}
    expect(currency, exact(total), cash)
    let margin = 0n
    for (const { cost } of positions.values()) margin += magnitude(cost) / BigInt(parts.leverage)
    // What rests sets aside as well.
    if (venue.open().length === 0) expect('margin', exact(locked), margin, tolerated)
    else if (exact(locked) < margin - tolerated) expect('margin', exact(locked), margin)
  }

  return {
    execute(fill) {
      const { instId = '', side, fillPx = '0', fillSz = '0', fillPnl = '0', fee = '0', feeCcy } = fill
      const units = side === 'buy' ? exact(fillSz) : -exact(fillSz)
      const isContract = contracts.has(instId)
      if (isContract) executeSwap(instId, units, fill)
      if (isContract) positionOf(instId).fees -= exact(fee)
      cash += isContract ? exact(fillPnl) : -times(units, exact(fillPx))
      if (feeCcy === currency) cash += exact(fee)
    },
    fund(symbol, rate, price) {
      const { units } = positionOf(symbol)
      const amount = -times(times(units, worthOf(symbol, exact(price))), exact(rate))
      if (amount !== 0n) owed.push({ symbol, amount })
    },
    held(symbol) {
      const position = positions.get(symbol)
      return position === undefined ? undefined : { cost: position.cost, trades: position.trades }
    },
    look() {
      if (contracts.size === 0) return
      takeBills()
      expect('the number of fundings paid', BigInt(paid) * unit, BigInt(owed.length) * unit)
      for (const [symbol, position] of positions) lookAt(symbol, position)
      lookAtCash()
    },
    contradiction: () => found,
  }
}
