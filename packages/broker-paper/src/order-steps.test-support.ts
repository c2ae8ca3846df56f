import { decimal, decimalText } from '@tradeswarm/trading'
import fc from 'fast-check'
import { tradedHere, type World } from './kernel-on-paper.test-support.js'

export const symbols = tradedHere.map(({ symbol }) => symbol)
const usual: Readonly<Record<string, number>> = { 'BTC-SWAP': 30_000, SAP: 200, 'SAP-SWAP': 200, 'EUR-USD': 1.1 }
const dayMs = 86_400_000

/** So many tenths of a per cent off what a symbol usually costs. */
export const priceOf = (symbol: string, tenths: number): string =>
  ((usual[symbol] ?? 1) * (1 + tenths / 1_000)).toFixed(symbol === 'EUR-USD' ? 4 : 1)

const symbol = fc.constantFrom(...symbols)
/** Tenths of a per cent off the usual price. */
const off = fc.integer({ min: -40, max: 40 })
const nth = fc.nat({ max: 12 })

const order = fc.record({
  do: fc.constant('order' as const),
  symbol,
  side: fc.constantFrom<'buy' | 'sell'>('buy', 'sell'),
  type: fc.constantFrom('market', 'limit', 'stop', 'stop-limit', 'trailing-stop'),
  timeInForce: fc.constantFrom('day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'),
  quantity: fc.integer({ min: 1, max: 40 }),
  off,
  inQuote: fc.boolean(),
  postOnly: fc.boolean(),
  exits: fc.constantFrom('none', 'plain', 'trailing', 'break-even'),
  tie: fc.constantFrom('none', 'none', 'none', 'group', 'after'),
  style: fc.constantFrom('none', 'none', 'none', 'now', 'passive', 'twap', 'participation'),
  agent: fc.constantFrom('trader', 'other'),
})

/** Something that an agent, the market, the venue or an operator does, or that happens to the kernel. */
export const step = fc.oneof(
  { weight: 10, arbitrary: order },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('price' as const), symbol, off }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('trade' as const), symbol, off, size: fc.integer({ min: 1, max: 15 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('quote' as const), symbol, off, size: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('day' as const), off, range: fc.nat({ max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), nth }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('amend' as const), nth, quantity: fc.integer({ min: 1, max: 60 }), off }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('halt' as const), symbol }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bust' as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('correct' as const), nth, off, quantity: fc.nat({ max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), awaits: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('state' as const),
      act: fc.constantFrom('reducing', 'halted', 'resume', 'resume', 'resume', 'flatten', 'freeze', 'unfreeze'),
    }),
  },
)
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What was asked for so far, and how many days have passed. */
export type Memory = {
  orderIds: string[]
  intentIds: string[]
  day: number
}

export const act = { operator: 'ann', reason: 'a test' }

function intentOf(each: Extract<Step, { do: 'order' }>, world: World, memory: Memory, done: number) {
  const { symbol, off, quantity } = each
  // What is cash here as well is sold out of that at the venue, and no position of ours is below 0.
  const side = symbol === 'EUR-USD' ? 'buy' : each.side
  const level = priceOf(symbol, off)
  const worse = priceOf(symbol, side === 'buy' ? off + 5 : off - 5)
  const types = {
    market: {},
    limit: { limitPrice: level },
    stop: { stopPrice: level },
    'stop-limit': { stopPrice: level, limitPrice: worse },
    'trailing-stop': { trailFraction: '0.01' },
  }
  const isQuote = each.inQuote && (each.type === 'market' || each.type === 'limit')
  const sizing = isQuote
    ? {
        quantity: (
          (usual[symbol] ?? 1) *
          quantity *
          0.7 *
          (symbol === 'BTC-SWAP' ? 0.01 : symbol === 'SAP-SWAP' ? 10 : 1)
        ).toFixed(2),
        sizedIn: 'quote' as const,
      }
    : { quantity: String(quantity) }
  const post = each.postOnly && each.type === 'limit' && ['day', 'gtc', 'gtd'].includes(each.timeInForce)
  const way = side === 'buy' ? 1 : -1
  const plan = {
    stopPrice: priceOf(symbol, off - 20 * way),
    targetPrice: priceOf(symbol, off + 30 * way),
    maximumSessions: 3,
  }
  const exits = {
    none: {},
    plain: { exits: plan },
    trailing: { exits: { ...plan, trailFraction: '0.02' } },
    'break-even': { exits: { ...plan, breakEvenPrice: priceOf(symbol, off + 10 * way) } },
  }[each.exits]
  const ties = {
    none: {},
    group: { contingency: { type: 'one-cancels-other', group: `g${done % 3}` } },
    after: { contingency: { type: 'one-triggers-other', intentId: memory.intentIds.at(-1) ?? 'none' } },
  }[each.tie]
  const end = world.now + 7_200_000
  const styles = {
    none: {},
    now: { execution: { style: 'now' } },
    passive: { execution: { style: 'passive', maximumMoves: 3 } },
    twap: { execution: { style: 'twap', slices: 3 } },
    participation: { execution: { style: 'participation', maximumVolumeFraction: 0.5 } },
  }[each.style]
  const worked =
    each.style !== 'none' &&
    each.tie === 'none' &&
    !isQuote &&
    !post &&
    (each.type === 'market' || each.type === 'limit')
  const waits = !(each.type === 'market' || each.type === 'limit')
  const time = waits && ['fok', 'at-open', 'at-close'].includes(each.timeInForce) ? 'gtc' : each.timeInForce
  const timing = worked || time === 'gtd' ? { timeInForce: 'gtd', expiresAt: end } : { timeInForce: time }
  return {
    intentId: `i${done}`,
    symbol,
    side,
    type: each.type,
    agent: each.agent,
    ...sizing,
    ...types[each.type as keyof typeof types],
    ...timing,
    ...(post ? { postOnly: true } : {}),
    ...exits,
    ...ties,
    ...(worked ? styles : {}),
  } as Parameters<World['order']>[0]
}

