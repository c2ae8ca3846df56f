import { messageOf, type Retryability, SwarmError } from '@tradeswarm/core'

type Fault = { readonly code: string; readonly what: string; readonly retryability?: Retryability }

/** By the primary result codes of https://www.sqlite.org/rescode.html. */
const sqliteFaults: Readonly<Record<number, Fault>> = {
  3: { code: 'STORAGE_DENIED', what: 'may not be opened; check the permissions of the file and its folder' },
  5: {
    code: 'STORAGE_BUSY',
    what: 'is locked by another connection; nothing was written; try again when it lets go',
    retryability: 'retryable',
  },
  6: {
    code: 'STORAGE_BUSY',
    what: 'is locked; nothing was written; try again when its other user lets go',
    retryability: 'retryable',
  },
  8: { code: 'STORAGE_READ_ONLY', what: 'cannot be written; open it without readOnly and check its permissions' },
  10: { code: 'STORAGE_IO', what: 'could not be read or written; check the disk', retryability: 'unknown-outcome' },
  11: { code: 'STORAGE_CORRUPT', what: 'is damaged; restore it from a copy' },
  13: {
    code: 'STORAGE_FULL',
    what: 'could not grow; nothing was written; free some space and try again',
    retryability: 'retryable',
  },
  14: { code: 'STORAGE_DENIED', what: 'could not be opened; check that its folder exists and may be written' },
  23: { code: 'STORAGE_DENIED', what: 'may not be opened; check the permissions of the file and its folder' },
  26: { code: 'STORAGE_CORRUPT', what: 'is not a SQLite database; check the path, or restore the file from a copy' },
}

/** By the codes of Node, of the file system and of what its SQLite driver finds in a row. */
const fileFaults: Readonly<Record<string, Fault>> = {
  ERR_OUT_OF_RANGE: { code: 'STORAGE_CORRUPT', what: 'holds a number beyond all bounds; restore it from a copy' },
  ENOENT: { code: 'STORAGE_NOT_FOUND', what: 'does not exist; check the path' },
  ENOTDIR: { code: 'STORAGE_NOT_FOUND', what: 'lies below a file, not a folder; check the path' },
  EACCES: { code: 'STORAGE_DENIED', what: 'may not be opened; check the permissions of the file and its folder' },
  EPERM: { code: 'STORAGE_DENIED', what: 'may not be opened; check the permissions of the file and its folder' },
  EROFS: { code: 'STORAGE_READ_ONLY', what: 'lies on a read-only file system; open it with readOnly' },
  ENOSPC: {
    code: 'STORAGE_FULL',
    what: 'could not be created; free some space and try again',
    retryability: 'retryable',
  },
}

/** The extended code of a broken UNIQUE constraint. */
const uniqueViolation = 2067

/** Whether SQLite refused a row because its key is taken. */
export function isUniqueViolation(error: unknown): boolean {
  return resultCode(error) === uniqueViolation
}

/** Whether SQLite gave up because another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && (code & 0xff) === 5
}

/** Whether SQLite could make nothing of a statement. */
export function isGenericError(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && (code & 0xff) === 1
}

/** A `SwarmError` that names the file, for whatever SQLite or the file system threw; a `SwarmError` comes back as it is. */
export function storageError(error: unknown, file: string): SwarmError {
  if (SwarmError.isInstance(error)) return error
  const sqlite = resultCode(error)
  const system = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const fault = sqlite === undefined ? fileFaults[system] : sqliteFaults[sqlite & 0xff]
  const { code, what, retryability = 'fatal' } = fault ?? { code: 'STORAGE_FAILED', what: 'failed' }
  return new SwarmError({
    code,
    message: `${file} ${what} (${messageOf(error)})`,
    retryability,
    context: { file },
    cause: error,
  })
}

/** A fault of the file that SQLite itself does not name. */
export function fileError(code: string, file: string, what: string): SwarmError {
  return new SwarmError({ code, message: `${file} ${what}`, context: { file } })
}

/** The error of a file whose content cannot be what was written. */
export function corruptFile(file: string, why: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'STORAGE_CORRUPT',
    message: `${file} is damaged; restore it from a copy (${why})`,
    context: { file },
    cause,
  })
}

function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}
