import type { BrokerBench, OrderFields } from '@tradeswarm/testing'
import type { BrokerEvent, MarketEvent, Side } from '@tradeswarm/trading'
import fc from 'fast-check'

/** What a programme may do next; prices are in cents away from the middle of the market. */
type Step =
  | { readonly kind: 'quote'; readonly shift: number; readonly half: number; readonly sizes: readonly [number, number] }
  | { readonly kind: 'trade'; readonly shift: number; readonly size: number }
  | {
      readonly kind: 'place'
      readonly side: Side
      readonly form: Form
      readonly quantity: number
      readonly away: number
    }
  | { readonly kind: 'amend'; readonly nth: number; readonly quantity: number; readonly away: number }
  | { readonly kind: 'cancel'; readonly nth: number }
  | { readonly kind: 'next-session'; readonly gap: number; readonly range: number }

/** The orders that paper, Alpaca and OKX all have. */
type Form = 'market' | 'amount' | 'limit' | 'limit-ioc' | 'limit-fok' | 'stop' | 'stop-limit' | 'trailing-stop' | 'oco'

/** A step made definite, so that each venue is asked for the very same. */
export type Act =
  | { readonly do: 'emit'; readonly event: DistributiveOmit<MarketEvent, 'time'> }
  | { readonly do: 'place'; readonly fields: OrderFields }
  | { readonly do: 'amend'; readonly id: string; readonly fields: OrderFields }
  | { readonly do: 'cancel'; readonly id: string }
  | { readonly do: 'next-session'; readonly bar: Bar; readonly open: string }

type Bar = { readonly high: string; readonly low: string; readonly close: string }
type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never

const symbol = 'AAA'
const sizes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
const quantity = fc.integer({ min: 1, max: 20 })
const away = fc.integer({ min: -60, max: 60 })
const nth = fc.nat({ max: 30 })
const side = fc.constantFrom<Side>('buy', 'buy', 'sell')
const form = fc.constantFrom<Form>(
  'market',
  'amount',
  'limit',
  'limit',
  'limit-ioc',
  'limit-fok',
  'stop',
  'stop-limit',
  'trailing-stop',
  'oco',
  'oco',
  'oco',
)

/** Programmes of up to 60 steps. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('quote'), shift: away, half: quantity, sizes }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('trade'), shift: away, size: quantity }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('place'), side, form, quantity, away }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('amend'), nth, quantity, away }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel'), nth }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('next-session'), gap: away, range: fc.integer({ min: 1, max: 200 }) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 10, maxLength: 60 },
)

/** What is told of one order, and what the venue holds of it in the end. */
export type OrderStory = {
  readonly words: readonly string[]
  readonly fills: readonly string[]
  readonly status: string | undefined
  readonly filled: string | undefined
}

/** What came of a programme at one venue. */
export type Outcome = {
  readonly orders: Readonly<Record<string, OrderStory>>
  /** What is held after each session and at the end. */
  readonly books: readonly Readonly<Record<string, string>>[]
}

/** What a venue does otherwise than the reference: then the programme keeps to what both do. */
export type Traits = {
  /** It amends live orders. */
  readonly amends: boolean
  /**
   * It never closes, and its stops look at trades alone: no session ends then, and each quote has room for all and is traded on both sides.
   */
  readonly neverCloses: boolean
  /** The target of a pair rests as a limit order; else it is watched and left at the market, which is another price. */
  readonly restingTargets: boolean
  /** It carries a stop that buys out as a stop-limit: what a small quote leaves of it then rests at that limit, and is asked for so by name. */
  readonly capsBuyStops: boolean
}

/** Plays a programme on the reference venue, and answers what it came to there, act by act. */
export async function record(
  bench: BrokerBench,
  program: readonly Step[],
  traits: Traits,
): Promise<readonly [readonly Act[], Outcome]> {
  const acts: Act[] = []
  const player = new Player(bench)
  const planner = new Planner(bench, traits)
  const perform = async (some: readonly Act[]): Promise<void> => {
    for (const act of some) {
      acts.push(act)
      await player.perform(act)
    }
  }
  await player.begin()
  for (const step of program) {
    // Whatever is placed meets a quote of its own moment, so that no venue has to judge how old one may be.
    if (step.kind === 'place' || step.kind === 'amend') await perform(planner.requote())
    await perform(await planner.actsOf(step))
  }
  return [acts, await player.end()]
}

/** Plays again what was recorded. */
export async function replay(bench: BrokerBench, acts: readonly Act[]): Promise<Outcome> {
  const player = new Player(bench)
  await player.begin()
  for (const act of acts) await player.perform(act)
  return player.end()
}

/** Venues differ in whether they tell of a trigger before the fill that it leads to, and in what they say to a cancel of what is over. */
const ownWays: readonly BrokerEvent['type'][] = ['triggered', 'cancel-rejected']

