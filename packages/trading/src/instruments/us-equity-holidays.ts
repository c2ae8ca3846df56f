const dayMs = 86_400_000

/** Milliseconds of midnight UTC of a day on the calendar; only its fields count, no time zone. */
export type CivilDay = number

/** The n-th (from 1) such weekday of a month; 0 is Sunday, month 1 January. */
export function nthWeekday(year: number, month: number, weekday: number, nth: number): CivilDay {
  const first = Date.UTC(year, month - 1, 1)
  return first + (((weekday - new Date(first).getUTCDay() + 7) % 7) + 7 * (nth - 1)) * dayMs
}

/** The last such weekday of a month. */
export function lastWeekday(year: number, month: number, weekday: number): CivilDay {
  const last = Date.UTC(year, month, 0)
  return last - ((new Date(last).getUTCDay() - weekday + 7) % 7) * dayMs
}

/** Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): CivilDay {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const ofCentury = year % 100
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7
  const shift = Math.floor((golden + 11 * epact + 22 * weekday) / 451)
  const days = epact + weekday - 7 * shift + 114
  return Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1)
}

/** Kept on the Friday before when on a Saturday, on the Monday after when on a Sunday. */
function observed(day: CivilDay): CivilDay {
  const weekday = new Date(day).getUTCDay()
  if (weekday === 6) return day - dayMs
  return weekday === 0 ? day + dayMs : day
}

/**
 * Closures by no rule: the attacks of September 2001, the funerals of presidents Reagan, Ford, Bush and Carter, hurricane Sandy.
 * Source: NYSE, "Special closings".
 */
const specialClosures = [
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
] as const

/**
 * Days on which US equities do not trade, weekends apart: NYSE rule 7.2. New Year's Day on a Saturday is not made up for, since the Friday
 * before ends a year; Juneteenth is kept from 2022 on.
 */
export function usEquityHolidays(year: number): ReadonlySet<CivilDay> {
  const newYear = Date.UTC(year, 0, 1)
  const days = [
    nthWeekday(year, 1, 1, 3),
    nthWeekday(year, 2, 1, 3),
    easterSunday(year) - 2 * dayMs,
    lastWeekday(year, 5, 1),
    observed(Date.UTC(year, 6, 4)),
    nthWeekday(year, 9, 1, 1),
    nthWeekday(year, 11, 4, 4),
    observed(Date.UTC(year, 11, 25)),
    ...specialClosures.filter((date) => date.startsWith(String(year))).map((date) => Date.parse(date)),
  ]
  if (new Date(newYear).getUTCDay() !== 6) days.push(observed(newYear))
  if (year >= 2022) days.push(observed(Date.UTC(year, 5, 19)))
  return new Set(days)
}

/**
 * Days on which US equities close at 13:00, known from 1999 on: the day after Thanksgiving, 3 July and Christmas Eve where they are trading
 * days before a weekday holiday. In 2002 it was 5 July instead of the 3rd; in 2003 also the Friday after Christmas.
 */
export function usEquityEarlyCloses(year: number): ReadonlySet<CivilDay> {
  if (year < 1999) return new Set()
  const days = [nthWeekday(year, 11, 4, 4) + dayMs]
  for (const eve of [Date.UTC(year, 6, year === 2002 ? 5 : 3), Date.UTC(year, 11, 24)]) days.push(eve)
  if (year === 2003) days.push(Date.UTC(2003, 11, 26))
  return new Set(days)
}
