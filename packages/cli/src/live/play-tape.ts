import type { PacedStep, PacedTape } from '@tradeswarm/backtest'
import type { ClockAndTimers } from '@tradeswarm/core'
import { decimal, decimalText, type MarketEvent, roundToStep } from '@tradeswarm/trading'

/** Somebody who hears what the market does. */
export type Stage = { emit(event: MarketEvent): Promise<void> }

/** Plays a tape at its pace until it ends or is called off. Steps that are late are played at once, in order. */
export async function playTape(
  paced: PacedTape,
  stage: Stage,
  clock: ClockAndTimers,
  signal: AbortSignal,
): Promise<void> {
  for (const step of paced.steps()) {
    await until(step.time, clock, signal)
    if (signal.aborted) return
    for (const event of eventsOf(step, paced, clock.now())) await stage.emit(event)
  }
}

/** Resolves at an instant, or when it is called off. */
export function until(time: number, clock: ClockAndTimers, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const cancel = clock.at(time, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = (): void => {
      cancel()
      resolve()
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** What a step is at a venue: sessions, trades, and a quote a tick wide after each price. */
function* eventsOf(step: PacedStep, { tape, calendar }: PacedTape, time: number): Generator<MarketEvent> {
  const ticks = new Map(tape.instruments.map(({ symbol, tickSize }) => [symbol, tickSize]))
  const priced = (symbol: string, exact: string): { readonly price: string; readonly quote: MarketEvent } => {
    const tick = ticks.get(symbol) ?? '0.01'
    const price = onGrid(exact, tick)
    const [middle, step] = [decimal(price), decimal(tick)]
    const bid = decimalText(middle.gt(step) ? middle.minus(step) : middle)
    return { price, quote: { type: 'quote', symbol, time, bid, ask: decimalText(middle.plus(step)) } }
  }
  switch (step.type) {
    case 'open':
      yield { type: 'session', phase: 'open', calendar: calendar.name, sessionDate: step.date, time }
      for (const { symbol, open, date } of step.bars) {
        const { price, quote } = priced(symbol, open)
        yield { type: 'open', symbol, sessionDate: date, time, price }
        yield quote
      }
      return
    case 'prices':
      for (const { symbol, price: exact } of step.prices) {
        const { price, quote } = priced(symbol, exact)
        yield { type: 'trade', symbol, time, price, quantity: '100' }
        yield quote
      }
      return
    case 'bars':
      yield* step.bars
      return
    case 'close':
      yield { type: 'session', phase: 'close', calendar: calendar.name, sessionDate: step.date, time }
  }
}

/** Prices of old bars have more decimals than anybody quotes. */
function onGrid(price: string, tick: string): string {
  return decimalText(roundToStep(decimal(price), decimal(tick), 'half-even'))
}
