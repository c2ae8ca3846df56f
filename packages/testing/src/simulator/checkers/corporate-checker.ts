import type { KernelRecord, LedgerEvent } from '@tradeswarm/trading'
import { type Exact, exact, exactText } from '../exact.js'
import type { LifeView } from '../observation.js'
import type { CheckerFactory } from './checker.js'
import { unitsUntil } from './folded-units.js'
import { createJournalFold } from './journal-fold.js'

/**
 * What companies do, once each (I19, I42): a split or dividend is booked once, whatever is told again after a restart; a dividend on what
 * was held when it was paid; and a split changes no worth, sets nothing off and halts nothing.
 */
export const createCorporateChecker: CheckerFactory = ({ now, foldOf }, report) => {
  /** Splits of this instant, and what lies in the books of that life. */
  let split: { readonly life: number; readonly at: number; readonly symbol: string } | undefined
  const heldAt = new Map<string, Exact>()

  const keyOf = (event: LedgerEvent & { readonly symbol: string }): string =>
    `${event.type} ${event.symbol} ${event.time}`

  const checkBooked = (life: LifeView, event: LedgerEvent): void => {
    if (event.type !== 'split' && event.type !== 'dividend') return
    if (event.type === 'dividend' && event.corrects !== undefined) return
    for (const earlier of foldOf(life.number).booked.values())
      if ((earlier.type === 'split' || earlier.type === 'dividend') && keyOf(earlier) === keyOf(event))
        report('I19', `the ${event.type} of ${event.symbol} was booked a second time, as ${event.eventId}`)
    if (event.type === 'split') {
      split = { life: life.number, at: now(), symbol: event.symbol }
      return
    }
    const known = unitsUntil(foldOf(life.number), event.symbol, event.time)
    if (exact(event.quantity) !== known)
      report(
        'I19',
        `the dividend of ${event.symbol} was booked on ${event.quantity}, by the journal ${exactText(known)} were held then`,
      )
    const held = heldAt.get(keyOf(event))
    if (held !== undefined && exact(event.quantity) !== held)
      report(
        'I19',
        `the dividend of ${event.symbol} was booked on ${event.quantity}, ${exactText(held)} were held then`,
      )
  }

  /** Nothing may follow from a split in its own instant but what re-places exits. */
  const checkFollows = (life: LifeView, record: KernelRecord): void => {
    if (split === undefined || split.life !== life.number || split.at !== now()) return
    if (record.type === 'halted' && (record.cause === 'daily-loss' || record.cause === 'drawdown'))
      report('I42', `the split of ${split.symbol} halted trading (${record.cause})`)
    if (record.type === 'exit-due' && record.symbol === split.symbol)
      report('I42', `the split of ${split.symbol} set off its ${record.purpose}`)
  }

  /** All that was booked of a dividend is what it was due on, by all that was told of before it, in the order in which it was. */
  const checkPaid = (life: LifeView): void => {
    for (const [key, { paid, due }] of dividendsIn(life.entries()))
      if (paid !== due) report('I19', `the ${key} was booked on ${exactText(paid)}, it was due on ${exactText(due)}`)
  }

  return (observation) => {
    switch (observation.type) {
      case 'quiet':
        checkPaid(observation.life)
        return
      case 'entitled': {
        const { symbol, time, quantity, isKnown } = observation
        if (isKnown) heldAt.set(`dividend ${symbol} ${time}`, exact(quantity))
        return
      }
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        checkFollows(observation.life, record)
        if (record.type === 'booked') checkBooked(observation.life, record.event)
        return
      }
      default:
    }
  }
}

type Paid = { readonly time: number; readonly symbol: string; paid: Exact; due: Exact }

/** By their keys, from the records alone: what comes after a dividend in time changes nothing of it. */
function dividendsIn(entries: readonly { readonly payload: unknown }[]): ReadonlyMap<string, Paid> {
  const fold = createJournalFold()
  const dividends = new Map<string, Paid>()
  for (const { payload } of entries) {
    const record = payload as KernelRecord
    const moved = movedBy(record)
    const later = [...dividends.values()].filter(({ symbol, time }) => symbol === moved?.symbol && moved.isBefore(time))
    const before = later.map(({ symbol, time }) => unitsUntil(fold, symbol, time))
    fold.apply(record)
    for (const [index, each] of later.entries())
      each.due += unitsUntil(fold, each.symbol, each.time) - (before[index] ?? 0n)
    if (record.type !== 'booked' || record.event.type !== 'dividend') continue
    const { symbol, time, quantity } = record.event
    const key = `dividend of ${symbol} ${time}`
    const known = dividends.get(key)
    if (known === undefined) dividends.set(key, { symbol, time, paid: exact(quantity), due: exact(quantity) })
    else known.paid += exact(quantity)
  }
  return dividends
}

type Move = { readonly symbol: string; isBefore(time: number): boolean }

/** What a record moves, and of which dividends it lies before. */
function movedBy(record: KernelRecord): Move | undefined {
  if (record.type === 'order-event' && record.entry !== undefined && record.event.type === 'filled') {
    const { time: at } = record.event
    return record.entry.symbol === undefined
      ? undefined
      : { symbol: record.entry.symbol, isBefore: (time) => at < time }
  }
  if (record.type !== 'booked') return undefined
  const { event } = record
  const { type, time: at } = event
  if (type === 'split') return { symbol: event.symbol, isBefore: (time) => at <= time }
  if (type !== 'fill' && type !== 'bust' && type !== 'correction') return undefined
  return { symbol: event.symbol, isBefore: (time) => at < time }
}
