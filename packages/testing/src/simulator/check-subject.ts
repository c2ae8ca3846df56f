import { assertKnownOptions, messageOf, SwarmError } from '@tradeswarm/core'
import type { SimulatedAgent } from './agent-desk.js'
import type { SimulationSubject } from './run-scenario.js'

const functions = ['agents', 'adapter', 'createKernel', 'swarmStorage'] as const

/** The fields of a subject. */
export const subjectFields = [...functions, 'venue'] as const satisfies readonly (keyof SimulationSubject)[]

/** Refuses a subject with fields that there are not, which would put nothing to the test. Throws `INVALID_OPTION`. */
export function checkSubject(subject: SimulationSubject): void {
  assertKnownOptions('subject', subject, subjectFields)
  for (const field of functions) {
    const value: unknown = subject[field]
    if (value !== undefined && typeof value !== 'function')
      throw invalid(field, `is ${Array.isArray(value) ? 'a list' : typeof value}; it must be a function`)
  }
  const { venue, adapter } = subject
  if (venue !== undefined && adapter !== undefined)
    throw invalid('adapter', "is for the simulator's own venue; leave it out, or leave venue out")
  if (venue !== undefined && (typeof venue.terms !== 'function' || typeof venue.open !== 'function'))
    throw invalid('venue', 'must have terms() and open(), as what simulatedAlpaca and simulatedOkx return')
  agentsOf(subject)
}

/** The agents of a subject, made anew. Throws `INVALID_OPTION` where they are none. */
export function agentsOf({ agents }: SimulationSubject): readonly SimulatedAgent[] {
  if (agents === undefined) return []
  let made: readonly SimulatedAgent[]
  try {
    made = agents()
  } catch (error) {
    throw invalid('agents', `threw: ${messageOf(error)}`)
  }
  const isList: boolean = Array.isArray(made)
  if (!isList) throw invalid('agents', 'must return a list of agents')
  for (const agent of made as readonly Partial<SimulatedAgent>[]) {
    if (typeof agent?.name !== 'string' || typeof agent.decide !== 'function')
      throw invalid('agents', 'must return agents with a text "name" and a function "decide"')
  }
  return made
}

function invalid(option: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `subject: ${option} ${fault}`, context: { option } })
}
