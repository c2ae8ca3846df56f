import { messageOf, SwarmError } from '../errors/swarm-error.js'

/** One document of an agent. */
export type StateDocument = { readonly version: number; readonly value: unknown }

/** The JSON of a value. Throws `STATE_NOT_JSON`, naming agent and key. */
export function stateText(agent: string, key: string, value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw new SwarmError({
      code: 'STATE_NOT_JSON',
      message: `document "${key}" of agent ${agent} cannot be saved: ${messageOf(error)}; keep plain data in an agent's state`,
      cause: error,
      context: { agent, key },
    })
  }
}

/** What was saved under a path. Throws `STATE_UNREADABLE` unless it is a JSON object in which these fields are whole numbers from 0 on. */
export function parseSaved(path: string, text: string, numbers: readonly string[]): Readonly<Record<string, unknown>> {
  let saved: unknown
  try {
    saved = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, `is no JSON: ${messageOf(error)}`, error)
  }
  if (typeof saved !== 'object' || saved === null) throw unreadable(path, 'holds no object')
  const fields = saved as Readonly<Record<string, unknown>>
  for (const field of numbers) {
    const value = fields[field]
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw unreadable(path, `has no whole number as its ${field}`)
  }
  return fields
}

/** The error of what a storage gave back and nobody could have saved. */
export function unreadable(path: string, why: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'STATE_UNREADABLE',
    message: `key "${path}" of the storage ${why}`,
    cause,
    context: { path },
  })
}
