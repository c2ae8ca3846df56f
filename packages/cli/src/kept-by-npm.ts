import { usageError } from './usage-error.js'
import { inOneSentence } from './venues/venues.js'

/**
 * `npm start --fake` without two dashes before gives the option to npm, which keeps it: what runs then is something else than was meant. Throws
 * wrong usage that says how to write it.
 */
export function assertNoneKeptByNpm(
  names: readonly string[],
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): void {
  if (environment['npm_lifecycle_event'] !== 'start') return
  const kept = names.flatMap((name) => {
    const value = environment[`npm_config_${name.replaceAll('-', '_')}`]
    return value === undefined ? [] : [{ name, value: value === 'true' || value === '' ? undefined : value }]
  })
  if (kept.length === 0) return
  // What npm did not take for the value of an option came as a word of its own.
  const loose = [...words]
  const meant = kept.map(({ name, value }) => {
    const given = value ?? (name === 'fake' || name.includes('-') ? undefined : loose.shift())
    return given === undefined ? `--${name}` : `--${name} ${given}`
  })
  const taken = inOneSentence(kept.map(({ name }) => `--${name}`))
  throw usageError(`npm kept ${taken} for itself: write npm start -- ${[...meant, ...loose].join(' ')}`)
}
