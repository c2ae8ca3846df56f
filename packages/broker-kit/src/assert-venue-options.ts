import { assertKnownOptions } from '@tradeswarm/core'
import { invalidVenueOption } from './connection.js'

/** What an option is called here, by the name that it has in another adapter or in a venue's own words. */
export type OtherNames = Readonly<Record<string, string>>

/**
 * As `assertKnownOptions`, of options of which some go by other names elsewhere: those are too far from ours to be taken for misspelt. Throws
 * `INVALID_OPTION`.
 */
export function assertVenueOptions(owner: string, options: object, known: readonly string[], others: OtherNames): void {
  if (typeof options === 'object')
    for (const name in options)
      if (!known.includes(name) && Object.hasOwn(others, name) && known.includes(others[name] ?? ''))
        throw invalidVenueOption(owner, name, `there is no such option; did you mean ${others[name]}?`)
  assertKnownOptions(owner, options, known)
}
