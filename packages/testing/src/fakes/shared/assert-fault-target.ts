import { nearestName, SwarmError, shown } from '@tradeswarm/core'

/** So many requests are named to who has asked for another. */
const shownRoutes = 12

/**
 * Refuses a fault on requests that nothing answers, or with a value that is none: it would never strike, and a test would pass without it.
 * `routes` are a method and a path each, with a part in braces for what may be anything. Throws `INVALID_OPTION`.
 */
export function assertFaultTarget(place: string, fault: object, routes: readonly string[]): void {
  for (const [field, value] of Object.entries(fault)) {
    if (field === 'on' || value === undefined) continue
    const expected = faultOf(field, value)
    if (expected !== undefined) throw invalid(place, field, `${field} is ${shown(value)}; it must be ${expected}`)
  }
  const { on } = fault as { readonly on?: unknown }
  if (on === undefined) return
  if (typeof on !== 'string' || on === '')
    throw invalid(place, 'on', `on is ${shown(on)}; it must be a method, a path or both, such as ${routes[0]}`)
  if (routes.some((route) => on === methodOf(route) || begins(route, on) || begins(pathOf(route), on))) return
  throw invalid(place, 'on', `on is ${shown(on)}; no request begins so; ${hint(on, routes)}`)
}

const methodOf = (route: string): string => route.slice(0, route.indexOf(' '))
const pathOf = (route: string): string => route.slice(route.indexOf(' ') + 1)

function begins(route: string, on: string): boolean {
  const [parts, wanted] = [route.split('/'), on.split('/')]
  const last = wanted.length - 1
  return wanted.every((one, index) => {
    const part = parts[index]
    if (part?.startsWith('{') === true) return one !== '' || index === last
    return index === last ? part?.startsWith(one) === true : part === one
  })
}

function hint(on: string, routes: readonly string[]): string {
  const names = on.startsWith('/') ? [...new Set(routes.map(pathOf))] : routes
  const nearest = nearestName(on, names)
  if (nearest !== undefined) return `did you mean ${nearest}?`
  const sameMethod = names.filter((name) => on.startsWith(`${methodOf(name)} `))
  const listed = sameMethod.length > 0 ? sameMethod : names
  return `there are: ${listed.slice(0, shownRoutes).join(', ')}${listed.length > shownRoutes ? ', …' : ''}`
}

/** What a value must be, where it is not. */
function faultOf(field: string, value: unknown): string | undefined {
  switch (field) {
    case 'times':
      return isWhole(value, 1) ? undefined : 'a whole number from 1'
    case 'when':
      return value === 'before' || value === 'after' ? undefined : 'before or after'
    case 'status':
      return isWhole(value, 200, 599) ? undefined : 'an HTTP status'
    case 'delayMs':
    case 'retryAfterSeconds':
      return Number.isFinite(value) && (value as number) >= 0 ? undefined : 'a number from 0'
    default:
      return typeof value === 'string' ? undefined : 'a text'
  }
}

function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function invalid(place: string, option: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${place}: fail: ${fault}`, context: { option } })
}
