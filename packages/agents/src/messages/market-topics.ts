import { defineTopic } from '@tradeswarm/core'
import { z } from 'zod'
import { amountText, epochMs, sessionDate, symbol } from './shapes.js'

/** The market nears its open, opens, or has closed. It comes after all else of its instant. */
export const MarketSession = defineTopic('market.session', {
  schema: z.object({
    type: z.literal('session'),
    phase: z.enum(['pre-open', 'open', 'close']),
    calendar: z.string(),
    sessionDate,
    time: epochMs,
  }),
  delivery: 'durable',
  priority: 'low',
})

/** The first price of a session. */
export const MarketOpen = defineTopic('market.open', {
  schema: z.object({ type: z.literal('open'), symbol, sessionDate, time: epochMs, price: amountText }),
  delivery: 'durable',
  key: (event) => event.symbol,
})

/** A finished bar. */
export const MarketBar = defineTopic('market.bar', {
  schema: z.object({
    type: z.literal('bar'),
    symbol,
    timeframe: z.literal('1d'),
    sessionDate,
    start: epochMs,
    time: epochMs,
    open: amountText,
    high: amountText,
    low: amountText,
    close: amountText,
    volume: amountText,
  }),
  delivery: 'durable',
  key: (event) => event.symbol,
})

/** Cash paid on what was held at the close before. */
export const MarketDividend = defineTopic('market.dividend', {
  schema: z.object({
    type: z.literal('dividend'),
    symbol,
    sessionDate,
    time: epochMs,
    amountPerUnit: amountText,
    currency: z.string(),
    dividendId: z.string().min(1).max(256).exactOptional(),
  }),
  delivery: 'durable',
  key: (event) => event.symbol,
})
