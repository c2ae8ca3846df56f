import { createSystemClock } from '@tradeswarm/core'
import { WebSocket } from 'ws'
import type { FakeOkx } from './fake-okx.js'
import { okxSign } from './okx-sign.js'

export type Node = Readonly<Record<string, unknown>>
export type Envelope = { readonly code: string; readonly msg: string; readonly data: readonly Node[] }

const machine = createSystemClock()

/** The venue's clock, where it is in this process. */
const nowOf = (fake: Pick<FakeOkx, 'market'>): number => (fake.market ?? machine).now()

/** A client of the fake, as plain as the protocol lets it be. */
export type OkxClient = ReturnType<typeof createOkxClient>

/** Signs and sends requests, and listens on sockets. */
export function createOkxClient(fake: FakeOkx) {
  const raw = (method: string, target: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const timestamp = new Date(nowOf(fake)).toISOString()
    return fetch(`${fake.url}/api/v5/${target}`, {
      method,
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json',
        'OK-ACCESS-KEY': fake.keyId,
        'OK-ACCESS-PASSPHRASE': fake.passphrase,
        'OK-ACCESS-TIMESTAMP': timestamp,
        'OK-ACCESS-SIGN': okxSign(fake.secret, `${timestamp}${method}/api/v5/${target}${text}`),
        'x-simulated-trading': '1',
        ...headers,
      },
      ...(text === '' ? {} : { body: text }),
    })
  }
  const ask = async (method: string, target: string, body?: unknown): Promise<Envelope> =>
    (await (await raw(method, target, body)).json()) as Envelope
  return {
    raw,
    get: (target: string) => ask('GET', target),
    post: (target: string, body: unknown) => ask('POST', target, body),
    /** Places a limit order of spot, unless said otherwise; answers its item. */
    place: async (fields: Node): Promise<Node> =>
      (
        await ask('POST', 'trade/order', {
          instId: 'BTC-USDT',
          tdMode: 'cash',
          side: 'buy',
          ordType: 'limit',
          px: '100',
          sz: '1',
          ...fields,
        })
      ).data[0] ?? {},
    connect: (path: 'public' | 'private' | 'business') => connect(`${fake.streamUrl}/${path}`, fake),
  }
}

/** A socket that keeps what it was told. */
export type OkxListener = {
  readonly socket: WebSocket
  readonly heard: Node[]
  send(message: unknown): void
  login(fields?: Node): Promise<Node>
  subscribe(...args: readonly Node[]): Promise<readonly Node[]>
  /** The next message, or those already there, that fits; removed from what was heard. */
  next(isWanted?: (message: Node) => boolean): Promise<Node>
  closed: Promise<number>
}

async function connect(url: string, fake: FakeOkx): Promise<OkxListener> {
  const socket = new WebSocket(url)
  const heard: Node[] = []
  let wake = (): void => undefined
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    heard.push(text === 'pong' ? { pong: true } : (JSON.parse(text) as Node))
    wake()
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const next: OkxListener['next'] = async (isWanted = () => true) => {
    for (;;) {
      const index = heard.findIndex(isWanted)
      if (index >= 0) return heard.splice(index, 1)[0] as Node
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  return {
    socket,
    heard,
    closed,
    send,
    next,
    login(fields = {}) {
      const timestamp = String(Math.floor(nowOf(fake) / 1_000))
      const sign = okxSign(fake.secret, `${timestamp}GET/users/self/verify`)
      const login = { apiKey: fake.keyId, passphrase: fake.passphrase, timestamp, sign, ...fields }
      send({ op: 'login', args: [login] })
      return next(({ event }) => event === 'login' || event === 'error')
    },
    async subscribe(...args) {
      send({ id: '1512', op: 'subscribe', args })
      const said: Node[] = []
      for (const _ of args) said.push(await next(({ event }) => event === 'subscribe' || event === 'error'))
      return said
    },
  }
}
