import { createSeededRandom, createSilentLogger, SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { WebSocketLike } from './connection.js'
import { type SocketProtocol, VenueSocket } from './venue-socket.js'

test('a stream that is closed while it is opened says so at once, and leaves no timer behind', async () => {
  const timers = new Set<number>()
  let count = 0
  const clock = {
    now: () => 0,
    at() {
      const timer = ++count
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  let end: () => void = () => undefined
  const connect = (): WebSocketLike => ({
    binaryType: '',
    readyState: 0,
    send: () => undefined,
    close: () => end(),
    addEventListener(type: string, listener: unknown) {
      if (type === 'close') end = listener as () => void
    },
  })
  const socket = new VenueSocket(
    {
      url: 'ws://x',
      name: 'x',
      onOpen: () => undefined,
      onMessage: () => undefined,
      probe: () => 'ping',
      onRestored: () => undefined,
    },
    { clock, connect, fetch, requestTimeoutMs: 10_000, heartbeatMs: 10_000 },
    createSeededRandom(1),
    createSilentLogger(),
  )
  const opening = socket.open()
  expect(timers.size).toBe(2)
  const closing = socket.close()
  await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', message: /closed before/ })
  await closing
  expect(timers.size).toBe(0)
})

/** A stream by hand: time that goes when it is told to, and connections whose server says and ends what it is told to. */
function manualStream(word: (message: unknown) => ReturnType<SocketProtocol['onMessage']>) {
  let now = 0
  const timers = new Set<{ readonly time: number; readonly callback: () => void }>()
  const clock = {
    now: () => now,
    at(time: number, callback: () => void) {
      const timer = { time, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const connections: { tell(type: string, data?: string): void; isLeft: boolean }[] = []
  const connect = (): WebSocketLike => {
    const listeners = new Map<string, (event: { readonly data: unknown }) => void>()
    const connection = {
      isLeft: false,
      tell: (type: string, data?: string): void => listeners.get(type)?.({ data }),
    }
    connections.push(connection)
    return {
      binaryType: '',
      readyState: 1,
      send: () => undefined,
      close() {
        connection.isLeft = true
      },
      addEventListener: (type: string, listener: unknown) =>
        void listeners.set(type, listener as (event: { readonly data: unknown }) => void),
    }
  }
  const socket = new VenueSocket(
    {
      url: 'ws://x',
      name: 'x',
      onOpen: () => undefined,
      onMessage: word,
      probe: () => 'ping',
      onRestored: () => undefined,
    },
    { clock, connect, fetch, requestTimeoutMs: 10_000, heartbeatMs: 60_000 },
    createSeededRandom(1),
    createSilentLogger(),
  )
  const moveTo = (time: number): void => {
    for (; now < time; now += 250)
      for (const timer of timers) if (timer.time <= now + 250 && timers.delete(timer)) timer.callback()
  }
  return { socket, connections, moveTo, timers }
}

const settledOf = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))])

test('a stream is closed when its connection is gone, and at the latest 2 s later', async () => {
  const { socket, connections, timers } = manualStream(() => ({ type: 'ready' }))
  const opening = socket.open()
  connections[0]?.tell('message', '{}')
  await opening
  const closing = socket.close()
  expect([connections[0]?.isLeft, await settledOf(closing)]).toEqual([true, false])
  connections[0]?.tell('close')
  await closing
  expect(timers.size).toBe(0)

  const silent = manualStream(() => ({ type: 'ready' }))
  const opened = silent.socket.open()
  silent.connections[0]?.tell('message', '{}')
  await opened
  const left = silent.socket.close()
  silent.moveTo(1_750)
  expect(await settledOf(left)).toBe(false)
  silent.moveTo(2_000)
  await left
})

const refusal = (retryability: 'retryable' | 'fatal') =>
  new SwarmError({ code: 'FEED_REFUSED', message: 'the venue says no', retryability })

test('a refusal that may pass is waited for while it is opened, and told where it does not pass in time', async () => {
  const answers = [refusal('retryable'), refusal('retryable'), undefined]
  const { socket, connections, moveTo } = manualStream(() => {
    const error = answers.shift()
    return error === undefined ? { type: 'ready' } : { type: 'refused', error }
  })
  const opening = socket.open()
  connections[0]?.tell('message', '{}')
  expect(connections[0]?.isLeft).toBe(true)
  moveTo(250)
  connections[1]?.tell('message', '{}')
  moveTo(1_000)
  connections[2]?.tell('message', '{}')
  await opening
  expect(socket.isReady).toBe(true)

  const crowded = manualStream(() => ({ type: 'refused', error: refusal('retryable') }))
  const waiting = crowded.socket.open()
  const failing = expect(waiting).rejects.toMatchObject({ code: 'FEED_REFUSED', message: 'the venue says no' })
  for (let time = 0; time < 10_000; time += 250) {
    crowded.connections.at(-1)?.tell('message', '{}')
    crowded.moveTo(time + 250)
  }
  await failing
  const tried = crowded.connections.length
  expect(tried).toBeGreaterThan(3)
  expect(tried).toBeLessThan(10)
  crowded.moveTo(60_000)
  expect(crowded.connections.length).toBe(tried)
})

test('a refusal that will not pass is told at once', async () => {
  const { socket, connections, moveTo } = manualStream(() => ({ type: 'refused', error: refusal('fatal') }))
  const opening = socket.open()
  connections[0]?.tell('message', '{}')
  await expect(opening).rejects.toMatchObject({ code: 'FEED_REFUSED' })
  moveTo(60_000)
  expect(connections).toHaveLength(1)
})

test('a stream that is asked to be opened anew again and again is not at once', () => {
  const waits: number[] = []
  const clock = {
    now: () => 0,
    at(time: number) {
      waits.push(time)
      return () => undefined
    },
  }
  const hears: ((event: { readonly data: unknown }) => void)[] = []
  const connect = (): WebSocketLike => ({
    binaryType: '',
    readyState: 1,
    send: () => undefined,
    close: () => undefined,
    addEventListener(type: string, listener: unknown) {
      if (type === 'message') hears.push(listener as (typeof hears)[number])
    },
  })
  const socket = new VenueSocket(
    {
      url: 'ws://x',
      name: 'x',
      onOpen: () => undefined,
      onMessage: () => ({ type: 'leave' }),
      probe: () => 'ping',
      onRestored: () => undefined,
    },
    { clock, connect, fetch, requestTimeoutMs: 10_000, heartbeatMs: 10_000 },
    createSeededRandom(1),
    createSilentLogger(),
  )
  const opening = socket.open()
  const leave = (): void => hears.at(-1)?.({ data: '{}' })
  leave()
  expect(hears).toHaveLength(2)
  leave()
  expect(hears).toHaveLength(2)
  expect(waits.at(-1)).toBeLessThanOrEqual(250)
  void socket.close()
  return expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
})

test('a venue that is away for long is tried again every few seconds, and so heard soon after it is back', () => {
  const { socket, connections, moveTo } = manualStream(() => ({ type: 'ready' }))
  void socket.open()
  connections[0]?.tell('open')
  connections[0]?.tell('message', '{}')
  const triedAt: number[] = []
  for (let time = 0; time <= 600_000; time += 250) {
    const last = connections.at(-1)
    if (connections.length > triedAt.length) {
      triedAt.push(time)
      last?.tell('close')
    }
    moveTo(time)
  }
  const waits = triedAt.slice(1).map((time, index) => time - (triedAt[index] ?? 0))
  expect(waits.length).toBeGreaterThan(100)
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_500)
  void socket.close()
})

test('something was missed where a message cannot be read, once the stream is up', async () => {
  const hears: ((event: { readonly data: unknown }) => void)[] = []
  const connect = (): WebSocketLike => ({
    binaryType: '',
    readyState: 1,
    send: () => undefined,
    close: () => undefined,
    addEventListener(type: string, listener: unknown) {
      if (type === 'message') hears.push(listener as (typeof hears)[number])
    },
  })
  let gaps = 0
  const socket = new VenueSocket(
    {
      url: 'ws://x',
      name: 'x',
      onOpen: () => undefined,
      onMessage: () => ({ type: 'ready' }),
      probe: () => 'ping',
      onRestored: () => {
        gaps += 1
      },
    },
    {
      clock: { now: () => 0, at: () => () => undefined },
      connect,
      fetch,
      requestTimeoutMs: 10_000,
      heartbeatMs: 10_000,
    },
    createSeededRandom(1),
    createSilentLogger(),
  )
  const opening = socket.open()
  hears[0]?.({ data: '{"cut' })
  expect(gaps).toBe(0)
  hears[0]?.({ data: '{}' })
  await opening
  expect(gaps).toBe(0)
  hears[0]?.({ data: '{"cut' })
  expect(gaps).toBe(1)
  void socket.close()
})

test('a connection that talks and leaves its subscription unanswered is replaced within two heartbeats', async () => {
  let now = 0
  const timers = new Set<{ readonly time: number; readonly callback: () => void }>()
  const clock = {
    now: () => now,
    at(time: number, callback: () => void) {
      const timer = { time, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  type Connection = { connectedAt: number; closedAt: number | undefined; tell(type: string, data?: string): void }
  const connections: Connection[] = []
  const connect = (): WebSocketLike => {
    const listeners = new Map<string, (event: { readonly data: unknown }) => void>()
    const connection: Connection = {
      connectedAt: now,
      closedAt: undefined,
      tell: (type, data) => listeners.get(type)?.({ data }),
    }
    connections.push(connection)
    return {
      binaryType: '',
      readyState: 1,
      send: () => undefined,
      close() {
        connection.closedAt = now
      },
      addEventListener: (type: string, listener: unknown) =>
        void listeners.set(type, listener as (event: { readonly data: unknown }) => void),
    }
  }
  let restored = 0
  const socket = new VenueSocket(
    {
      url: 'ws://x',
      name: 'x',
      onOpen: () => undefined,
      onMessage: (message) => ((message as { ready?: true }).ready === true ? { type: 'ready' } : undefined),
      probe: () => 'ping',
      onRestored: () => {
        restored += 1
      },
    },
    { clock, connect, fetch, requestTimeoutMs: 10_000, heartbeatMs: 10_000 },
    createSeededRandom(1),
    createSilentLogger(),
  )
  /** The latest connection talks each second. */
  const moveTo = (time: number): void => {
    while (now < time) {
      now += 1_000
      connections.at(-1)?.tell('message', '{"push":1}')
      for (const timer of timers) if (timer.time <= now && timers.delete(timer)) timer.callback()
    }
  }
  const opening = socket.open()
  connections[0]?.tell('message', '{"ready":true}')
  await opening
  moveTo(60_000)
  expect(connections).toHaveLength(1)
  connections[0]?.tell('close')
  moveTo(62_000)
  expect(connections).toHaveLength(2)
  const [, stuck] = connections
  moveTo(90_000)
  expect((stuck?.closedAt ?? Number.POSITIVE_INFINITY) - (stuck?.connectedAt ?? 0)).toBeLessThanOrEqual(20_000)
  expect(connections).toHaveLength(3)
  expect(restored).toBe(0)
  connections[2]?.tell('message', '{"ready":true}')
  moveTo(150_000)
  expect([connections.length, restored]).toEqual([3, 1])
  void socket.close()
})
