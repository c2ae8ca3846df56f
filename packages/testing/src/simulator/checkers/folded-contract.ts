import { type Exact, magnitude, times } from '../exact.js'
import type { JournalFold } from './journal-fold.js'

/** Signed units of a contract, at what one of them stood for. */
export type ContractTrade = { readonly tradeId: string; readonly units: Exact; readonly unitPrice: Exact }

/** What shares of a cost are rounded to: 18 decimals, half to even. */
const shareStep = 10n ** 6n

/** What the units that are held of a contract stood for when they were entered, signed: at their average price, in the order of booking. */
export function contractCost({ contractTrades }: Pick<JournalFold, 'contractTrades'>, symbol: string): Exact {
  let held = 0n
  let cost = 0n
  /** Of units that all came at one price. */
  let onePrice: Exact | undefined
  for (const { units, unitPrice } of contractTrades.get(symbol) ?? []) {
    if (held === 0n || held > 0n === units > 0n) {
      onePrice = held === 0n ? unitPrice : undefined
      held += units
      cost += times(units, unitPrice)
      continue
    }
    if (magnitude(units) >= magnitude(held)) {
      held += units
      cost = times(held, unitPrice)
      onePrice = unitPrice
      continue
    }
    cost -= onePrice === undefined ? share(cost, -units, held) : times(-units, onePrice)
    held += units
  }
  return cost
}

/** What a contract makes, closed at a price; of one at a loss less than 0. */
export function contractResult(fold: JournalFold, symbol: string, price: Exact): Exact {
  const { multiplier } = fold.contracts.get(symbol) ?? { multiplier: 0n }
  return times(times(fold.positions.get(symbol) ?? 0n, multiplier), price) - contractCost(fold, symbol)
}

/** Signs of cost, part and whole are the same. */
function share(cost: Exact, part: Exact, whole: Exact): Exact {
  const top = magnitude(cost * part)
  const bottom = magnitude(whole) * shareStep
  const quotient = top / bottom
  const twice = (top % bottom) * 2n
  const isUp = twice > bottom || (twice === bottom && quotient % 2n === 1n)
  const rounded = (isUp ? quotient + 1n : quotient) * shareStep
  return cost < 0n ? -rounded : rounded
}
