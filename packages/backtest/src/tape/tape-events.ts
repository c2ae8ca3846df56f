import type { MarketEvent } from '@tradeswarm/trading'
import type { Tape, TapeBar, TapeDividend } from './tape.js'
import { calendarOf, sessionOf } from './tape-calendar.js'

/** How long before the open decisions that were made while the market was closed fall due. */
export const preOpenLeadMs = 15 * 60_000

/**
 * All market events of a tape in order, made as they are asked for. Each session that has bars gives: pre-open, 15 minutes
 * before the open; at the open dividends, session open and open prices; at the close (early ones too) bars and session close.
 */
export function* createTapeEvents(
  tape: Pick<Tape, 'name' | 'instruments' | 'bars' | 'dividends'>,
): Generator<MarketEvent, void, undefined> {
  const calendar = calendarOf(tape)
  let dividend = 0
  for (let first = 0; first < tape.bars.length; ) {
    const date = tape.bars[first]?.date ?? ''
    let next = first
    while (tape.bars[next]?.date === date) next += 1
    const { open, close } = sessionOf(calendar, date)
    const session = { type: 'session', calendar: calendar.name, sessionDate: date } as const
    yield { ...session, phase: 'pre-open', time: open - preOpenLeadMs }
    for (let due = tape.dividends[dividend]; due !== undefined && due.date <= date; due = tape.dividends[dividend]) {
      dividend += 1
      if (due.date === date) yield dividendEvent(due, open)
    }
    yield { ...session, phase: 'open', time: open }
    for (let index = first; index < next; index += 1) {
      const bar = tape.bars[index]
      if (bar !== undefined) yield { type: 'open', symbol: bar.symbol, sessionDate: date, time: open, price: bar.open }
    }
    for (let index = first; index < next; index += 1) {
      const bar = tape.bars[index]
      if (bar !== undefined) yield barEvent(bar, open, close)
    }
    yield { ...session, phase: 'close', time: close }
    first = next
  }
}

function dividendEvent({ symbol, date, amountPerUnit, currency }: TapeDividend, time: number): MarketEvent {
  return { type: 'dividend', symbol, sessionDate: date, time, amountPerUnit, currency }
}

function barEvent({ symbol, date, open, high, low, close, volume }: TapeBar, start: number, time: number): MarketEvent {
  return { type: 'bar', symbol, timeframe: '1d', sessionDate: date, start, time, open, high, low, close, volume }
}
