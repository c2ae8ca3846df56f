import {
  asPayload,
  optionalText,
  type Payload,
  type Scrubber,
  type SocketProtocol,
  type SocketSend,
  type SocketWord,
} from '@tradeswarm/broker-kit'
import { type EpochMs, type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import { keyRemedy, okxErrors } from './okx-error.js'
import type { OkxCredentials } from './parse-okx-options.js'

/** The text that asks for a sign of life, and the one that gives it. */
const ping = 'ping'
const signsOfLife: ReadonlySet<string> = new Set(['pong'])

export type Channel = Readonly<Record<string, string>> & { readonly channel: string }

export type ChannelStreamParts = {
  readonly url: string
  readonly name: string
  readonly channels: readonly Channel[]
  /** Undefined where what is subscribed to is everybody's. */
  readonly credentials: OkxCredentials | undefined
  readonly scrub: Scrubber
  /** The venue's time; asked for anew where it turned a login away for its time. */
  readonly time: (isInDoubt: boolean) => Promise<EpochMs>
  readonly logger: Logger
  /** Takes a message of one of the channels. What it throws is logged, and taken for a gap. */
  readonly onPush: (channel: string, message: Payload) => void
  /** Takes a text without `JSON.parse`, where it can. What it throws is logged, and taken for a gap. */
  readonly onText?: (text: string) => boolean
  /** A connection stands, and says nothing yet. */
  readonly onBegin?: () => void
  /** A message could not be read; of which channel and instrument, as far as it says. A gap is told after it. */
  readonly onUnreadable?: (channel: string | undefined, instId: string | undefined) => void
  /** Something may have been missed: after a break, or a message that could not be read. */
  readonly onGap: () => void
}

/** A stream of channels: log in where they are an account's own, subscribe to each; it is ready when all of them are answered. */
export function createChannelStream(parts: ChannelStreamParts): SocketProtocol {
  const { url, name, channels, credentials, scrub, time, logger, onPush, onText, onBegin, onUnreadable, onGap } = parts
  let unanswered = channels.length
  let isTimeInDoubt = false
  const hear = (message: Payload, send: SocketSend): SocketWord | undefined => {
    const { event } = message
    if (event === undefined) {
      const { channel } = asPayload(message['arg'], 'a push')
      if (typeof channel === 'string') onPush(channel, message)
      return undefined
    }
    if (event === 'login' && message['code'] === '0') send({ op: 'subscribe', args: channels })
    if (event === 'subscribe') unanswered -= 1
    if (event === 'subscribe' && unanswered <= 0) return { type: 'ready' }
    // A connection that is about to be closed for an upgrade.
    if (event === 'notice') return { type: 'leave' }
    if (event !== 'error' && event !== 'channel-conn-count-error') return undefined
    isTimeInDoubt = timeFaults.has(String(message['code']))
    return { type: 'refused', error: streamError(name, message, scrub) }
  }
  const unreadable = (thrown: unknown, message?: unknown): void => {
    logger.error('a message of a stream could not be read', { stream: name, error: messageOf(thrown) })
    const { channel, instId } = argumentOf(message)
    onUnreadable?.(channel, instId)
    onGap()
  }
  return {
    url,
    name,
    signsOfLife,
    probe: () => ping,
    onRestored: onGap,
    onOpen(send) {
      unanswered = channels.length
      onBegin?.()
      if (credentials === undefined) send({ op: 'subscribe', args: channels })
      // Where the time cannot be asked for, the login is not sent, and the connection is left.
      else
        void time(isTimeInDoubt).then(
          (now) => logIn(credentials, now, send),
          () => undefined,
        )
    },
    onMessage(message, send) {
      try {
        return hear(asPayload(message, 'a message'), send)
      } catch (thrown) {
        unreadable(thrown, message)
        return undefined
      }
    },
    ...(onText === undefined
      ? {}
      : {
          onText(text) {
            try {
              return onText(text)
            } catch (thrown) {
              unreadable(thrown)
              return true
            }
          },
        }),
  }
}

/** What a message is of, as far as it can be read. */
function argumentOf(message: unknown): { readonly channel: string | undefined; readonly instId: string | undefined } {
  const { arg } = isObject(message) ? message : {}
  const given: Payload = isObject(arg) ? arg : {}
  return { channel: optionalText(given, 'channel'), instId: optionalText(given, 'instId') }
}

function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null
}

function logIn({ key, passphrase, sign }: OkxCredentials, now: EpochMs, send: SocketSend): void {
  const timestamp = String(Math.floor(now / 1_000))
  const signature = sign(`${timestamp}GET/users/self/verify`)
  send({ op: 'login', args: [{ apiKey: key, passphrase, timestamp, sign: signature }] })
}

/** Codes that mean the time of a login. */
const timeFaults: ReadonlySet<string> = new Set(['60004', '60006'])
/** Codes that mean the keys. */
const keyFaults: ReadonlySet<string> = new Set(['60005', '60007', '60009', '60024', '60032'])

/** Codes of what may pass: a time that is off, too much at once, and a venue that does not work. The others mean what was asked. */
const passing: ReadonlySet<string> = new Set([...timeFaults, '60014', '50001', '50011', '50013', '50026', '50040'])
const remedies: Readonly<Record<string, string>> = {
  '60018': 'check symbols: OKX lists no such one, or not at this site and in this mode',
}

/** What a stream says no with. */
function streamError(name: string, message: Payload, scrub: Scrubber): SwarmError {
  const isCrowded = message['event'] === 'channel-conn-count-error'
  const code = isCrowded ? 'channel-conn-count-error' : String(message['code'])
  if (keyFaults.has(code)) return okxErrors.unauthorized(`the stream ${name}`, code, keyRemedy(''))
  const said = isCrowded
    ? `the account has ${String(message['connCount'])} connections to ${String(message['channel'])}; close some`
    : `${scrub(String(message['msg'])).slice(0, 200)}; ${remedies[code] ?? 'look the code up in its documentation'}`
  return new SwarmError({
    code: 'FEED_REFUSED',
    message: `OKX's stream ${name} says ${code}: ${said}`,
    retryability: isCrowded || passing.has(code) ? 'retryable' : 'fatal',
    context: { code },
  })
}
