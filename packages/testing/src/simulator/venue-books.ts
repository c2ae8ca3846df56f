import type { Instrument, VenueBalance } from '@tradeswarm/trading'
import { contractsOf } from './contract-terms.js'
import { type Exact, exact, exactText, floorTo, magnitude, times, unit } from './exact.js'
import { createVenueContracts } from './venue-contracts.js'
import type { VenueFill, VenueOrderTruth } from './venue-order.js'

/** What is held of a contract has cost, signed, after such executions, in their order. */
export type HeldContract = { readonly cost: Exact; readonly trades: readonly string[] }

/** Cash by currency and units by symbol, as the venue has them. */
export type VenueBooks = {
  cash(currency?: string): Exact
  held(symbol: string): Exact
  lot(symbol: string): Exact
  /** What a symbol is paid for in. */
  currencyOf(symbol: string): string
  /** Whether nothing is paid for a symbol when it is entered. */
  isContract(symbol: string): boolean
  /** What one unit of a symbol stands for at a price. */
  unitPrice(symbol: string, price: Exact): Exact
  /** What is held of a contract, or would be without an execution, has cost: signed. */
  costWithout(order: VenueOrderTruth, fill: VenueFill): Exact
  /** Whether less than a lot is held, either way. */
  isFlat(symbol: string): boolean
  /** How often a symbol was split. */
  splits(symbol: string): number
  /** What units of before so many splits are in the units of today. */
  unitsToday(symbol: string, units: Exact, splitsBefore: number): Exact
  /** Books an execution, or takes it back, in the units of today. */
  move(order: VenueOrderTruth, fill: VenueFill, sign: 1n | -1n): void
  addCash(currency: string, amount: Exact): void
  addUnits(symbol: string, quantity: Exact): void
  /** `denominator` units of before are `numerator` ones. */
  split(symbol: string, numerator: bigint, denominator: bigint): void
  balances(): readonly VenueBalance[]
  /** Every currency that there was ever any of. */
  currencies(): readonly string[]
  /** What is held of a contract; undefined where it was never traded. Absent where nobody keeps that apart. */
  contract?(symbol: string): HeldContract | undefined
  /** In what the venue's books contradict themselves; undefined where they do not. Absent where nobody looks. */
  contradiction?(): string | undefined
}

/** Books with nothing in them but the deposits. */
export function createVenueBooks(instruments: readonly Instrument[], currency: string, deposits: string): VenueBooks {
  const cash = new Map([[currency, exact(deposits)]])
  const positions = new Map<string, Exact>()
  const splits = new Map<string, (readonly [numerator: bigint, denominator: bigint])[]>()
  const lots = new Map(instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const settles = new Map(instruments.map((instrument) => [instrument.symbol, instrument.currency]))
  const contracts = contractsOf(instruments)
  const costs = createVenueContracts()
  const unitPrice = (symbol: string, price: Exact): Exact => times(price, contracts.get(symbol)?.multiplier ?? unit)
  const currencyOf = (symbol: string): string => settles.get(symbol) ?? currency
  const held = (symbol: string): Exact => positions.get(symbol) ?? 0n
  const addCash = (name: string, amount: Exact): void => {
    cash.set(name, (cash.get(name) ?? 0n) + amount)
  }
  const lot = (symbol: string): Exact => lots.get(symbol) ?? unit
  const unitsToday = (symbol: string, units: Exact, splitsBefore: number): Exact => {
    let now = units
    for (const [numerator, denominator] of splits.get(symbol)?.slice(splitsBefore) ?? [])
      now = (now * numerator) / denominator
    return now
  }
  return {
    unitsToday,
    cash: (name = currency) => cash.get(name) ?? 0n,
    held,
    lot,
    currencyOf,
    isContract: (symbol) => contracts.has(symbol),
    unitPrice,
    costWithout({ request: { side, symbol } }, { price, quantity, paidOut = 0n }) {
      const units = side === 'buy' ? quantity : -quantity
      return costs.cost(symbol) - times(unitPrice(symbol, price), units) - paidOut
    },
    isFlat: (symbol) => floorTo(magnitude(held(symbol)), lot(symbol)) === 0n,
    splits: (symbol) => splits.get(symbol)?.length ?? 0,
    move({ request: { side, symbol } }, fill, sign) {
      const direction = side === 'buy' ? sign : -sign
      if (contracts.has(symbol)) {
        const worth = unitPrice(symbol, fill.price)
        const traded = side === 'buy' ? fill.quantity : -fill.quantity
        if (sign === 1n) fill.paidOut = costs.trade(symbol, held(symbol), traded, worth)
        else costs.takeBack(symbol, traded, worth, fill.paidOut ?? 0n)
        addCash(currencyOf(symbol), sign * (fill.paidOut ?? 0n))
      } else addCash(currencyOf(symbol), -direction * times(fill.price, fill.quantity))
      if (!fill.feeInAsset) addCash(fill.feeCurrency, -sign * fill.fee)
      const units = direction * fill.quantity - sign * (fill.feeInAsset ? fill.fee : 0n)
      positions.set(symbol, held(symbol) + unitsToday(symbol, units, fill.splitsBefore))
    },
    addCash,
    addUnits: (symbol, quantity) => void positions.set(symbol, held(symbol) + quantity),
    split(symbol, numerator, denominator) {
      positions.set(symbol, (held(symbol) * numerator) / denominator)
      splits.set(symbol, [...(splits.get(symbol) ?? []), [numerator, denominator]])
    },
    balances: () =>
      [...cash, ...positions]
        .filter(([asset, amount]) => asset === currency || amount !== 0n)
        .map(([asset, amount]) => ({ asset, total: exactText(amount) })),
    currencies: () => [...cash.keys()],
  }
}
