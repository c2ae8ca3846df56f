// Runs on Node: it listens on a port.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, SwarmError } from '@tradeswarm/core'

/** Why a port cannot be had, by the code of the system. */
const faults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'is not for this user to listen on',
}

/** Listens on the loopback interface, 0 on a free port; answers which. Throws `INVALID_OPTION` for one that cannot be had. */
export async function listenOn(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  } catch (cause) {
    const fault = portFault(cause)
    if (fault === undefined) throw cause
    const message = `port ${port} of 127.0.0.1 ${fault}; name another port, or 0 for a free one`
    throw new SwarmError({ code: 'INVALID_OPTION', message, context: { option: 'port' }, cause })
  }
  return (server.address() as AddressInfo).port
}

/** What a command line says of what was thrown; of a port it names its own option. */
export function wordsOfFault(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  if (portFault(cause) === undefined) return `${messageOf(thrown)}; see --help`
  return messageOf(thrown).replace('name another port', 'name another --port')
}

function portFault(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? faults[code] : undefined
}
