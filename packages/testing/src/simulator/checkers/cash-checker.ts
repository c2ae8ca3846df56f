import { rebuildKernelState } from '@tradeswarm/trading'
import { exact, exactText, magnitude, times } from '../exact.js'
import type { LifeView } from '../observation.js'
import { tradedInstruments } from '../scenario.js'
import type { CheckerFactory } from './checker.js'
import { contractCost } from './folded-contract.js'
import { foldedLeaves, foldedStatus, isFoldedOpen } from './folded-order.js'
import type { JournalFold } from './journal-fold.js'
import { marginFraction } from './margin-fraction.js'

/** Shares of a cost are rounded here and there. */
const averageTolerance = exact('0.000001')

type SnapshotBooks = {
  readonly ledger: { readonly currencies?: readonly { readonly currency: string; readonly cash: string }[] }
}

type SnapshotOrder = {
  readonly header: { readonly orderId: string }
  readonly state: { readonly status: string; readonly leavesQuantity: string }
}

/**
 * Money to the last digit: I18, I20 and I11 (reserved is what open orders need) after every step, I21 and the venue's own cash at rest,
 * I01 and I23 whenever a life ends.
 */
export const createCashChecker: CheckerFactory = ({ scenario, venue, foldOf }, report) => {
  const touched = new Set<LifeView>()

  const checkBooks = (life: LifeView): void => {
    const fold = foldOf(life.number)
    const view = life.kernel.portfolio()
    if (view.cash[view.currency] === undefined) report('I20', 'the portfolio shows no cash')
    for (const [currency, cash] of Object.entries(view.cash)) {
      const [total, free, locked] = [exact(cash.total), exact(cash.free), exact(cash.locked)]
      const booked = fold.cashIn.get(currency) ?? 0n
      if (total !== booked) report('I18', `${currency} is ${cash.total}, the journal comes to ${exactText(booked)}`)
      if (total !== free + locked)
        report('I20', `${currency} ${cash.total} is not ${cash.free} free and ${cash.locked} locked`)
      const needed = reservedBy(fold, currency) + marginIn(fold, currency)
      if (locked !== needed)
        report(
          'I11',
          `${cash.locked} is locked, open orders and contracts need ${exactText(needed)}: reserved ≠ consumed + released + outstanding`,
        )
      const sums = currency === view.currency ? view : view.currencies?.[currency]
      if (sums === undefined) continue
      let cost = total + exact(sums.fees) - exact(sums.realised) - exact(sums.income)
      for (const { symbol, openCost, currency: paidIn = view.currency } of view.positions)
        if (paidIn === currency && !fold.contracts.has(symbol)) cost += exact(openCost)
      if (cost !== exact(sums.netDeposits))
        report(
          'I18',
          `${currency}: cash + cost + fees − realised − income is ${exactText(cost)}, deposits are ${sums.netDeposits}`,
        )
    }
    for (const { symbol, openCost } of view.positions)
      if (fold.contracts.has(symbol) && exact(openCost) !== contractCost(fold, symbol))
        report('I18', `${symbol} has cost ${openCost}, the journal comes to ${exactText(contractCost(fold, symbol))}`)
    for (const { symbol, quantity } of view.positions)
      if (exact(quantity) !== (fold.positions.get(symbol) ?? 0n))
        report(
          'I21',
          `${quantity} ${symbol} are held, the journal comes to ${exactText(fold.positions.get(symbol) ?? 0n)}`,
        )
  }

  const checkRebuild = (life: LifeView, entries: readonly { readonly payload: unknown }[]): void => {
    const snapshot = life.kernel.snapshot()
    if (rebuildKernelState(entries) !== snapshot) report('I23', 'rebuilt from the journal the state is another one')
    const fold = foldOf(life.number)
    const { orders } = JSON.parse(snapshot) as { readonly orders: readonly SnapshotOrder[] }
    for (const { header, state } of orders) {
      const folded = fold.orders.get(header.orderId)
      if (folded === undefined) report('I01', `order ${header.orderId} is in no record`)
      else if (foldedStatus(folded) !== state.status || foldedLeaves(folded) !== exact(state.leavesQuantity))
        report('I01', `order ${header.orderId} is ${state.status}, its words make it ${foldedStatus(folded)}`)
    }
  }

  /** Contracts are sold as they are bought. */
  const mayNotBeShort = ({ contracts }: JournalFold, symbol: string): boolean =>
    scenario.policy.allowShorts !== true && !contracts.has(symbol)

  /** Averages are the venue's where both have booked in one order. */
  const checkContract = (fold: JournalFold, symbol: string): void => {
    const there = venue.books.contract?.(symbol)
    const booked = (fold.contractTrades.get(symbol) ?? []).map(({ tradeId }) => tradeId)
    if (there === undefined || booked.join() !== there.trades.join()) return
    const here = contractCost(fold, symbol)
    if (magnitude(here - there.cost) > averageTolerance)
      report('I18', `${symbol} has cost ${exactText(there.cost)} at the venue, ${exactText(here)} in the books`)
  }

  const checkVenue = (life: LifeView): void => {
    const fold = foldOf(life.number)
    const { ledger } = JSON.parse(life.kernel.snapshot()) as SnapshotBooks
    for (const { currency, cash } of ledger.currencies ?? [])
      if (exact(cash) !== (fold.cashIn.get(currency) ?? 0n))
        report('I18', `${currency} is ${cash}, the journal comes to ${exactText(fold.cashIn.get(currency) ?? 0n)}`)
    for (const currency of venue.books.currencies()) {
      const [there, here] = [venue.books.cash(currency), fold.cashIn.get(currency) ?? 0n]
      if (there !== here)
        report('I18', `the venue holds ${exactText(there)} ${currency} in cash, the books ${exactText(here)}`)
    }
    const contradiction = venue.books.contradiction?.()
    if (contradiction !== undefined) report('I18', contradiction)
    for (const symbol of fold.contracts.keys()) checkContract(fold, symbol)
    for (const { symbol } of scenario.instruments) {
      const [there, here] = [venue.position(symbol), fold.positions.get(symbol) ?? 0n]
      // On the way, fills that overtake one another may show less than nothing in the books; at rest and at the venue nothing may.
      if (here < 0n && mayNotBeShort(fold, symbol)) report('I43', `the position in ${symbol} is ${exactText(here)}`)
      const isForeign =
        !fold.positions.has(symbol) && !tradedInstruments(scenario).some((each) => each.symbol === symbol)
      if (there !== here && !isForeign)
        report('I21', `the venue holds ${exactText(there)} ${symbol}, the books ${exactText(here)}`)
    }
  }

  return (observation) => {
    switch (observation.type) {
      case 'appended':
        touched.add(observation.life)
        return
      case 'venue fill': {
        const { symbol } = observation.order.request
        if (venue.position(symbol) < 0n && scenario.policy.allowShorts !== true && !venue.books.isContract(symbol))
          report('I43', `the venue's position in ${symbol} is below 0`)
        return
      }
      case 'settled':
        for (const life of touched) if (!life.aheadOfJournal) checkBooks(life)
        touched.clear()
        return
      case 'life ended':
        touched.delete(observation.life)
        if (!observation.life.appending && !observation.life.aheadOfJournal)
          checkRebuild(observation.life, observation.life.entries())
        return
      case 'quiet':
        checkBooks(observation.life)
        checkRebuild(observation.life, observation.life.entries())
        checkVenue(observation.life)
        return
      default:
    }
  }
}

/** What contracts that are held tie up of a currency. */
function marginIn(fold: JournalFold, currency: string): bigint {
  let cost = 0n
  for (const [symbol, terms] of fold.contracts)
    if (terms.currency === currency && (fold.positions.get(symbol) ?? 0n) !== 0n)
      cost += magnitude(contractCost(fold, symbol))
  return fold.policy === undefined ? 0n : times(cost, marginFraction(fold.policy))
}

/** What open orders set aside in cash of a currency, by the journalled terms of their reservations. */
function reservedBy(fold: JournalFold, currency: string): bigint {
  let sum = 0n
  for (const order of fold.orders.values()) {
    const { reservation } = order
    if (reservation?.kind !== 'cash' || reservation.asset !== currency || !isFoldedOpen(order)) continue
    sum += times(exact(reservation.perUnit), foldedLeaves(order)) + exact(reservation.fixed)
  }
  return sum
}
