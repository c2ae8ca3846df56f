import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { applicationId } from './schema.js'
import { fileError, storageError } from './sqlite-errors.js'

const headerLength = 100
const pageSizeOffset = 16
const pageCountOffset = 28
const applicationIdOffset = 68
const magic = 'SQLite format 3\u0000'

/**
 * Throws unless an existing file is one of our databases, and changes nothing in or beside it:
 * `STORAGE_CORRUPT` when it is no SQLite database or cut short, `STORAGE_FOREIGN` when it is another program's.
 */
export function assertOurFile(file: string): void {
  const id = existsSync(`${file}-wal`) ? idThroughSqlite(file) : idInHeader(file)
  if (id === applicationId) return
  throw fileError(
    'STORAGE_FOREIGN',
    file,
    `is a SQLite database of another program (application id ${id}); it was left as it is; choose another path`,
  )
}

/** Reads the header (https://www.sqlite.org/fileformat.html); no connection of a writer is open, for there is no WAL. */
function idInHeader(file: string): number {
  const { header, size } = readHeader(file)
  if (size === 0) {
    throw fileError('STORAGE_CORRUPT', file, 'is empty; remove it to start anew, or restore it from a copy')
  }
  const start = header.toString('latin1', 0, magic.length)
  if (start !== magic.slice(0, start.length)) {
    throw fileError(
      'STORAGE_CORRUPT',
      file,
      'is not a SQLite database; check the path, or restore the file from a copy',
    )
  }
  const id = header.length < headerLength ? applicationId : header.readUInt32BE(applicationIdOffset)
  if (id === applicationId && size < sizeInHeader(header)) {
    throw fileError('STORAGE_CORRUPT', file, `is cut short at ${size} bytes; restore it from a copy`)
  }
  return id
}

/** The size that a file of ours must have; SQLite itself takes a last page that is cut short for one that ends in zeros. */
function sizeInHeader(header: Buffer): number {
  if (header.length < headerLength) return headerLength
  const pageSize = header.readUInt16BE(pageSizeOffset)
  // 65,536 does not fit in its two bytes and is written as 1.
  return (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(pageCountOffset)
}

function readHeader(file: string): { readonly header: Buffer; readonly size: number } {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const header = Buffer.alloc(headerLength)
      const length = readSync(descriptor, header, 0, headerLength, 0)
      return { header: header.subarray(0, length), size: fstatSync(descriptor).size }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw storageError(error, file)
  }
}

/**
 * With a WAL beside it the database may be open in this process, and opening and closing the file apart from SQLite
 * would drop that connection's locks (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
function idThroughSqlite(file: string): number {
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      database.exec('PRAGMA busy_timeout = 5000')
      return Number(database.prepare('PRAGMA application_id').get()?.application_id)
    } finally {
      database.close()
    }
  } catch (error) {
    throw storageError(error, file)
  }
}
