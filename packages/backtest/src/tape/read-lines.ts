import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf, shown } from '@tradeswarm/core'
import { type RowFaults, tapeError } from './row-faults.js'

const chunkBytes = 256 * 1024
/** The longest line that is read; a tweet object of the public dataset has up to about 30 kB. */
const longestLineBytes = 1024 * 1024
const newline = 0x0a
const carriageReturn = 0x0d

/** Calls `onLine` with each line that is not blank, in order, counted from 1. */
type LineHandler = (line: string, lineNumber: number) => void

/**
 * Streams a UTF-8 text file, gzipped when its name ends in `.gz`, without ever holding more than a chunk and a line of it.
 * `file` is the name for messages. Throws `TAPE_FILE_UNREADABLE`; `TAPE_FILE_TRUNCATED`, `TAPE_ENCODING_INVALID` and
 * `TAPE_LINE_TOO_LONG` go through `faults`, so that lenient loading keeps the lines that are whole.
 */
export async function readLines(path: string, file: string, faults: RowFaults, onLine: LineHandler): Promise<void> {
  const lines = createLineSplitter(file, faults, onLine)
  try {
    const status = await stat(path)
    if (!status.isFile()) throw tapeError('TAPE_FILE_UNREADABLE', { file }, 'is not a regular file')
    const chunks = path.endsWith('.gz') ? gunzippedChunks(path) : plainChunks(path, status.size)
    for await (const chunk of chunks) lines.push(chunk)
  } catch (error) {
    if (isReadError(error)) return lines.broken(error)
    throw error
  }
  lines.end()
}

async function* plainChunks(path: string, size: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r')
  try {
    for (let position = 0; position < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, size - position))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

async function* gunzippedChunks(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  let bytes = 0
  const file = createReadStream(path, { highWaterMark: chunkBytes }).on('data', (chunk) => {
    bytes += chunk.length
  })
  // The callback is for errors, and those reach the reader through `gunzip` itself.
  pipeline(file, gunzip, () => {})
  for await (const chunk of gunzip) yield chunk as Buffer
  // zlib takes an empty file for an empty archive; a gzip file has at least its header.
  if (bytes === 0) throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })
}

function isReadError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^(E[A-Z]+|Z_[A-Z_]+|ERR_[A-Z_]+)$/.test(String(error.code))
}

function createLineSplitter(file: string, faults: RowFaults, onLine: LineHandler) {
  let rest: Buffer | undefined
  let lineNumber = 0
  let skippingLongLine = false

  const tooLong = (line: number): void => {
    faults.refuse('TAPE_LINE_TOO_LONG', { file, line }, `is longer than ${longestLineBytes} bytes`)
  }

  const finish = (bytes: Buffer) => {
    lineNumber += 1
    if (skippingLongLine) {
      skippingLongLine = false
      return
    }
    if (bytes.length > longestLineBytes) return tooLong(lineNumber)
    const line = bytes.subarray(0, bytes.at(-1) === carriageReturn ? -1 : bytes.length)
    if (!isUtf8(line)) return faults.refuse('TAPE_ENCODING_INVALID', { file, line: lineNumber }, 'is not UTF-8 text')
    const text = line.toString('utf8')
    const content = lineNumber === 1 && text.startsWith('\ufeff') ? text.slice(1) : text
    if (content.trim() !== '') onLine(content, lineNumber)
  }

  const keep = (bytes: Buffer): void => {
    if (skippingLongLine) return
    rest = rest === undefined ? bytes : Buffer.concat([rest, bytes])
    if (rest.length <= longestLineBytes) return
    rest = undefined
    skippingLongLine = true
    tooLong(lineNumber + 1)
  }

  return {
    push(chunk: Buffer): void {
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        const line = chunk.subarray(start, end)
        const whole = rest === undefined ? line : Buffer.concat([rest, line])
        rest = undefined
        finish(whole)
        start = end + 1
      }
      if (start < chunk.length) keep(chunk.subarray(start))
    },
    end(): void {
      if (rest !== undefined) finish(rest)
    },
    broken(error: Error & { readonly code: string }): void {
      if (error.code === 'Z_BUF_ERROR') {
        const problem = 'the gzip file ends too early: it was cut short'
        if (lineNumber === 0) faults.refuse('TAPE_FILE_TRUNCATED', { file }, `${problem} before its first line`, error)
        else faults.refuse('TAPE_FILE_TRUNCATED', { file, line: lineNumber }, `${problem} after this line`, error)
        return
      }
      throw tapeError('TAPE_FILE_UNREADABLE', { file }, `cannot be read: ${shown(messageOf(error))}`, error)
    },
  }
}
