import type { KernelRecord } from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, magnitude } from '../exact.js'
import { tradedInstruments } from '../scenario.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'

/** Time that a kernel needs beside `protectMs`: for what it hears once a tick, and for requests that time out before it gets there. */
const graceMs = 12_000

const none: ReadonlySet<string> = new Set()

/**
 * I29: while the venue is open and reachable and the kernel runs, what is held is covered by a live exit at the venue within `protectMs`
 * (and a grace for requests), or an alert about the symbol was raised.
 */
export const createProtectionChecker: CheckerFactory = ({ scenario, venue, now, reachableSince }, report) => {
  /** Since when units of a symbol lack an exit, by the venue's own books. */
  const uncovered = new Map<string, number>()
  /** When all units of a symbol were last covered by exits that nobody had asked to go: what lacks one now was bought after that. */
  const coveredAt = new Map<string, number>()
  const coveredLooks = new Map<string, number>()
  const alerts = new Map<string, number>()
  const lots = new Map(scenario.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const allowedMs = (scenario.policy.protectMs ?? 5_000) + graceMs
  let upSince: number | undefined
  let openedAt: number | undefined

  /** Orders that were asked to go: they cover for a moment yet, and end no want of cover. */
  const leaving = new Set<string>()

  const adopted = new Set<string>()
  const foreign = new Set(scenario.instruments.slice(tradedInstruments(scenario).length).map(({ symbol }) => symbol))
  /** Whole lots that are ours; what nobody has adopted is not. */
  const heldAt = (symbol: string): Exact =>
    foreign.has(symbol) && !adopted.has(symbol)
      ? 0n
      : floorTo(magnitude(venue.position(symbol)), lots.get(symbol) ?? 1n)

  const missingOf = (symbol: string, without: ReadonlySet<string>): Exact => {
    let missing = heldAt(symbol)
    const side = venue.position(symbol) < 0n ? 'buy' : 'sell'
    for (const order of venue.orders) {
      const { request } = order
      if (without.has(request.clientOrderId)) continue
      if (request.symbol !== symbol || request.side !== side) continue
      if (request.reduceOnly && request.type !== 'limit') missing -= leavesOf(order)
    }
    return missing
  }

  const look = (): void => {
    if (!venue.isOpen) openedAt = undefined
    else openedAt ??= now()
    const reachable = reachableSince()
    for (const { symbol } of scenario.instruments) {
      if (heldAt(symbol) === 0n) {
        uncovered.delete(symbol)
        coveredLooks.delete(symbol)
        continue
      }
      const missing = missingOf(symbol, none)
      if (missing <= 0n) {
        // One fill more or less makes a moment of cover that nobody can tell from none.
        const looks = (coveredLooks.get(symbol) ?? 0) + 1
        coveredLooks.set(symbol, looks)
        if (missingOf(symbol, leaving) > 0n) continue
        coveredAt.set(symbol, now())
        if (looks > 3) uncovered.delete(symbol)
        continue
      }
      coveredLooks.set(symbol, 0)
      const since = uncovered.get(symbol) ?? now()
      uncovered.set(symbol, since)
      if (openedAt === undefined || reachable === undefined || upSince === undefined) continue
      const couldActMs = now() - Math.max(since, coveredAt.get(symbol) ?? 0, openedAt, reachable, upSince)
      if (couldActMs > allowedMs && (alerts.get(symbol) ?? 0) < since - graceMs)
        report(
          'I29',
          `${exactText(missing)} ${symbol} have no exit at the venue, and no alert told so within ${couldActMs} ms`,
        )
    }
  }

  return (observation) => {
    switch (observation.type) {
      case 'life started':
        upSince = now()
        return
      case 'cancel sent':
        leaving.add(observation.clientOrderId)
        return
      case 'life begun':
      case 'life ended':
        upSince = undefined
        return
      case 'told':
        if (observation.event.type === 'alert' && observation.event.symbol !== undefined)
          alerts.set(observation.event.symbol, now())
        return
      case 'durable':
        // What a crash has undone is not ours after all.
        for (const { payload } of observation.entries) {
          const record = payload as KernelRecord
          if (record.type === 'booked' && record.event.type === 'adoption') adopted.add(record.event.symbol)
        }
        return
      case 'second':
        look()
        return
      default:
    }
  }
}