class Player {
  readonly #bench: BrokerBench
  readonly #books: Readonly<Record<string, string>>[] = []
  readonly #placed: string[] = []

  constructor(bench: BrokerBench) {
    this.#bench = bench
  }

  async begin(): Promise<void> {
    await this.#bench.market.preOpen()
    await this.#bench.market.open({ [symbol]: '100' })
  }

  async perform(act: Act): Promise<void> {
    const { broker, feed, guard, market } = this.#bench
    if (act.do === 'emit') await feed.emit({ ...act.event, time: feed.clock.now() + 1_000 } as MarketEvent)
    else if (act.do === 'place') this.#placed.push(await this.#bench.place(act.fields))
    else if (act.do === 'cancel') await broker.cancel(act.id)
    else if (act.do === 'amend') {
      const request = this.#bench.request(act.fields)
      this.#placed.push(request.clientOrderId)
      await broker.replace?.(act.id, guard.permit(request))
    } else {
      await market.close({ [symbol]: act.bar })
      await this.#keepBooks()
      await market.preOpen()
      await market.open({ [symbol]: act.open })
    }
  }

  async end(): Promise<Outcome> {
    await this.#keepBooks()
    const orders: Record<string, OrderStory> = {}
    for (const id of this.#placed) {
      const about = this.#bench.events.filter(({ clientOrderId }) => clientOrderId === id)
      const held = await this.#bench.broker.order(id)
      const words = about.filter(({ type }) => !ownWays.includes(type)).map(wordOf)
      orders[id] = { words, fills: about.flatMap(fillIn), status: held?.status, filled: held?.filledQuantity }
    }
    return { orders, books: this.#books }
  }

  async #keepBooks(): Promise<void> {
    const balances = await this.#bench.broker.balances()
    const held = balances.filter(({ total }) => total !== '0').map(({ asset, total }) => [asset, total] as const)
    this.#books.push(Object.fromEntries(held.sort(([a], [b]) => (a < b ? -1 : 1))))
  }
}

function wordOf(event: BrokerEvent): string {
  return 'code' in event ? `${event.type} ${event.code}` : event.type
}

function fillIn(event: BrokerEvent): readonly string[] {
  if (event.type !== 'filled') return []
  const { price, quantity: units, fee } = event.execution
  return [`${units} at ${price}, fee ${fee}`]
}

/** Makes steps definite by what the reference venue holds at their moment. */
class Planner {
  readonly #bench: BrokerBench
  readonly #traits: Traits
  /** Those that were sent, with their side and terms, in order. */
  readonly #sent: { readonly id: string; readonly fields: OrderFields; readonly form: Form }[] = []
  #middle = 10_000
  #half = 5
  #sizes: readonly [number, number] = [40, 40]
  #ids = 0

  constructor(bench: BrokerBench, traits: Traits) {
    this.#bench = bench
    this.#traits = traits
  }

