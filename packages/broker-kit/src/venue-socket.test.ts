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
