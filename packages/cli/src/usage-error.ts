import { SwarmError } from '@tradeswarm/core'

const code = 'WRONG_USAGE'

/** The command line was not understood; the message says what to write instead. */
export function usageError(message: string): SwarmError {
  return new SwarmError({ code, message })
}

const usageCodes: ReadonlySet<string> = new Set([
  code,
  'RUN_EXISTS',
  'RUN_NOT_FOUND',
  'STORAGE_NOT_FOUND',
  'RESUME_MISMATCH',
  'INVALID_OPTION',
  'SYMBOL_NOT_ON_TAPE',
])

/** True for errors that a different command line mends. */
export function isUsageError(error: unknown): boolean {
  return SwarmError.isInstance(error) && usageCodes.has(error.code)
}
