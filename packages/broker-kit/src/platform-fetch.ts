import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Agent, RequestOptions } from 'node:https'
import { version } from './version.js'

/** What an adapter needs of an answer. */
export type VenueResponse = Pick<Response, 'status' | 'headers' | 'text'>

/** One request, never repeated, no redirect followed. */
export type VenueFetch = (url: string, init: RequestInit) => Promise<VenueResponse>

type HttpModule = {
  readonly Agent: new (options: { keepAlive: boolean; timeout: number }) => Agent
  request(url: string, options: RequestOptions, answered: (message: IncomingMessage) => void): ClientRequest
}

/**
 * A connection on which nothing was asked for so long is not used again: servers close theirs after five seconds and more, and an order that
 * meets that moment is of unknown fate. As long as Node's `fetch` keeps its own.
 */
const keptForMs = 4_000

/** What venues are told of who asks: the program and its version, nothing of the machine or the runtime. */
const introduction = { 'User-Agent': `tradeswarm/${version}` } as const

/**
 * How this platform asks over HTTP, and says what asks (`User-Agent`), unless a request says it itself. On Node that is its own client, on connections that are kept: from the call to the bytes on the socket it
 * takes a third of the time that `fetch` takes there. Elsewhere it is `fetch`.
 */
export function platformFetch(idleMs = keptForMs): VenueFetch {
  if (globalThis.navigator?.userAgent?.startsWith('Node.js/') !== true)
    return (url, init) => fetch(url, { ...init, headers: introduced(init.headers) })
  const clients = { 'http:': clientOf('node:http', idleMs), 'https:': clientOf('node:https', idleMs) }
  return (url, init) => clients[url.startsWith('https:') ? 'https:' : 'http:'](url, init)
}

function clientOf(name: 'node:http' | 'node:https', idleMs: number): VenueFetch {
  let opened: { readonly module: HttpModule; readonly agent: Agent } | undefined
  return (url, init) => {
    if (opened === undefined) {
      const module = process.getBuiltinModule(name) as unknown as HttpModule
      opened = { module, agent: new module.Agent({ keepAlive: true, timeout: idleMs }) }
    }
    return ask(opened.module, opened.agent, url, init)
  }
}

function ask(module: HttpModule, agent: Agent, url: string, init: RequestInit): Promise<VenueResponse> {
  const { method = 'GET', headers, body, signal } = init
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      agent,
      method,
      headers: introduced(headers),
      ...(signal == null ? {} : { signal }),
    }
    let isAnswered = false
    const request = module.request(url, options, (message) => {
      isAnswered = true
      const parts: Buffer[] = []
      message.on('data', (part: Buffer) => parts.push(part))
      message.on('end', () => resolve(responseOf(message, Buffer.concat(parts).toString('utf8'))))
      // Cut before its end: nobody knows what it would have said.
      message.on('error', reject)
    })
    request.on('error', reject)
    // An answer that is none, such as a switch of protocols, ends without an error.
    request.on('close', () => {
      if (!isAnswered) reject(new Error('the connection was closed without an answer'))
    })
    request.end(body ?? undefined)
  })
}

/** Whoever asks says so. What names its header fields in another way than an object does would be sent without any. */
function introduced(headers: RequestInit['headers'] = {}): Record<string, string> {
  const isPlain = !(headers instanceof Headers || Array.isArray(headers))
  const named = isPlain ? (headers as Record<string, string>) : Object.fromEntries(new Headers(headers))
  const names = Object.keys(named)
  for (let index = 0; index < names.length; index += 1) if (names[index]?.toLowerCase() === 'user-agent') return named
  return { ...introduction, ...named }
}

function responseOf({ statusCode = 0, headers }: IncomingMessage, text: string): VenueResponse {
  const read = new Headers()
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) read.set(name, Array.isArray(value) ? value.join(', ') : value)
  return { status: statusCode, headers: read, text: async () => text }
}