  requote(): readonly Act[] {
    const [bidSize, askSize] = this.#sizes.map(String) as [string, string]
    const bid = cents(this.#middle - this.#half)
    const ask = cents(this.#middle + this.#half)
    if (!this.#traits.neverCloses) return [{ do: 'emit', event: { type: 'quote', symbol, bid, ask, bidSize, askSize } }]
    const trades = [bid, ask].map((price) => ({ type: 'trade', symbol, price, quantity: '1000' }) as const)
    return [{ type: 'quote', symbol, bid, ask } as const, ...trades].map((event) => ({ do: 'emit', event }))
  }

  async actsOf(step: Step): Promise<readonly Act[]> {
    if (step.kind === 'quote') {
      this.#middle = Math.max(5_000, this.#middle + step.shift)
      this.#half = step.half
      this.#sizes = step.sizes
      return this.requote()
    }
    const act = await this.#actOf(step)
    return act === undefined ? [] : [act]
  }

  async #actOf(step: Exclude<Step, { kind: 'quote' }>): Promise<Act | undefined> {
    switch (step.kind) {
      case 'trade':
        return {
          do: 'emit',
          event: { type: 'trade', symbol, price: cents(this.#traded(step.shift)), quantity: String(step.size) },
        }
      case 'next-session':
        return this.#nextSession(step.gap, step.range)
      case 'cancel':
        return this.#sent.length === 0 ? undefined : { do: 'cancel', id: this.#nth(step.nth).id }
      case 'amend':
        return this.#amendment(step.nth, step.quantity, step.away)
      default:
        // A pair is the exits of what is held.
        return this.#order(step.form === 'oco' ? 'sell' : step.side, step.form, step.quantity, step.away)
    }
  }

  /** What a stop that trades set off then costs is the venue's own way; between bid and ask there is none of it. */
  #traded(shift: number): number {
    const within = this.#traits.neverCloses ? Math.sign(shift) * Math.min(Math.abs(shift), this.#half) : shift
    return this.#middle + within
  }

  #nextSession(gap: number, range: number): Act | undefined {
    if (this.#traits.neverCloses) return undefined
    const bar = {
      high: cents(this.#middle + range),
      low: cents(this.#middle - range),
      close: cents(this.#middle),
    }
    this.#middle = Math.max(5_000, this.#middle + gap)
    return { do: 'next-session', bar, open: cents(this.#middle) }
  }

  /** Sells what is held and free only, and never against an open order of its own: what venues do then is theirs, and tested elsewhere. */
  async #order(wanted: Side, kind: Form, units: number, distance: number): Promise<Act | undefined> {
    if (kind === 'oco' && !this.#traits.restingTargets) return undefined
    const open = await this.#open()
    if (open.some(({ fields }) => fields.side !== wanted)) return undefined
    const reserved = open.reduce((sum, { left }) => sum + left, 0)
    const held = Number(await this.#bench.balance(symbol))
    // An order for an amount leaves parts of a unit behind.
    const most = wanted === 'sell' ? Math.floor(held - reserved) : Math.min(units, 60 - reserved)
    if (most < 1) return undefined
    if (kind === 'amount' && (wanted === 'sell' || !this.#traits.neverCloses)) return undefined
    this.#ids += 1
    const id = `p${this.#ids}`
    const fields = {
      ...this.#terms(wanted, kind, distance),
      clientOrderId: id,
      quantity: kind === 'amount' ? cents(this.#middle * most) : String(Math.min(units, most)),
    }
    this.#sent.push({ id, fields, form: kind })
    return { do: 'place', fields }
  }

  #terms(wanted: Side, kind: Form, distance: number): OrderFields {
    const common = { symbol, side: wanted, timeInForce: 'gtc' } as const
    const direction = wanted === 'buy' ? 1 : -1
    const level = this.#middle + direction * (this.#half + 1 + Math.abs(distance))
    switch (kind) {
      case 'market':
        // At OKX a market order takes what there is, and no venue lets one rest that says so.
        return { ...common, type: 'market', timeInForce: 'ioc' }
      case 'amount':
        return { ...common, type: 'market', timeInForce: 'day', sizedIn: 'quote' }
      case 'limit':
      case 'limit-ioc':
      case 'limit-fok': {
        const timeInForce = kind === 'limit' ? 'gtc' : kind === 'limit-ioc' ? 'ioc' : 'fok'
        return { ...common, type: 'limit', limitPrice: cents(this.#middle + distance), timeInForce }
      }
      case 'stop':
        if (wanted === 'buy' && this.#traits.capsBuyStops)
          return {
            ...common,
            type: 'stop-limit',
            stopPrice: cents(level),
            limitPrice: cents(Math.floor(level * 1.025)),
          }
        return { ...common, type: 'stop', stopPrice: cents(level) }
      case 'oco': {
        const limitPrice = cents(this.#middle + this.#half + 1 + Math.abs(distance))
        return { ...common, type: 'oco', limitPrice, stopPrice: cents(level), reduceOnly: true }
      }
      case 'stop-limit':
        return { ...common, type: 'stop-limit', stopPrice: cents(level), limitPrice: cents(level + direction * 3) }
      default:
        return { ...common, type: 'trailing-stop', trailAmount: cents(50 + Math.abs(distance)) }
    }
  }

  /** Of resting limit orders, which every venue amends: another size and price. */
  async #amendment(which: number, units: number, distance: number): Promise<Act | undefined> {
    if (!this.#traits.amends) return undefined
    const open = (await this.#open()).filter(({ form: kind, fields }) => kind === 'limit' && fields.side === 'buy')
    const chosen = open[which % Math.max(1, open.length)]
    if (chosen === undefined) return undefined
    this.#ids += 1
    const id = `p${this.#ids}`
    const limitPrice = cents(this.#middle + distance)
    // Another size each time, above what is filled: a venue refuses one that changes nothing.
    const size = chosen.filled + chosen.left + units
    const fields = { ...chosen.fields, clientOrderId: id, quantity: String(size), limitPrice }
    this.#sent.push({ id, fields, form: 'limit' })
    return { do: 'amend', id: chosen.id, fields }
  }

  async #open() {
    const open = new Map((await this.#bench.broker.openOrders()).map((order) => [order.clientOrderId, order]))
    return this.#sent.flatMap((sent) => {
      const order = open.get(sent.id)
      if (order === undefined) return []
      const filled = Number(order.filledQuantity)
      return [{ ...sent, filled, left: Number(order.quantity) - filled }]
    })
  }

  #nth(which: number) {
    const found = this.#sent[which % this.#sent.length]
    if (found === undefined) throw new Error('nothing was sent')
    return found
  }
}

/** Cents as a price. */
function cents(amount: number): string {
  const whole = Math.trunc(amount / 100)
  return `${whole}.${String(amount % 100).padStart(2, '0')}`
}
