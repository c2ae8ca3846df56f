import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import { alpacaVenue } from './alpaca-venue.js'
import { okxVenue } from './okx-venue.js'
import type { Venue, VenueAccess } from './venue.js'

/** Whatever can be traded at, by name. */
const venues: Readonly<Record<string, Venue>> = { alpaca: alpacaVenue, okx: okxVenue }

/** The names, for a sentence: `alpaca, okx`. */
export const venueNames = Object.keys(venues).join(', ')

/** A venue by its name. Throws wrong usage that names those that there are. */
export function venueNamed(name: string): Venue {
  const venue = Object.hasOwn(venues, name) ? venues[name] : undefined
  if (venue !== undefined) return venue
  throw usageError(`--broker ${name}: there is no such broker; there are: ${venueNames}`)
}

/** How to reach a venue by what the environment says, to trade or for its data alone. Throws wrong usage that names the variables that are missing. */
export function accessFrom(venue: Venue, { environment = {} }: Terminal, forDataAlone = false): VenueAccess {
  const missing = venue.keyVariables.filter((name) => (environment[name] ?? '') === '')
  if (missing.length > 0 && (venue.dataNeedsKeys || !forDataAlone))
    throw usageError(
      `--broker ${venue.name}: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set: put the account's keys there, or add --fake`,
    )
  const tradingUrl = environment[venue.tradingUrlVariable]
  const dataUrl = environment[venue.dataUrlVariable]
  return {
    keys: Object.fromEntries(venue.keyVariables.map((name) => [name, environment[name] ?? ''])),
    ...(tradingUrl === undefined || tradingUrl === '' ? {} : { tradingUrl }),
    ...(dataUrl === undefined || dataUrl === '' ? {} : { dataUrl }),
  }
}
