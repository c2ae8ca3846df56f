import { plainText } from '../shared/json-text.js'
/** The three paths of sockets. */
export type SocketKind = 'public' | 'private' | 'business'

/** What a channel is subscribed to with, as the client wrote it. */
export type ChannelArg = Readonly<Record<string, unknown>> & { readonly channel: string }

/** How a channel is subscribed to. */
export type ChannelRule = {
  readonly kind: SocketKind
  readonly needsLogin: boolean
  /** Which field names what it is about. */
  readonly by: 'instId' | 'instType' | 'none'
  /** How many connections of one account may listen. */
  readonly connections?: number
}

const publicBy = (by: ChannelRule['by']): ChannelRule => ({ kind: 'public', needsLogin: false, by })
const privateBy = (by: ChannelRule['by']): ChannelRule => ({ kind: 'private', needsLogin: true, by, connections: 30 })

const rules: Readonly<Record<string, ChannelRule>> = {
  instruments: publicBy('instType'),
  tickers: publicBy('instId'),
  trades: publicBy('instId'),
  books: publicBy('instId'),
  books5: publicBy('instId'),
  'bbo-tbt': publicBy('instId'),
  'mark-price': publicBy('instId'),
  'funding-rate': publicBy('instId'),
  orders: privateBy('instType'),
  positions: privateBy('instType'),
  account: privateBy('none'),
  balance_and_position: privateBy('none'),
  'trades-all': { kind: 'business', needsLogin: false, by: 'instId' },
  'orders-algo': { kind: 'business', needsLogin: true, by: 'instType' },
  'algo-advance': { kind: 'business', needsLogin: true, by: 'instType' },
}

const candleRule: ChannelRule = { kind: 'business', needsLogin: false, by: 'instId' }

/** The rule of a channel; undefined where there is none of that name. */
export function channelRule(channel: string, isCandle: (bar: string) => boolean): ChannelRule | undefined {
  if (channel.startsWith('candle')) return isCandle(channel.slice('candle'.length)) ? candleRule : undefined
  return Object.hasOwn(rules, channel) ? rules[channel] : undefined
}

/** Those that only accounts of a high tier may listen to. */
export const tieredChannels: Readonly<Record<string, readonly [code: string, message: string]>> = {
  fills: ['60029', 'Only users who are VIP6 and above in trading fee tier are allowed to subscribe to this channel.'],
  'books-l2-tbt': [
    '60029',
    'Only users who are VIP6 and above in trading fee tier are allowed to subscribe to this channel.',
  ],
  'books50-l2-tbt': [
    '60030',
    'Only users who are VIP5 and above in trading fee tier are allowed to subscribe to this channel.',
  ],
}

/** What two args must have in common to be one subscription. */
export function argKey({ channel, instType, instFamily, instId, ccy }: ChannelArg): string {
  return [channel, instType, instFamily, instId, ccy].map(plainText).join('|')
}
