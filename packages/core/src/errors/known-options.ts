import { nearestName } from './nearest-name.js'
import { SwarmError } from './swarm-error.js'

/** Refuses what is no object, and an option that there is not: a misspelt one would be ignored in silence. Throws `INVALID_OPTION` with the nearest that there is. */
export function assertKnownOptions(place: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== 'object')
    throw invalid(place, `its options are ${String(options)}; give it an object such as { ${known[0]}: … }`)
  for (const name in options) if (!known.includes(name)) throw unknownOption(place, name, known)
}

function unknownOption(place: string, name: string, known: readonly string[]): SwarmError {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
  return invalid(place, `there is no option ${name}; ${hint}`, name)
}

function invalid(place: string, fault: string, option?: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${place}: ${fault}`,
    ...(option === undefined ? {} : { context: { option } }),
  })
}
