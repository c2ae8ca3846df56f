import { nearestName, SwarmError, shown } from '@tradeswarm/core'
import { type CalendarName, calendarNames, type TradingCalendar } from './trading-calendar.js'

const methods = [
  'session',
  'dateOf',
  'openSession',
  'nextSession',
  'previousSession',
] as const satisfies readonly (keyof TradingCalendar)[]

const what = `a calendar, such as tradingCalendar('us-equity'): a name, and the functions ${methods.join(', ')}`

/**
 * Refuses what is no calendar, in the name of whoever was given it, with the field and what it must be; `name` is that under which it is to be
 * known, where that is said. It may have more than a calendar has. Throws `INVALID_OPTION`.
 */
export function assertCalendar(
  where: string,
  option: string,
  given: unknown,
  name?: CalendarName,
): asserts given is TradingCalendar {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(where, option, `${option} ${faultOf(given)}; it must be ${what}`)
  const calendar = given as Readonly<Record<string, unknown>>
  for (const method of methods) {
    if (typeof calendar[method] === 'function') continue
    const others = Object.keys(calendar).filter(
      (key) => !(methods as readonly string[]).includes(key) && key !== 'name',
    )
    const meant = calendar[method] === undefined ? nearestName(method, others) : undefined
    const hint = meant === undefined ? '' : ` (did you mean it by ${meant}?)`
    throw invalid(where, option, `${option}: ${method} ${faultOf(calendar[method])}${hint}; it must be a function`)
  }
  const names: readonly unknown[] = name === undefined ? calendarNames : [name]
  if (names.includes(calendar['name'])) return
  const allowed = names.map((each) => JSON.stringify(each)).join(' or ')
  throw invalid(where, option, `${option}: name ${faultOf(calendar['name'])}; it must be ${allowed}`)
}

function faultOf(value: unknown): string {
  return value === undefined ? 'is not given' : `is ${shown(value)}`
}

function invalid(where: string, option: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${where}: ${fault}`, context: { option } })
}
