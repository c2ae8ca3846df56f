import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '@tradeswarm/trading'

const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/
const isoInstant = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?Z$/
const tweetInstant = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) \+0000 (\d{4})$/
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Whether a text is a day of the calendar as `YYYY-MM-DD`; 2014-02-30 is none. */
export function isCalendarDate(text: string): text is SessionDate {
  const match = isoDate.exec(text)
  return match !== null && instant([match[1], match[2], match[3], '0', '0', '0', '0']) !== undefined
}

/** The instant of a UTC time such as `2013-12-31T23:10:08Z`, or undefined where the text is none. */
export function parseIsoInstant(text: string): EpochMs | undefined {
  const match = isoInstant.exec(text)
  return match === null ? undefined : instant([...match.slice(1, 7), match[7] ?? '0'])
}

/** The instant of a tweet's `created_at`, such as `Wed Jan 01 03:59:03 +0000 2014`, or undefined where the text is none. */
export function parseTweetInstant(text: string): EpochMs | undefined {
  const match = tweetInstant.exec(text)
  const month = monthNames.indexOf(match?.[1] ?? '')
  if (match === null || month === -1) return undefined
  return instant([match[6], String(month + 1), match[2], match[3], match[4], match[5], '0'])
}

function instant(parts: readonly (string | undefined)[]): EpochMs | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = parts.map(Number)
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return day > lastDay ? undefined : Date.UTC(year, month - 1, day, hour, minute, second, ms)
}
