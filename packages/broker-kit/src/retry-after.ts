/** A venue that names a longer wait is asked again after this all the same. */
const longestWaitMs = 60_000

/**
 * How long a server wants to be left alone by `Retry-After`: seconds, or an instant, which is counted from its own clock in `Date` where it
 * tells that (RFC 9110, 10.2.3). Milliseconds, at most a minute; undefined where it says nothing that can be read.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const said = headers.get('Retry-After')?.trim()
  if (said === undefined || said === '') return undefined
  const seconds = Number(said)
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : Math.min(seconds * 1_000, longestWaitMs)
  const until = Date.parse(said)
  if (Number.isNaN(until)) return undefined
  const told = Date.parse(headers.get('Date') ?? '')
  return Math.min(Math.max(until - (Number.isNaN(told) ? now : told), 0), longestWaitMs)
}