/** The rest of a day of the market, and the open of the next. */
export async function passDay(world: World, memory: Memory, off: number, range: number) {
  const start = Date.UTC(2026, 0, 5) + memory.day * dayMs
  const date = (time: number) => new Date(time).toISOString().slice(0, 10)
  const sessionDate = date(start)
  const close = start + dayMs
  for (const each of symbols) {
    await world.emit({
      type: 'bar',
      symbol: each,
      timeframe: '1d',
      sessionDate,
      start,
      time: close,
      open: priceOf(each, off),
      high: priceOf(each, off + range),
      low: priceOf(each, off - range),
      close: priceOf(each, off),
      volume: '200',
    })
  }
  await world.emit({ type: 'session', phase: 'close', calendar: 'always-open', sessionDate, time: close })
  memory.day += 1
  const next = date(close)
  await world.emit({ type: 'session', phase: 'pre-open', calendar: 'always-open', sessionDate: next, time: close })
  await world.emit({ type: 'session', phase: 'open', calendar: 'always-open', sessionDate: next, time: close })
  for (const each of symbols)
    await world.emit({ type: 'open', symbol: each, sessionDate: next, time: close, price: priceOf(each, off) })
}

/** Does what a step says. */
export async function carryOut(world: World, each: Step, memory: Memory, done: number): Promise<void> {
  const { kernel } = world
  switch (each.do) {
    case 'order': {
      const intent = intentOf(each, world, memory, done)
      const answer = await world.order(intent)
      if (answer !== 'killed' && answer.status === 'submitted') {
        memory.orderIds.push(answer.orderId)
        memory.intentIds.push(`i${done}`)
      }
      return
    }
    case 'price':
      return world.price(each.symbol, priceOf(each.symbol, each.off))
    case 'trade':
      return world.emit({
        type: 'trade',
        symbol: each.symbol,
        time: world.now + 1_000,
        price: priceOf(each.symbol, each.off),
        quantity: String(each.size),
      })
    case 'quote':
      return world.emit({
        type: 'quote',
        symbol: each.symbol,
        time: world.now + 1_000,
        bid: priceOf(each.symbol, each.off - 1),
        ask: priceOf(each.symbol, each.off + 1),
        bidSize: String(each.size),
        askSize: String(each.size),
      })
    case 'day':
      return passDay(world, memory, each.off, each.range)
    case 'cancel': {
      const id = memory.orderIds.at(-1 - each.nth)
      if (id !== undefined) await world.attempt(() => kernel.cancel(id, 'a test').catch(() => undefined))
      return
    }
    case 'amend': {
      const id = memory.orderIds.at(-1 - each.nth)
      if (id === undefined) return
      const terms = { quantity: String(each.quantity) }
      await world.attempt(() => kernel.amend(id, terms, 'a test').catch(() => undefined))
      return
    }
    case 'halt':
      world.venue.halt(each.symbol)
      await world.price(each.symbol, priceOf(each.symbol, done % 7))
      world.venue.resume(each.symbol)
      return
    case 'bust':
    case 'correct': {
      const all = ((await world.venue.executions?.(0)) ?? []).filter(({ change }) => change?.type !== 'busted')
      const execution = all.at(-1 - each.nth)?.execution
      if (execution === undefined || world.isKilled()) return
      if (each.do === 'bust') await world.venue.bust(execution.tradeId)
      else
        await world.venue.correct(execution.tradeId, {
          price: decimalText(decimal(execution.price).plus(decimal('0.5'))),
          ...(each.quantity > 0 ? { quantity: String(each.quantity) } : {}),
        })
      await world.attempt(() => kernel.settled())
      return
    }
    case 'kill':
      world.killIn(each.awaits)
      return
    case 'state':
      await world.attempt(async () => {
        switch (each.act) {
          case 'reducing':
          case 'halted':
            return kernel.halt(each.act, 'a test')
          case 'resume':
            return kernel.resume(act)
          case 'flatten':
            return kernel.flatten({ ...act, secret: '' })
          case 'freeze':
            return kernel.freeze({ ...act, secret: '' })
          case 'unfreeze':
            return kernel.unfreeze({ ...act, secret: '' })
        }
        return undefined
      })
      return
    case 'restart':
      world.die()
      return reborn(world, done)
  }
}

/** A new life on what is durable, with prices; every other time somebody lets trading go on. */
export async function reborn(world: World, done: number): Promise<void> {
  await world.restart()
  for (const each of symbols) await world.price(each, priceOf(each, (done % 11) - 5))
  if (done % 2 === 0) {
    await world.kernel.unfreeze({ ...act, secret: '' }).catch(() => undefined)
    await world.kernel.resume(act)
  }
}
