import type { Instrument, VenueBalance } from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, magnitude, times, unit } from './exact.js'
import type { VenueFill, VenueOrderTruth } from './venue-order.js'

/** Cash by currency and units by symbol, as the venue has them. */
export type VenueBooks = {
  cash(currency?: string): Exact
  held(symbol: string): Exact
  lot(symbol: string): Exact
  /** What a symbol is paid for in. */
  currencyOf(symbol: string): string
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
}

/** Books with nothing in them but the deposits. */
export function createVenueBooks(instruments: readonly Instrument[], currency: string, deposits: string): VenueBooks {
  const cash = new Map([[currency, exact(deposits)]])
  const positions = new Map<string, Exact>()
  const splits = new Map<string, (readonly [numerator: bigint, denominator: bigint])[]>()
  const lots = new Map(instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const settles = new Map(instruments.map((instrument) => [instrument.symbol, instrument.currency]))
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
    isFlat: (symbol) => floorTo(magnitude(held(symbol)), lot(symbol)) === 0n,
    splits: (symbol) => splits.get(symbol)?.length ?? 0,
    move({ request: { side, symbol } }, fill, sign) {
      const direction = side === 'buy' ? sign : -sign
      addCash(currencyOf(symbol), -direction * times(fill.price, fill.quantity))
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
