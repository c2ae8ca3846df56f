import type { HostSocket } from './line-host.js'
import type { LineOptions } from './simulated-line.js'

type Listener = (event: { readonly data: unknown }) => void

/** The parts of WebSocket that adapters use. */
export type LineSocket = {
  binaryType: string
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: Listener): void
}

export type LineSocketsOptions = LineOptions & { readonly latency: () => number }

/** What a client's sockets are opened with, and what befalls all of them. */
export type LineSockets = {
  connect(url: string): LineSocket
  /** The network carries again: some of what broke is told so, some is not. */
  restored(): void
  /** The client's process is gone. */
  end(): void
}

const states = { connecting: 0, open: 1, closed: 3 } as const

/**
 * WebSockets of one client. What is said arrives in order, unless the venue itself is given to confusion: then it comes as late as it may. What
 * is lost breaks the connection for good, as it breaks one over TCP; whether the client hears of that is another matter.
 */
export function openLineSockets(options: LineSocketsOptions): LineSockets {
  const { host, rules, time, random, conditions, alive, cover, latency } = options
  const open = new Set<Connection>()

  type Connection = { breaks(isTold: boolean): void; hangUp(): void; readonly isBroken: boolean }

  const connect = (url: string): LineSocket => {
    const listeners: Record<'open' | 'close' | 'error' | 'message', Listener[]> = {
      open: [],
      close: [],
      error: [],
      message: [],
    }
    const tell = (type: keyof typeof listeners, data?: unknown): void => {
      for (const listener of listeners[type]) listener({ data })
    }
    let state: number = states.connecting
    let isBroken = conditions.streamDown
    let server: HostSocket | undefined
    let lastThere = 0
    let lastBack = 0
    let isServerGone = false
    /** No later than what was said before it; never before now. */
    const there = (act: () => void): void => {
      lastThere = Math.max(lastThere, time.now() + latency())
      time.at(lastThere, act)
    }
    const back = (act: () => void, isOrderly: boolean): void => {
      const jitter = isOrderly ? 0 : Math.floor(random.next() * rules.jitterMs)
      const at = time.now() + latency() + jitter
      if (isOrderly) lastBack = Math.max(lastBack, at)
      time.at(isOrderly ? lastBack : at, () => {
        if (alive() && !isBroken && state !== states.closed) act()
      })
    }
    const closed = (): void => {
      state = states.closed
      open.delete(connection)
      tell('close')
    }
    const leaveServer = (): void => {
      if (isServerGone) return
      isServerGone = true
      there(() => server?.hangUp())
    }
    const connection: Connection = {
      get isBroken() {
        return isBroken
      },
      breaks(isTold) {
        isBroken = true
        leaveServer()
        if (isTold && state !== states.closed)
          time.at(time.now() + latency(), () => {
            if (alive() && state !== states.closed) closed()
          })
      },
      hangUp: leaveServer,
    }
    open.add(connection)
    there(() => {
      if (isBroken || isServerGone) return
      // Who answers requests with errors takes no sockets either.
      const isShut = conditions.storm?.fault.startsWith('server-error') === true
      const attached = isShut
        ? 503
        : host.connect(new URL(url).pathname, {
            onMessage(data) {
              if (conditions.streamDown) isBroken = true
              const isPush = state === states.open && isPushed(data)
              if (isPush && rules.jitterMs > 0) cover('stream: late')
              back(() => tell('message', data), !isPush || rules.jitterMs === 0)
            },
            onClose() {
              isServerGone = true
              back(closed, true)
            },
          })
      if (typeof attached === 'number') {
        back(() => {
          tell('error')
          closed()
        }, true)
        return
      }
      server = attached
      back(() => {
        state = states.open
        tell('open')
      }, true)
    })
    return {
      binaryType: 'arraybuffer',
      get readyState() {
        return state
      },
      send(data) {
        if (state !== states.open) return
        if (conditions.streamDown) isBroken = true
        there(() => {
          if (!isBroken && !isServerGone) server?.hear(data)
        })
      },
      close() {
        state = states.closed
        open.delete(connection)
        leaveServer()
      },
      addEventListener(type: keyof typeof listeners, listener: Listener | (() => void)) {
        listeners[type].push(listener as Listener)
      },
    }
  }

  return {
    connect,
    restored() {
      for (const connection of [...open]) if (connection.isBroken) connection.breaks(random.next() < 0.5)
    },
    end() {
      for (const connection of [...open]) connection.hangUp()
    },
  }
}

const decoder = new TextDecoder()

/** Whether a message is news of the account, which a venue may send in any order; what answers a request comes in order. */
function isPushed(data: string | ArrayBuffer): boolean {
  const text = typeof data === 'string' ? data : decoder.decode(data)
  return (
    text.includes('"data":') && !text.includes('"stream":"authorization"') && !text.includes('"stream":"listening"')
  )
}
