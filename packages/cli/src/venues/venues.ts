import { nearestName } from '@tradeswarm/core'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import { alpacaVenue } from './alpaca-venue.js'
import { okxVenue } from './okx-venue.js'
import type { Venue, VenueAccess } from './venue.js'

/** Whatever can be traded at, by name. */
const venues: Readonly<Record<string, Venue>> = { alpaca: alpacaVenue, okx: okxVenue }

const localHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** The names, for a sentence: `alpaca, okx`. */
export const venueNames = Object.keys(venues).join(', ')

export function isVenueName(word: string): boolean {
  return Object.hasOwn(venues, word)
}

/** A venue by its name. Throws wrong usage that names those that there are. */
export function venueNamed(name: string): Venue {
  const venue = Object.hasOwn(venues, name) ? venues[name] : undefined
  if (venue !== undefined) return venue
  const nearest = nearestName(name.toLowerCase(), Object.keys(venues))
  const hint = nearest === undefined ? `there are: ${venueNames}` : `did you mean ${nearest}?`
  throw usageError(`--broker ${name}: there is no such broker; ${hint}`)
}

/** `A, B and C`. */
export function inOneSentence(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** How to reach a venue by what the environment says, to trade or for its data alone. Throws wrong usage that names the variables that are missing. */
export function accessFrom(
  venue: Venue,
  { environment = {} }: Pick<Terminal, 'environment'>,
  forDataAlone = false,
): VenueAccess {
  const missing = venue.keyVariables.filter((name) => (environment[name] ?? '') === '')
  if (missing.length > 0 && (venue.dataNeedsKeys || !forDataAlone))
    throw usageError(
      `--broker ${venue.name}: ${inOneSentence(missing)} ${missing.length > 1 ? 'are' : 'is'} not set: put the account's keys there${forDataAlone ? '' : ', or add --fake to trade at its double, which needs none'}`,
    )
  const tradingUrl = urlFrom(environment, venue.tradingUrlVariable)
  const dataUrl = urlFrom(environment, venue.dataUrlVariable)
  assertBothLeadElsewhere(venue, { tradingUrl, dataUrl }, forDataAlone)
  return {
    keys: Object.fromEntries(venue.keyVariables.map((name) => [name, environment[name] ?? ''])),
    ...(tradingUrl === undefined ? {} : { tradingUrl }),
    ...(dataUrl === undefined ? {} : { dataUrl }),
  }
}

type Urls = { readonly tradingUrl: string | undefined; readonly dataUrl: string | undefined }

/** Who leads one half to a proxy or a double means the other too, which would go to the venue itself, and the keys with it. */
function assertBothLeadElsewhere(venue: Venue, { tradingUrl, dataUrl }: Urls, forDataAlone: boolean): void {
  const { name, domain, tradingUrlVariable, dataUrlVariable } = venue
  if (tradingUrlVariable === dataUrlVariable) return
  const isElsewhere = (url: string | undefined): boolean =>
    url !== undefined && !`.${new URL(url).hostname}`.endsWith(`.${domain}`)
  const refuse = (given: string, other: string, what: string): never => {
    throw usageError(
      `${given} leads away from ${name}, and ${other} is not set, so that ${what} at ${name} itself, with the same keys: set both, to one address where it has both`,
    )
  }
  if (isElsewhere(tradingUrl) && dataUrl === undefined)
    refuse(tradingUrlVariable, dataUrlVariable, 'prices would be asked for')
  if (!forDataAlone && isElsewhere(dataUrl) && tradingUrl === undefined)
    refuse(dataUrlVariable, tradingUrlVariable, 'orders would be placed')
}

/** Where a variable leads, checked here since adapters cannot name it. */
function urlFrom(environment: NonNullable<Terminal['environment']>, name: string): string | undefined {
  const text = environment[name]
  if (text === undefined) return undefined
  // As a script leaves it whose own variable is missing: it meant to lead elsewhere.
  if (text === '')
    throw usageError(`${name} is empty: write the URL that it is to lead to, or unset it to go to the venue itself`)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLocal = url?.protocol === 'http:' && localHosts.has(url.hostname)
  if (url?.protocol === 'https:' || isLocal) return text
  throw usageError(
    `${name} is no address that keys may go to: write a URL that begins with https://, or with http:// on this machine, or unset it`,
  )
}
