import { Socket } from 'node:net'

/** Of each text that is waited for, when a chunk with it was handed to a socket. */
const awaited = new Map()

const write = Socket.prototype.write
Socket.prototype.write = function observed(chunk, ...rest) {
  const result = write.call(this, chunk, ...rest)
  if (awaited.size > 0) {
    const at = performance.now()
    const text =
      typeof chunk === 'string'
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    for (const [mark, note] of awaited) if (text.includes(mark)) note(at)
  }
  return result
}

/** Resolves to the instant at which bytes with `mark` were written to a socket, whichever client writes them. */
export function bytesWith(mark) {
  return new Promise((resolve) => {
    awaited.set(mark, (at) => {
      awaited.delete(mark)
      resolve(at)
    })
  })
}
