import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'

/**
 * An account on a fake, of whose order stream (`path` ends its address) frames are put into the socket's own listener by hand. What is told of
 * is counted: that an order was accepted, and that it has filled.
 */
export async function openTapped(fake, definition, path) {
  let hear
  const connect = (url) => {
    const socket = new WebSocket(url)
    const listen = socket.addEventListener.bind(socket)
    socket.addEventListener = (type, listener) => {
      if (type === 'message' && url.endsWith(path)) hear = (data) => listener({ data })
      listen(type, listener)
    }
    return socket
  }
  const broker = await definition(connect).open({
    clock: createSystemClock(),
    ids: createSystemIds(),
    random: createSystemRandom(),
    logger: createSilentLogger(),
    feed: createManualFeed(),
    guard: createOpenGuard(),
  })
  let heard = 0
  broker.subscribe(({ type }) => {
    if (type === 'accepted' || type === 'filled') heard += 1
  })
  return {
    hear: (frame) => hear(frame),
    told: () => broker.settled(),
    heard: () => heard,
    async close() {
      await broker.close()
      await fake.close()
    },
  }
}
