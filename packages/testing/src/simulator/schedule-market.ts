import type { MarketEvent } from '@tradeswarm/trading'
import { carryOutStep, type StepDesk } from './carry-out-step.js'
import { calendarOf, type Scenario } from './scenario.js'
import { simulatedSession } from './session-calendar.js'
import type { SimulatedWorld } from './simulated-world.js'

const tickMs = 2_000
/** Sessions without faults at the end, and one after the longest time for which an order may be in doubt. */
export const quietSessions = 2
export const lateSession = 20

/** The bar of a session that has closed, at the venue's present price. */
export function barOf({ venue, restated, scenario }: SimulatedWorld, symbol: string, index: number): MarketEvent {
  const { date, open, close } = simulatedSession(index, calendarOf(scenario))
  let price = venue.price(symbol)
  for (const split of restated)
    if (split.symbol === symbol && date < split.sessionDate)
      price = ((Number(price) * split.numerator) / split.denominator).toFixed(2)
  const prices = { open: price, high: price, low: price, close: price }
  return {
    type: 'bar',
    symbol,
    timeframe: '1d',
    sessionDate: date,
    start: open,
    time: close,
    ...prices,
    volume: '1000000',
  }
}

/** What the market's clock does besides telling prices. */
export type MarketHooks = {
  /** At each price. */
  readonly onTick: () => void
  /** When the last step is done, and nothing fails any more. */
  readonly onHealed: () => void
}

/** Puts all sessions of a run on the clock: what the venue does, what the feed tells, and the end of all faults. */
export function scheduleMarket(scenario: Scenario, desk: StepDesk, hooks: MarketHooks): void {
  const { world } = desk
  const { time, venue } = world
  const symbols = scenario.instruments.map(({ symbol }) => symbol)
  for (const [index, symbol] of symbols.entries())
    venue.setPrice(symbol, ((scenario.startPrices[index] ?? 10_000) / 100).toFixed(2))
  const tell = (event: MarketEvent): void => {
    if (!desk.pricesDown || event.type === 'session') desk.deliver(event)
  }
  const calendar = calendarOf(scenario)
  const session = (index: number): void => {
    const { date: sessionDate, open, close } = simulatedSession(index, calendar)
    const phase = (name: 'pre-open' | 'open' | 'close'): void =>
      tell({ type: 'session', phase: name, calendar, sessionDate, time: time.now() })
    time.at(open - 2_000, () => phase('pre-open'))
    time.at(open, () => {
      venue.openSession()
      phase('open')
    })
    time.at(close + 6_000, () => {
      const life = desk.current()
      if (index >= scenario.sessions && life?.running === true) desk.statements.read(life)
    })
    for (let at = open; at < close; at += tickMs) {
      time.at(at, () => {
        hooks.onTick()
        venue.tick()
        for (const symbol of symbols)
          tell({ type: 'open', symbol, sessionDate, time: time.now(), price: venue.price(symbol) })
        desk.agents.tick(sessionDate)
      })
    }
    time.at(close, () => {
      venue.closeSession()
      for (const symbol of symbols) tell(barOf(world, symbol, index))
      phase('close')
    })
  }
  for (let index = 0; index < scenario.sessions + quietSessions; index += 1) session(index)
  session(scenario.sessions + lateSession - 1)
  session(scenario.sessions + lateSession)
  time.at(simulatedSession(scenario.sessions).open - 5_000, () => {
    desk.agents.retire()
    carryOutStep(desk, { at: 0, do: 'outage', of: 'everything', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'outage', of: 'prices', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'full', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'failing', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'slow', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'lease store', fault: 'failing', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'kill switch store', fault: 'failing', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'kill switch store', fault: 'slow', forMs: 0 })
    world.network.faults.length = 0
    world.network.storm = undefined
    world.alertSink.fault = 'none'
    desk.state.skewMs = Math.min(3_000, Math.max(desk.state.skewMs, -toleratedLagMs(scenario)))
    venue.deepen()
    desk.disturb()
    hooks.onHealed()
  })
}

/** How far our clock may be behind when all is well: by more, a venue takes every request for one that came too late. */
function toleratedLagMs({ venue: { requestLifetimeMs = Number.POSITIVE_INFINITY, latencyMs } }: Scenario): number {
  return Math.min(3_000, requestLifetimeMs - latencyMs.most)
}
