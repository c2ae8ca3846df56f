import type { KernelRecord } from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, magnitude } from '../exact.js'
import type { LifeView } from '../observation.js'
import { tradedInstruments } from '../scenario.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'
import { isHeldInDoubt } from './in-doubt.js'

/** Time that a kernel needs beside `protectMs`: for what it hears once a tick, and for requests that time out before it gets there. */
const graceMs = 12_000
/** An alert excuses no longer than this, of time in which a kernel can act: exits that were lost or refused are tried on, with pauses. */
const longestMs = 45_000

/** What is looked at once a second. */
const lookEveryMs = 1_000

const none: ReadonlySet<string> = new Set()

/**
 * I29: while the venue is open and reachable and the kernel runs, what is held is covered by a live exit at the venue within `protectMs`
 * (and a grace for requests), or an alert about the symbol was raised; and it is covered again in bounded time, whatever was told. So is
 * what waits for an auction left once the price has passed the stop.
 */
export const createProtectionChecker: CheckerFactory = (world, report) => {
  const { scenario, venue, now, reachableSince, foldOf } = world
  /** Since when units of a symbol lack an exit, by the venue's own books. */
  const uncovered = new Map<string, number>()
  /** When all units of a symbol were last covered by exits that nobody had asked to go: what lacks one now was bought after that. */
  const coveredAt = new Map<string, number>()
  const coveredLooks = new Map<string, number>()
  const alerts = new Map<string, number>()
  const lots = new Map(scenario.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const allowedMs = (scenario.policy.protectMs ?? 5_000) + graceMs
  /** Since when the price is beyond the stop of what waits for an auction. */
  const passedSince = new Map<string, number>()
  /** For how many seconds the kernel could have covered what lacks an exit; over sessions, and anew when something stood in its way. */
  const couldCover = new Map<string, number>()
  let life: LifeView | undefined
  let upSince: number | undefined
  let openedAt: number | undefined

  /** Orders that were asked to go: they cover for a moment yet, and end no want of cover. */
  const leaving = new Set<string>()

  const adopted = new Set<string>()
  /** When a kernel took a position into its books: what it tells of that comes before it is durable. */
  const adoptedAt = new Map<string, number>()
  const foreign = new Set(scenario.instruments.slice(tradedInstruments(scenario).length).map(({ symbol }) => symbol))
  /** Whole lots that are ours; what nobody has adopted is not. */
  const heldAt = (symbol: string): Exact =>
    foreign.has(symbol) && !adopted.has(symbol)
      ? 0n
      : floorTo(magnitude(venue.position(symbol)), lots.get(symbol) ?? 1n)

  /** Whether the venue's price is beyond the stop that the kernel itself says the position has. */
  const isStopPassed = (symbol: string): boolean => {
    const stop = life?.kernel.exits(symbol)?.stopPrice
    if (stop === undefined || !venue.isOpen) return false
    const price = exact(venue.price(symbol))
    return venue.position(symbol) < 0n ? price >= exact(stop) : price <= exact(stop)
  }

  /**
   * Whether nothing can be done about a symbol, or nobody knows of it yet: frozen, not planned, not told, or held by what may always come. What
   * an entry with exits has opened was planned, even where the kernel has lost its plan.
   */
  const isExcused = (symbol: string): boolean => {
    if (life === undefined) return true
    const fold = foldOf(life.number)
    if (life.kernel.exits(symbol) === undefined && !fold.planned.has(symbol)) return true
    if (fold.halts.has('freeze') || (fold.positions.get(symbol) ?? 0n) !== venue.position(symbol)) return true
    return isHeldInDoubt(world, symbol, fold.orders.values())
  }

  const missingOf = (symbol: string, without: ReadonlySet<string>, isPassed = false): Exact => {
    let missing = heldAt(symbol)
    const side = venue.position(symbol) < 0n ? 'buy' : 'sell'
    for (const order of venue.orders) {
      const { request } = order
      if (without.has(request.clientOrderId)) continue
      if (request.symbol !== symbol || request.side !== side) continue
      if (isPassed && (request.timeInForce === 'at-close' || request.timeInForce === 'at-open')) continue
      if (request.reduceOnly && request.type !== 'limit') missing -= leavesOf(order)
    }
    return missing
  }

  /** What waits for an auction while the price is beyond the stop is to be left, whatever was told. */
  const checkAuctioned = (symbol: string): void => {
    const waits = isStopPassed(symbol) && missingOf(symbol, none, true) > 0n && missingOf(symbol, none) <= 0n
    const reachable = reachableSince()
    if (!waits || openedAt === undefined || reachable === undefined || upSince === undefined || isExcused(symbol)) {
      passedSince.delete(symbol)
      return
    }
    const since = passedSince.get(symbol) ?? now()
    passedSince.set(symbol, since)
    const couldMs = now() - Math.max(since, openedAt, reachable, upSince)
    if (couldMs > allowedMs)
      report('I29', `${symbol} has been beyond its stop for ${couldMs} ms, and its exit waits for an auction`)
  }

  const look = (): void => {
    if (!venue.isOpen) openedAt = undefined
    else openedAt ??= now()
    const reachable = reachableSince()
    for (const { symbol } of scenario.instruments) {
      if (heldAt(symbol) === 0n) {
        uncovered.delete(symbol)
        coveredLooks.delete(symbol)
        couldCover.delete(symbol)
        continue
      }
      checkAuctioned(symbol)
      const missing = missingOf(symbol, none)
      if (missing <= 0n) {
        // One fill more or less makes a moment of cover that nobody can tell from none.
        const looks = (coveredLooks.get(symbol) ?? 0) + 1
        coveredLooks.set(symbol, looks)
        if (missingOf(symbol, leaving) > 0n) continue
        coveredAt.set(symbol, now())
        couldCover.delete(symbol)
        if (looks > 3) uncovered.delete(symbol)
        continue
      }
      coveredLooks.set(symbol, 0)
      const since = uncovered.get(symbol) ?? now()
      uncovered.set(symbol, since)
      const excused = isExcused(symbol)
      if (reachable === undefined || upSince === undefined || excused) couldCover.delete(symbol)
      if (openedAt === undefined || reachable === undefined || upSince === undefined) continue
      const couldMs = Math.min(couldCover.get(symbol) ?? 0, now() - Math.max(reachable, upSince)) + lookEveryMs
      if (!excused) couldCover.set(symbol, couldMs)
      if (!excused && couldMs > longestMs)
        report('I29', `${exactText(missing)} ${symbol} have had no exit at the venue for ${couldMs} ms of its sessions`)
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
        life = observation.life
        return
      case 'cancel sent':
        leaving.add(observation.clientOrderId)
        return
      case 'life begun':
      case 'life ended':
        upSince = undefined
        life = undefined
        return
      case 'told':
        if (observation.event.type === 'alert' && observation.event.symbol !== undefined)
          alerts.set(observation.event.symbol, now())
        return
      case 'durable':
        // What a crash has undone is not ours after all.
        for (const { payload } of observation.entries) {
          const record = payload as KernelRecord
          if (record.type !== 'booked' || record.event.type !== 'adoption') continue
          const { symbol } = record.event
          if (!adopted.has(symbol)) uncovered.set(symbol, adoptedAt.get(symbol) ?? now())
          adopted.add(symbol)
        }
        return
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        if (record.type === 'booked' && record.event.type === 'adoption') adoptedAt.set(record.event.symbol, now())
        return
      }
      case 'second':
        look()
        return
      default:
    }
  }
}
