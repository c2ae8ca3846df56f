// Runs on Node: it listens on a port.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Timers } from '@tradeswarm/core'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FakeAnswer, FaultWords, HttpFault } from './http-fault.js'
import { parse } from './json-text.js'
import { listenOn } from './listen-on.js'

const maximumBody = 1_000_000

/** A request, read. */
export type FakeRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** Path and query, and the body, byte for byte as they were sent. */
  readonly target: string
  readonly text: string
}

/** A request that was answered, or not. */
export type SeenRequest = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: Readonly<Record<string, unknown>>
  /** 0 where nothing was answered. */
  readonly status: number
}

export type FakeHostParts = {
  readonly takeFault: (method: string, path: string) => HttpFault | undefined
  readonly words: FaultWords
  /** Whether sockets find nobody. */
  readonly isDown: () => boolean
  readonly clock: Clock & Timers
  /** Headers of whatever is answered, for each answer anew. */
  readonly replyHeaders: () => Record<string, string>
  /** Whether a request may ask: keys and rate. Answers headers for whatever is answered, or a refusal. */
  readonly admit: (request: FakeRequest, headers: IncomingMessage['headers']) => FakeAdmission
  /** Undefined: not found. */
  readonly answer: (request: FakeRequest, headers: IncomingMessage['headers']) => Promise<FakeAnswer | undefined>
  /** With which status a WebSocket is turned away, if it is. */
  readonly refuseUpgrade?: (path: string) => number | undefined
  /** Takes a WebSocket for a path; false where there is none. */
  readonly upgrade: (path: string, socket: WebSocket) => boolean
  /** Called before a request is carried out, and when its answer is out. */
  readonly onBegin: (request: FakeRequest) => void
  readonly onEnd: (request: FakeRequest) => void
}

export type FakeAdmission = { readonly headers: Record<string, string>; readonly refused?: FakeAnswer }

/** Who speaks for a fake: over HTTP and WebSocket, or in memory. */
export type FakeHost = {
  readonly seen: readonly SeenRequest[]
  /** Answers the port. */
  listen(port: number): Promise<number>
  close(): Promise<void>
}

/** Speaks HTTP and WebSocket on the loopback interface, with the faults of a venue. */
export class FakeHttpHost implements FakeHost {
  readonly seen: SeenRequest[] = []
  readonly #parts: FakeHostParts
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #webSockets = new WebSocketServer({ noServer: true })

  constructor(parts: FakeHostParts) {
    this.#parts = parts
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (request, socket, head) => {
      const path = new URL(request.url ?? '/', 'http://fake').pathname
      if (parts.isDown()) return void socket.destroy()
      const status = parts.refuseUpgrade?.(path)
      if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`)
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (!parts.upgrade(path, webSocket)) webSocket.close(4404, 'no such stream')
      })
    })
  }

  listen(port: number): Promise<number> {
    return listenOn(this.#server, port)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#webSockets.close()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = incoming.url ?? '/'
    const url = new URL(target, 'http://fake')
    const text = await bodyOf(incoming)
    const method = incoming.method ?? 'GET'
    const [path, query] = [url.pathname, url.searchParams]
    const request: FakeRequest = { method, path, query, body: parse(text), target, text }
    const note = (status: number): void => {
      this.seen.push({ method, path, query: url.search, body: request.body, status })
    }
    const { words } = this.#parts
    const admission = this.#parts.admit(request, incoming.headers)
    const fault = path.startsWith('/fake/') ? undefined : this.#parts.takeFault(method, path)
    const instead = admission.refused ?? (fault === undefined ? undefined : words.instead(fault, admission.headers))
    if (instead !== undefined) return this.#respond(response, instead, admission.headers, fault, note)
    if (fault !== undefined && isSilent(fault) && fault.when !== 'after') {
      note(0)
      if (fault.kind === 'cut') incoming.socket.destroy()
      return
    }
    this.#parts.onBegin(request)
    let answered = await this.#parts.answer(request, incoming.headers)
    if (fault !== undefined) answered = words.after(fault, answered, path)
    this.#parts.onEnd(request)
    if (fault !== undefined && isSilent(fault)) {
      note(0)
      if (fault.kind === 'cut') incoming.socket.destroy()
      return
    }
    await this.#respond(response, answered ?? words.notFound, admission.headers, fault, note)
  }

  async #respond(
    response: ServerResponse,
    { status, json }: FakeAnswer,
    headers: Record<string, string>,
    fault: HttpFault | undefined,
    note: (status: number) => void,
  ): Promise<void> {
    note(status)
    const isHtml = typeof json === 'string'
    const body = json === undefined ? '' : isHtml ? json : JSON.stringify(json)
    const type = isHtml ? 'text/html' : 'application/json; charset=UTF-8'
    response.writeHead(status, { 'Content-Type': type, ...this.#parts.replyHeaders(), ...headers })
    if (fault?.kind !== 'slow-body') {
      response.end(body)
      return
    }
    const { clock } = this.#parts
    response.write(body.slice(0, Math.ceil(body.length / 2)))
    clock.at(clock.now() + fault.delayMs, () => void response.end(body.slice(Math.ceil(body.length / 2))))
  }
}

function isSilent(fault: HttpFault): fault is Extract<HttpFault, { readonly kind: 'hang' | 'cut' }> {
  return fault.kind === 'hang' || fault.kind === 'cut'
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= maximumBody) chunks.push(chunk)
    }
  } catch {
    // The client has gone away; there is nobody to answer.
  }
  return Buffer.concat(chunks).toString('utf8')
}
