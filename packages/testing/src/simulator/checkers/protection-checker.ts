import { type Exact, exact, exactText, floorTo } from '../exact.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'

/** Time that a kernel needs beside `protectMs`: for what it hears once a tick, and for requests that time out before it gets there. */
const graceMs = 12_000

/**
 * I29: while the venue is open and reachable and the kernel runs, what is held is covered by a live exit at the venue within `protectMs`
 * (and a grace for requests), or an alert about the symbol was raised.
 */
export const createProtectionChecker: CheckerFactory = ({ scenario, venue, now, reachableSince }, report) => {
  const uncovered = new Map<string, { since: number; seen: boolean }>()
  const alerts = new Map<string, number>()
  const lots = new Map(scenario.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const allowedMs = (scenario.policy.protectMs ?? 5_000) + graceMs
  let upSince: number | undefined

  const missingOf = (symbol: string): Exact => {
    let missing = floorTo(venue.position(symbol), lots.get(symbol) ?? 1n)
    for (const order of venue.orders) {
      const { request } = order
      if (request.symbol === symbol && request.reduceOnly && request.type !== 'limit') missing -= leavesOf(order)
    }
    return missing
  }

  const look = (): void => {
    const since = reachableSince()
    if (!venue.isOpen || since === undefined || upSince === undefined) {
      uncovered.clear()
      return
    }
    for (const { symbol } of scenario.instruments) {
      const missing = missingOf(symbol)
      const known = uncovered.get(symbol)
      if (missing <= 0n) uncovered.delete(symbol)
      else if (known === undefined) uncovered.set(symbol, { since: now(), seen: false })
      else if (now() - Math.max(known.since, since, upSince) > allowedMs && (alerts.get(symbol) ?? 0) < known.since - graceMs)
        report('I29', `${exactText(missing)} ${symbol} have been without an exit and without an alert for ${now() - known.since} ms`)
    }
  }

  return (observation) => {
    switch (observation.type) {
      case 'life started':
        upSince = now()
        return
      case 'life begun':
      case 'life ended':
        upSince = undefined
        return
      case 'told':
        if (observation.event.type === 'alert' && observation.event.symbol !== undefined)
          alerts.set(observation.event.symbol, now())
        return
      case 'second':
        look()
        return
      default:
    }
  }
}
