import { type Exact, exact, exactText, floorTo, magnitude } from '../exact.js'
import type { LifeView } from '../observation.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'
import { isHeldInDoubt } from './in-doubt.js'

/** What is to be left is on its way out within so much of the time in which the kernel can act; what is lost or refused is tried on, with pauses. */
const longestMs = 45_000
const lookEveryMs = 1_000

/**
 * I13: what was flattened is being left in bounded time while the venue is open and reachable and the kernel runs: a market order for it lies
 * at the venue, or it is gone. An alert is no excuse; a freeze is, and an order of which nobody knows and that may not be sent again.
 */
export const createLeavingChecker: CheckerFactory = (world, report) => {
  const { scenario, venue, now, foldOf, reachableSince } = world
  const couldLeave = new Map<string, number>()
  const lots = new Map(scenario.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  let life: LifeView | undefined
  let upSince: number | undefined

  /** Units for which no order is at the venue that leaves at the next price. */
  const stayingOf = (symbol: string): Exact => {
    let staying = floorTo(magnitude(venue.position(symbol)), lots.get(symbol) ?? 1n)
    const way = venue.position(symbol) < 0n ? 'buy' : 'sell'
    for (const order of venue.orders) {
      const { symbol: of, side, reduceOnly, type, timeInForce } = order.request
      const isMarket = type === 'market' && timeInForce !== 'at-close' && timeInForce !== 'at-open'
      if (of === symbol && side === way && reduceOnly && isMarket) staying -= leavesOf(order)
    }
    return staying
  }

  const look = ({ number }: LifeView): void => {
    const reachable = reachableSince()
    const fold = foldOf(number)
    for (const { symbol } of scenario.instruments) {
      const isKnown = (fold.positions.get(symbol) ?? 0n) === venue.position(symbol)
      const isExcused =
        reachable === undefined ||
        upSince === undefined ||
        !isKnown ||
        fold.halts.has('freeze') ||
        isHeldInDoubt(world, symbol, fold.orders.values())
      if (isExcused || !fold.toLeave.has(symbol) || stayingOf(symbol) <= 0n) {
        couldLeave.delete(symbol)
        continue
      }
      if (!venue.isOpen) continue
      const couldMs = Math.min(couldLeave.get(symbol) ?? 0, now() - Math.max(reachable, upSince ?? 0)) + lookEveryMs
      couldLeave.set(symbol, couldMs)
      if (couldMs > longestMs)
        report(
          'I13',
          `all ${symbol} were to be left, and ${exactText(stayingOf(symbol))} have stayed for ${couldMs} ms`,
        )
    }
  }

  return (observation) => {
    switch (observation.type) {
      case 'life started':
        life = observation.life
        upSince = now()
        return
      case 'life begun':
      case 'life ended':
        life = undefined
        upSince = undefined
        couldLeave.clear()
        return
      case 'second':
        if (life !== undefined) look(life)
        return
      default:
    }
  }
}
