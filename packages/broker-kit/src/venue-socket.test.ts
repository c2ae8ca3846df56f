import { createSeededRandom, createSilentLogger } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { WebSocketLike } from './connection.js'
import { VenueSocket } from './venue-socket.js'

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
  const silent = { binaryType: '', readyState: 0, send: () => undefined, close: () => undefined }
  const connect = (): WebSocketLike => ({ ...silent, addEventListener: () => undefined })
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
  socket.close()
  await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', message: /closed before/ })
  expect(timers.size).toBe(0)
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
  socket.close()
  return expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
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
  socket.close()
})
