import { createAlwaysOpenCalendar } from './always-open-calendar.js'
import type { CalendarName, TradingCalendar } from './trading-calendar.js'
import { createUsEquityCalendar } from './us-equity-calendar.js'

/** A calendar of its own for the name that an instrument carries. Keep it: it remembers the years that it has worked out. */
export function tradingCalendar(name: CalendarName): TradingCalendar {
  return name === 'us-equity' ? createUsEquityCalendar() : createAlwaysOpenCalendar()
}
