// Runs on Node: it listens on a port.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock, Timers } from '@tradeswarm/core'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FakeFault, FaultBoard } from './fault-board.js'
import { parse } from './trade-update-stream.js'
import type { FakeAnswer, FakeRequest } from './trading-routes.js'

const maximumBody = 1_000_000

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
  readonly faults: FaultBoard
  readonly clock: Clock & Timers
  readonly newId: () => string
  /** Whether a request may ask: keys and rate. Answers headers for whatever is answered, or a refusal. */
  readonly admit: (request: FakeRequest, headers: IncomingMessage['headers']) => FakeAdmission
  /** Undefined: 404. */
  readonly answer: (request: FakeRequest) => Promise<FakeAnswer | undefined>
  /** Takes a WebSocket for a path; false where there is none. */
  readonly upgrade: (path: string, socket: WebSocket) => boolean
  /** Called before a request is carried out, and when its answer is out. */
  readonly onBegin: (request: FakeRequest) => void
  readonly onEnd: (request: FakeRequest) => void
}

export type FakeAdmission = { readonly headers: Record<string, string>; readonly refused?: FakeAnswer }

/** Speaks HTTP and WebSocket on the loopback interface, with the faults of the board. */
export class FakeHttpHost {
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
      if (parts.faults.conditions.maintenance) return void socket.destroy()
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (!parts.upgrade(path, webSocket)) webSocket.close(4404, 'no such stream')
      })
    })
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#webSockets.close()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://fake')
    const text = await bodyOf(incoming)
    const method = incoming.method ?? 'GET'
    const request: FakeRequest = { method, path: url.pathname, query: url.searchParams, body: parse(text) }
    const note = (status: number): void => {
      this.seen.push({ method, path: request.path, query: url.search, body: request.body, status })
    }
    const admission = this.#parts.admit(request, incoming.headers)
    const fault = request.path.startsWith('/fake/') ? undefined : this.#parts.faults.take(method, request.path)
    const instead = admission.refused ?? insteadOf(fault, this.#parts.clock.now(), admission.headers)
    if (instead !== undefined) return this.#respond(response, instead, admission.headers, fault, note)
    if (fault !== undefined && isBefore(fault)) {
      note(0)
      if (fault.kind === 'cut') incoming.socket.destroy()
      return
    }
    this.#parts.onBegin(request)
    let answered = await this.#parts.answer(request)
    if (fault?.kind === 'hidden') answered = { status: 404, json: { code: 40410000, message: 'order not found' } }
    this.#parts.onEnd(request)
    if (fault?.kind === 'hang' || fault?.kind === 'cut') {
      note(0)
      if (fault.kind === 'cut') incoming.socket.destroy()
      return
    }
    if (fault?.kind === 'status') answered = { status: fault.status, json: statusBody(fault) }
    const found = answered ?? { status: 404, json: { message: 'endpoint not found.' } }
    await this.#respond(response, found, admission.headers, fault, note)
  }

  async #respond(
    response: ServerResponse,
    { status, json }: FakeAnswer,
    headers: Record<string, string>,
    fault: FakeFault | undefined,
    note: (status: number) => void,
  ): Promise<void> {
    note(status)
    const isHtml = typeof json === 'string'
    const body = json === undefined ? '' : isHtml ? json : JSON.stringify(json)
    const type = isHtml ? 'text/html' : 'application/json; charset=UTF-8'
    response.writeHead(status, { 'Content-Type': type, 'X-Request-ID': this.#parts.newId(), ...headers })
    if (fault?.kind !== 'slow-body') {
      response.end(body)
      return
    }
    const { clock } = this.#parts
    response.write(body.slice(0, Math.ceil(body.length / 2)))
    clock.at(clock.now() + fault.delayMs, () => void response.end(body.slice(Math.ceil(body.length / 2))))
  }
}

const html = (status: number): string => `<html><body><center><h1>${status}</h1></center><hr>nginx</body></html>`

/** What is answered instead of carrying the request out. */
function insteadOf(fault: FakeFault | undefined, now: number, headers: Record<string, string>): FakeAnswer | undefined {
  switch (fault?.kind) {
    case 'status':
      return fault.when === 'after' ? undefined : { status: fault.status, json: statusBody(fault) }
    case 'html':
      return { status: fault.status, json: html(fault.status) }
    case 'redirect':
      headers['Location'] = fault.to
      return { status: 302, json: '' }
    case 'too-many': {
      const seconds = fault.retryAfterSeconds ?? 1
      headers['Retry-After'] = String(seconds)
      headers['X-RateLimit-Remaining'] = '0'
      headers['X-RateLimit-Reset'] = String(Math.ceil(now / 1_000) + seconds)
      return { status: 429, json: { code: 42910000, message: 'rate limit exceeded' } }
    }
    default:
      return undefined
  }
}

function isBefore(fault: FakeFault): boolean {
  return (fault.kind === 'hang' || fault.kind === 'cut') && fault.when !== 'after'
}

function statusBody({ status, body }: { readonly status: number; readonly body?: string }): unknown {
  return body ?? { code: status * 100_000 + 10_000, message: 'internal server error occurred' }
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
