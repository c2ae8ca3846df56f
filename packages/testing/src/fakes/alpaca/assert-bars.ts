import { SwarmError } from '@tradeswarm/core'

/** The timeframes that Alpaca has, in the words that history is kept under. */
const timeframes = /^([1-9]|[1-5]\d)Min$|^([1-9]|1\d|2[0-3])Hour$|^1(Day|Week)$|^(1|2|3|4|6|12)Month$/
/** How others write them, and Alpaca in short. */
const units: Readonly<Record<string, string>> = {
  m: 'Min',
  T: 'Min',
  min: 'Min',
  h: 'Hour',
  H: 'Hour',
  d: 'Day',
  D: 'Day',
  w: 'Week',
  W: 'Week',
  M: 'Month',
}
const instants = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Refuses history that no request would ever find: a test would see no bars. Throws `INVALID_OPTION`, naming where. */
export function assertBars(place: string, bars: unknown): void {
  if (!isRecord(bars)) throw invalid(place, 'bars must be lists by symbol and timeframe: { AAPL: { "1Min": [] } }')
  for (const [symbol, byFrame] of Object.entries(bars)) {
    if (!isRecord(byFrame)) throw invalid(place, `bars.${symbol} must be lists by timeframe: { "1Min": [] }`)
    for (const [frame, rows] of Object.entries(byFrame)) {
      if (!timeframes.test(frame))
        throw invalid(place, `bars.${symbol}: there is no timeframe ${frame}; ${hint(frame)}`)
      if (!Array.isArray(rows)) throw invalid(place, `bars.${symbol}.${frame} must be a list of bars`)
      for (const [index, row] of (rows as readonly unknown[]).entries()) {
        const t = isRecord(row) ? row['t'] : undefined
        if (typeof t === 'string' && instants.test(t) && !Number.isNaN(Date.parse(t))) continue
        const where = `bars.${symbol}.${frame}[${index}].t`
        throw invalid(place, `${where} is ${JSON.stringify(t)}; it must be an instant such as "2026-03-02T15:00:00Z"`)
      }
    }
  }
}

function hint(frame: string): string {
  const [, count = '', unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(frame) ?? []
  const meant = `${count}${units[unit]}`
  return timeframes.test(meant) ? `did you mean ${meant}?` : 'use one such as 1Min, 1Hour or 1Day'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(place: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${place}: ${fault}`, context: { option: 'bars' } })
}
