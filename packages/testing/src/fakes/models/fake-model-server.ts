// Runs on Node: it listens on a port.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { assertKnownOptions } from '@tradeswarm/core'
import { assertKnownFault } from '../assert-known-fault.js'
import { listenOn } from '../shared/listen-on.js'
import type { FakeBatchAnswer } from './fake-batch-wire.js'
import { FakeBatches, type FakeBatchReply } from './fake-batches.js'
import {
  type FakeModelAnswer,
  type FakeModelFault,
  type FakeModelOptions,
  type FakeModelRequest,
  type FakeModelServer,
  type FakeUsage,
  fakeModelFaultFields,
  fakeModelFaultNeeds,
  fakeTokens,
  noFakeUsage,
  type SeenModelRequest,
} from './fake-model.js'
import type { FakeModelWire, WireEvent, WordedAnswer } from './fake-model-wire.js'
import { ProviderCache } from './provider-cache.js'

/** Serves a provider's wire on the loopback interface. */
export async function startFakeModel(
  wire: FakeModelWire,
  cachesWritten: boolean,
  options: FakeModelOptions,
): Promise<FakeModelServer> {
  assertKnownOptions('fake model', options, ['answer', 'apiKey', 'port', 'now'])
  const { answer = () => 'ok', apiKey = 'test-key', port = 0, now = () => 1_767_225_600 } = options
  const seen: SeenModelRequest[] = []
  const cache = new ProviderCache()
  const sockets = new Set<Socket>()
  let faults: { readonly fault: FakeModelFault; after: number; left: number }[] = []

  function takeFault(): FakeModelFault | undefined {
    const [next] = faults
    if (next === undefined) return undefined
    if (next.after > 0) {
      next.after -= 1
      return undefined
    }
    next.left -= 1
    if (next.left <= 0) faults = faults.slice(1)
    return next.fault
  }

  async function word(request: FakeModelRequest): Promise<WordedAnswer> {
    const given: Exclude<FakeModelAnswer, string> = await Promise.resolve(answer(request)).then((said) =>
      typeof said === 'string' ? { text: said } : said,
    )
    const limit = request.maximumOutputTokens ?? Number.POSITIVE_INFINITY
    const isCut = fakeTokens(given.text) > limit
    const text = isCut ? given.text.slice(0, limit * 4) : given.text
    const { read, written } = cache.take(request.model, request.prompt, wire.cacheable(request).text)
    const usage: FakeUsage = {
      input: fakeTokens(request.prompt),
      cacheRead: read,
      cacheWrite: cachesWritten ? written : 0,
      output: fakeTokens(text),
    }
    const finish = isCut ? 'length' : (given.finish ?? 'stop')
    const { toolCalls = [] } = given
    return { id: `fake${seen.length + 1}`, model: request.model, text, finish, usage, toolCalls, created: now() }
  }

  /** Answers a request that came in a batch. */
  async function replyInBatch(body: Readonly<Record<string, unknown>>): Promise<FakeBatchReply> {
    try {
      const worded = await word(wire.read(wire.batch.callPath, body, {}))
      return { body: wire.whole(wire.batch.callPath, worded), usage: worded.usage }
    } catch (error) {
      return { error }
    }
  }

  const batches = new FakeBatches(replyInBatch, now)

  /** Serves the batch endpoints; false for a path that is none of them. */
  async function serveBatch(incoming: IncomingMessage, url: URL, body: Buffer, response: ServerResponse) {
    const fault = takeFault()
    const refuse = (status: number, more: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...more })
      response.end(JSON.stringify(wire.error(status)))
    }
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'cut') return void incoming.socket.destroy()
    if (fault?.kind === 'status') return refuse(fault.status)
    let answer: FakeBatchAnswer | undefined
    try {
      answer = await wire.batch.answer(
        {
          method: incoming.method ?? '',
          path: url.pathname.replace(/^\/v1/, ''),
          query: url.searchParams,
          contentType: String(incoming.headers['content-type'] ?? ''),
          body: new Uint8Array(body),
          baseUrl: `http://${incoming.headers.host}/v1`,
        },
        batches,
      )
    } catch {
      return refuse(400)
    }
    if (fault?.kind === 'lost-reply') return void incoming.socket.destroy()
    if (answer === undefined) return refuse(404)
    if ('status' in answer) return refuse(answer.status)
    const text = 'text' in answer ? answer.text : JSON.stringify(answer.json)
    response.writeHead(200, { 'content-type': 'text' in answer ? 'application/x-jsonl' : 'application/json' })
    response.end(fault?.kind === 'garbage' ? text.slice(0, text.length / 2) : text)
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://fake')
    const path = url.pathname
    const headers = headersOf(incoming)
    const bytes = await bytesOf(incoming)
    const refuse = (status: number, more: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...more })
      response.end(JSON.stringify(wire.error(status)))
    }
    if (wire.keyOf(headers) !== apiKey) return refuse(401)
    if (/\/(files|batches)(\/|$)/.test(path)) return serveBatch(incoming, url, bytes, response)
    if (!wire.serves(path) || incoming.method !== 'POST') return refuse(404)
    const body = jsonOf(bytes.toString('utf8'))
    let request: FakeModelRequest
    try {
      request = wire.read(path, body, headers)
    } catch {
      return refuse(400)
    }
    const note = (status: number, usage: FakeUsage = noFakeUsage): void => {
      seen.push({ ...request, status, usage })
    }
    const fault = takeFault()
    if (fault?.kind === 'status') {
      note(fault.status)
      return refuse(
        fault.status,
        fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
      )
    }
    if (fault?.kind === 'rejected-option') {
      note(400)
      response.writeHead(400, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify(wire.error(400, fault.option)))
    }
    if (fault?.kind === 'hang' || (fault?.kind === 'cut' && (!request.isStream || fault.afterPieces === undefined))) {
      note(0)
      if (fault.kind === 'cut') incoming.socket.destroy()
      return
    }
    const worded = await word(request)
    note(200, worded.usage)
    if (fault?.kind === 'lost-reply') incoming.socket.destroy()
    else if (fault?.kind === 'garbage') {
      response.writeHead(200, { 'content-type': request.isStream ? 'text/event-stream' : 'application/json' })
      response.end(request.isStream ? 'data: {"nonsense\n\n' : '<html>nonsense</html>')
    } else if (request.isStream) stream(wire.stream(path, worded), fault, response)
    else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(wire.whole(path, worded)))
    }
  }

  function stream(events: readonly WireEvent[], fault: FakeModelFault | undefined, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const most =
      fault?.kind === 'cut'
        ? (fault.afterPieces ?? 0)
        : fault?.kind === 'error-event'
          ? Math.ceil(events.length / 2)
          : events.length
    for (const event of events.slice(0, most)) response.write(lineOf(event))
    if (fault?.kind === 'error-event') response.write(lineOf(wire.errorEvent()))
    if (fault?.kind !== 'cut') return void response.end()
    // What was written goes out before the connection breaks.
    response.write('', () => response.destroy())
  }

  const server = createServer((request, response) => void serve(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const heardOn = await listenOn(server, port)
  return {
    baseUrl: `http://127.0.0.1:${heardOn}/v1`,
    apiKey,
    seen,
    billed: () => seen.reduce<FakeUsage>((sum, { usage }) => addUsage(sum, usage), noFakeUsage),
    batches: {
      all: batches.all,
      process: (fates) => batches.process(fates),
      expire: () => batches.expire(),
      billed: () => batches.usages.reduce<FakeUsage>((sum, usage) => addUsage(sum, usage), noFakeUsage),
    },
    fail: (fault) => {
      assertKnownFault('fake model', fault, ['times', 'after'], fakeModelFaultFields, fakeModelFaultNeeds)
      faults.push({ fault, after: fault.after ?? 0, left: fault.times ?? 1 })
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function addUsage(one: FakeUsage, other: FakeUsage): FakeUsage {
  return {
    input: one.input + other.input,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    output: one.output + other.output,
  }
}

function lineOf({ event, data }: WireEvent): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    // The client has gone away; there is nobody to answer.
  }
  return Buffer.concat(chunks)
}
