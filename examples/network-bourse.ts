// The Bourse of `write-a-broker.ts` behind HTTP and WebSocket, on this machine: a double, which fails when it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, EpochMs } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import { decimal, decimalText } from '@tradeswarm/trading'
import { type WebSocket, WebSocketServer } from 'ws'
import { Bourse, type BourseOptions, type Notice, type Ticket } from './write-a-broker.ts'

type Deal = { deal: string; size: string; price: string; rested: boolean; done: string; at: EpochMs }
/** A ticket as it goes over the wire. `done` is what has been traded of it, in each deal what had been by then. */
type Row = Pick<Ticket, 'ref' | 'paper' | 'way' | 'size'> & {
  number: string
  state: 'LISTED' | 'DONE' | 'WITHDRAWN' | 'LAPSED'
  done: string
  listedAt: EpochMs
  endedAt?: EpochMs
  deals: readonly Deal[]
}
type Fault = {
  readonly kind: 'hang' | 'cut' | 'hidden' | 'too-many'
  readonly when?: 'before' | 'after'
  /** Method and path that a request begins with. */
  readonly on: string
  readonly times?: number
}
type Answer = readonly [status: number, json: unknown]

const windowMs = 1_000
export const retryAfterSeconds = 2

/** Starts one. `callsPerSecond` is how many requests it answers; more are turned away with 429. */
export async function startNetworkBourse({
  clock,
  callsPerSecond,
  ...options
}: BourseOptions & { readonly clock: Clock; readonly callsPerSecond: number }) {
  const key = 'a-key-of-the-double'
  const market = createManualFeed()
  const bourse = await Bourse.open(options, { clock, feed: market })
  const rows = new Map<string, Row>()
  const tickets = new Map<string, Ticket>()
  const taken: string[] = []
  const streams = new Set<WebSocket>()
  const calls: EpochMs[] = []
  let faults: { readonly fault: Fault; left: number }[] = []
  let said = 0
  let held: string | undefined
  const conditions = {
    duplicateUpdates: false,
    shuffleUpdates: false,
    loseUpdates: false,
    frozenUpdates: false,
    clockSkewMs: 0,
  }

  // --- What happens to tickets, and who is told. ---

  bourse.listen(async (notice) => {
    const row = changed(notice)
    rows.set(notice.ref, row)
    if (conditions.loseUpdates || conditions.frozenUpdates) return
    const news = JSON.stringify({ what: 'ticket', ...row, deals: notice.what === 'DEAL' ? row.deals.slice(-1) : [] })
    for (const message of conditions.duplicateUpdates ? [news, news] : [news]) push(message)
  })

  function changed(notice: Notice): Row {
    const { ref, number, at } = notice
    if (notice.what === 'LISTED') {
      const { paper, way, size } = tickets.get(ref) as Ticket
      taken.push(ref)
      return { ref, number, paper, way, size, state: 'LISTED', done: '0', listedAt: at, deals: [] }
    }
    const row = rows.get(ref) as Row
    if (notice.what !== 'DEAL') return { ...row, state: notice.what, endedAt: at }
    const { deal, size, price, rested } = notice
    const done = decimalText(decimal(row.done).plus(decimal(size)))
    const deals = [...row.deals, { deal, size, price, rested, done, at }]
    return { ...row, done, deals, ...(done === row.size ? ({ state: 'DONE', endedAt: at } as const) : {}) }
  }

  function push(message: string): void {
    if (conditions.shuffleUpdates && held === undefined) {
      held = message
      return
    }
    send(message)
    flushUpdates()
  }

  function flushUpdates(): void {
    if (held !== undefined) send(held)
    held = undefined
  }

  function send(message: string): void {
    for (const stream of streams) stream.send(message)
    said += streams.size
  }

  // --- What is asked. ---

  async function answerTo(target: string, body: string): Promise<Answer> {
    const [path = '', query = ''] = target.split('?')
    const ref = path.split('/tickets/')[1] ?? ''
    if (target === 'POST /tickets') {
      const ticket = JSON.parse(body) as Ticket
      const isKnown = rows.has(ticket.ref)
      if (!isKnown) tickets.set(ticket.ref, ticket)
      const refusal = isKnown ? { refused: 200, text: 'ref in use' } : await bourse.enter(ticket)
      const row = rows.get(ticket.ref)
      // It says that the ticket was listed; what became of it since is told by the stream.
      return refusal === undefined && row !== undefined
        ? [200, { ...row, state: 'LISTED', done: '0', endedAt: undefined, deals: [] }]
        : [422, refusal]
    }
    if (path.startsWith('DELETE /tickets/')) {
      const refusal = await bourse.withdraw(ref)
      return refusal === undefined ? [200, {}] : [422, refusal]
    }
    if (path === 'GET /tickets') return [200, [...rows.values()].filter(({ state }) => state === 'LISTED')]
    if (path === 'GET /deals') {
      const since = Number(new URLSearchParams(query).get('since'))
      const all = [...rows.values()].flatMap(({ deals, ...row }) => deals.map((deal) => ({ ...row, ...deal })))
      return [200, all.filter(({ at }) => at >= since).toSorted((one, other) => one.at - other.at)]
    }
    if (path === 'GET /holdings') return [200, await bourse.holdings()]
    if (path === 'GET /time') return [200, { time: clock.now() + conditions.clockSkewMs }]
    return rows.has(ref) ? [200, rows.get(ref)] : [404, { refused: 110, text: 'no such ticket' }]
  }

  function takeFault(target: string): Fault | undefined {
    const next = faults.find(({ fault }) => target.startsWith(fault.on))
    if (next === undefined) return undefined
    next.left -= 1
    faults = faults.filter(({ left }) => left > 0)
    return next.fault
  }

  function isOneTooMany(): boolean {
    const now = clock.now()
    while (calls[0] !== undefined && calls[0] <= now - windowMs) calls.shift()
    return calls.push(now) > callsPerSecond
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const target = `${incoming.method} ${incoming.url}`
    const answer = ([status, json]: Answer, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(json))
    }
    if (incoming.headers['bourse-key'] !== key) return answer([401, { text: 'unknown key' }])
    const fault = takeFault(target)
    const { kind, when } = fault ?? {}
    if (isOneTooMany() || kind === 'too-many')
      return answer([429, { text: 'too many' }], { 'Retry-After': String(retryAfterSeconds) })
    if (kind === 'hidden') return answer([404, { refused: 110, text: 'no such ticket' }])
    const isLost = kind === 'cut' || kind === 'hang'
    const answered = isLost && when === 'before' ? undefined : await answerTo(target, Buffer.concat(chunks).toString())
    if (answered !== undefined && !isLost) answer(answered)
    else if (kind === 'cut') incoming.socket.destroy()
  }

  const server = createServer((incoming, response) => void serve(incoming, response))
  new WebSocketServer({ server }).on('connection', (stream) => {
    stream.on('close', () => streams.delete(stream))
    stream.on('message', (data: Buffer) => {
      if (conditions.frozenUpdates) return
      const message = JSON.parse(data.toString()) as { readonly what: string; readonly key?: string }
      const isIn = message.key === key
      if (isIn) streams.add(stream)
      said += 1
      stream.send(JSON.stringify({ what: message.what !== 'login' ? 'pong' : isIn ? 'ready' : 'unknown key' }))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    /** Say here what the market does. */
    market,
    conditions,
    /** The refs of all tickets that it has taken. */
    taken,
    /** How many messages its streams have said. */
    get said() {
      return said
    },
    unsent: 0,
    listening: {
      get updates() {
        return streams.size
      },
    },
    fail: (fault: Fault): void => void faults.push({ fault, left: fault.times ?? 1 }),
    flushUpdates,
    cutStreams(): void {
      for (const stream of streams) stream.terminate()
      streams.clear()
    },
    async close(): Promise<void> {
      for (const stream of streams) stream.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
