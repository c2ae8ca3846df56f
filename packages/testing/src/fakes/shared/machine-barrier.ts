import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Node works on so many of other threads at once. */
const threads = 4

/** Opened when it is first wanted, and kept for as long as the process lives, which it does not keep. */
let echo: Promise<Echo> | undefined

/** A connection that says again what is said to it, and who waits for that. */
type Echo = { readonly socket: Socket; readonly waiters: (() => void)[] }

/**
 * Resolves when what was on its way through this machine has come: through its loopback, which it may put off where it is busy, and through the
 * threads on which signatures are made. Two trips there and back, that what the first one let go on is heard of as well.
 */
export async function machineBarrier(): Promise<void> {
  echo ??= openEcho()
  const opened = await echo
  const digests = Array.from({ length: threads }, () => crypto.subtle.digest('SHA-256', new Uint8Array()))
  for (let trip = 0; trip < 2; trip += 1) await tripOver(opened)
  await Promise.all(digests)
}

function tripOver({ socket, waiters }: Echo): Promise<void> {
  // Only while somebody waits does it keep the process.
  if (waiters.length === 0) socket.ref()
  return new Promise((resolve) => {
    waiters.push(resolve)
    socket.write('.')
  })
}

async function openEcho(): Promise<Echo> {
  const server = createServer((socket) => {
    socket.unref()
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  server.close()
  server.unref()
  socket.unref()
  const waiters: (() => void)[] = []
  socket.on('data', ({ length }) => {
    for (const resolve of waiters.splice(0, length)) resolve()
    if (waiters.length === 0) socket.unref()
  })
  return { socket, waiters }
}
