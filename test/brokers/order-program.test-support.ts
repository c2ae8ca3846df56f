import type { BrokerBench, OrderFields } from '@tradeswarm/testing'
import { type BrokerEvent, decimal, decimalText, type MarketEvent, type Side } from '@tradeswarm/trading'
import fc from 'fast-check'

/** What a programme may do next; prices are in cents away from the middle of the market. */
type Step =
  | {
      readonly kind: 'quote'
      readonly symbol: Traded
      readonly shift: number
      readonly half: number
      readonly sizes: readonly [number, number]
    }
  | { readonly kind: 'trade'; readonly symbol: Traded; readonly shift: number; readonly size: number }
  | {
      readonly kind: 'place'
      readonly symbol: Traded
      readonly side: Side
      readonly form: Form
      readonly quantity: number
      readonly away: number
    }
  | {
      readonly kind: 'amend'
      readonly symbol: Traded
      readonly nth: number
      readonly quantity: number
      readonly away: number
    }
  | { readonly kind: 'cancel'; readonly nth: number }
  | { readonly kind: 'next-session'; readonly gap: number; readonly range: number }
  | { readonly kind: 'funding'; readonly symbol: Traded; readonly millionths: number }

/** Two symbols, which move apart. */
type Traded = 'AAA' | 'BBB'

/** The orders that paper, Alpaca and OKX all have. */
export type Form =
  | 'market'
  | 'amount'
  | 'limit'
  | 'limit-ioc'
  | 'limit-fok'
  | 'stop'
  | 'stop-limit'
  | 'trailing-stop'
  | 'oco'

type Placement = Extract<Step, { kind: 'place' }>

/** A step made definite, so that each venue is asked for the very same. */
export type Act =
  | { readonly do: 'emit'; readonly event: DistributiveOmit<MarketEvent, 'time'> }
  | { readonly do: 'place'; readonly fields: OrderFields }
  | { readonly do: 'amend'; readonly id: string; readonly fields: OrderFields }
  | { readonly do: 'cancel'; readonly id: string }
  | { readonly do: 'next-session'; readonly bars: Each<Bar>; readonly opens: Each<string> }

type Each<Type> = Readonly<Record<Traded, Type>>
type Bar = { readonly high: string; readonly low: string; readonly close: string }
type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never

/** Where each begins, in cents, and the lowest that it goes. */
const beginnings: Each<number> = { AAA: 10_000, BBB: 5_000 }
const lowest: Each<number> = { AAA: 5_000, BBB: 2_500 }
const symbol = fc.constantFrom<Traded>('AAA', 'AAA', 'BBB')
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

/** Programmes of up to 60 steps, of what is held on margin with the funding of it. */
export const stepsOf = (isOnMargin: boolean): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('quote'), symbol, shift: away, half: quantity, sizes }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('trade'), symbol, shift: away, size: quantity }) },
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('place'), symbol, side, form, quantity, away }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('amend'), symbol, nth, quantity, away }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel'), nth }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('next-session'), gap: away, range: fc.integer({ min: 1, max: 200 }) }),
      },
      {
        weight: isOnMargin ? 2 : 0,
        arbitrary: fc.record({ kind: fc.constant('funding'), symbol, millionths: fc.integer({ min: -900, max: 900 }) }),
      },
    ) as fc.Arbitrary<Step>,
    { minLength: 10, maxLength: 60, size: 'max' },
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
  readonly funding: readonly string[]
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
  /** It says with each fill what that has cost; else the books alone tell. */
  readonly tellsFees: boolean
  /** What it takes no order of, of what is traded here. */
  readonly lacks?: readonly Form[]
  /** Contracts are traded: positions may be short, and are funded. */
  readonly onMargin?: true
}

/** Plays a programme on the reference venue, and answers what it came to there, act by act. */
export async function record(
  bench: BrokerBench,
  program: readonly Step[],
  traits: Traits,
): Promise<readonly [readonly Act[], Outcome]> {
  const acts: Act[] = []
  const player = new Player(bench, traits)
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
    if (step.kind === 'place' || step.kind === 'amend')
      await perform(planner.requote(step.symbol, step.kind === 'place' ? step.side : 'buy'))
    await perform(await planner.actsOf(step))
  }
  return [acts, await player.end()]
}

/** Plays again what was recorded. */
export async function replay(bench: BrokerBench, acts: readonly Act[], traits: Traits): Promise<Outcome> {
  const player = new Player(bench, traits)
  await player.begin()
  for (const act of acts) await player.perform(act)
  return player.end()
}

/** Venues differ in whether they tell of a trigger before the fill that it leads to, and in what they say to a cancel of what is over. */
const ownWays: readonly BrokerEvent['type'][] = ['triggered', 'cancel-rejected']

class Player {
  readonly #bench: BrokerBench
  readonly #tellsFees: boolean
  readonly #books: Readonly<Record<string, string>>[] = []
  readonly #placed: string[] = []

  constructor(bench: BrokerBench, { tellsFees }: Traits) {
    this.#bench = bench
    this.#tellsFees = tellsFees
  }

  async begin(): Promise<void> {
    await this.#bench.market.preOpen()
    await this.#bench.market.open({ AAA: '100', BBB: '50' })
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
      await market.close(act.bars)
      await this.#keepBooks()
      await market.preOpen()
      await market.open(act.opens)
    }
  }

  async end(): Promise<Outcome> {
    await this.#keepBooks()
    const orders: Record<string, OrderStory> = {}
    for (const id of this.#placed) {
      const about = this.#bench.events.filter(({ clientOrderId }) => clientOrderId === id)
      const held = await this.#bench.broker.order(id)
      const words = about.filter(({ type }) => !ownWays.includes(type)).map(wordOf)
      orders[id] = {
        words,
        fills: about.flatMap((event) => fillIn(event, this.#tellsFees)),
        status: held?.status,
        filled: held?.filledQuantity,
      }
    }
    const moved = (await this.#bench.broker.movements?.(0)) ?? []
    const funding = moved.flatMap((one) =>
      one.type === 'funding' ? [`${one.symbol} ${one.amount} ${one.currency} at ${one.time}`] : [],
    )
    return { orders, books: this.#books, funding }
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

function fillIn(event: BrokerEvent, tellsFees: boolean): readonly string[] {
  if (event.type !== 'filled') return []
  const { price, quantity: units, fee, feeCurrency } = event.execution
  return [`${units} at ${price}${tellsFees && fee !== '0' ? `, fee ${fee} ${feeCurrency}` : ''}`]
}

/** Makes steps definite by what the reference venue holds at their moment. */
class Planner {
  readonly #bench: BrokerBench
  readonly #traits: Traits
  /** Those that were sent, with their side and terms, in order. */
  readonly #sent: { readonly id: string; readonly fields: OrderFields; readonly form: Form }[] = []
  readonly #markets: Each<{ middle: number; half: number; sizes: readonly [number, number] }> = {
    AAA: { middle: beginnings.AAA, half: 5, sizes: [40, 40] },
    BBB: { middle: beginnings.BBB, half: 5, sizes: [40, 40] },
  }
  #ids = 0

  constructor(bench: BrokerBench, traits: Traits) {
    this.#bench = bench
    this.#traits = traits
  }

  requote(of: Traded, side: Side = 'buy'): readonly Act[] {
    const { middle, half, sizes: offered } = this.#markets[of]
    const [bidSize, askSize] = offered.map(String) as [string, string]
    const [bid, ask] = [cents(middle - half), cents(middle + half)]
    if (!this.#traits.neverCloses)
      return [{ do: 'emit', event: { type: 'quote', symbol: of, bid, ask, bidSize, askSize } }]
    // Paper's stops look at the quote, too: what a stop-limit then takes of one trade it is to find again where a trade was the first to set it
    // off. The last is on the side that an order would meet, from which a trailing stop starts.
    const sides = side === 'sell' ? [bid, ask, bid] : [bid, ask, bid, ask]
    const trades = sides.map((price) => ({ type: 'trade', symbol: of, price, quantity: '1000' }) as const)
    return [{ type: 'quote', symbol: of, bid, ask } as const, ...trades].map((event) => ({ do: 'emit', event }))
  }

  async actsOf(step: Step): Promise<readonly Act[]> {
    if (step.kind === 'quote') {
      const market = this.#markets[step.symbol]
      market.middle = Math.max(lowest[step.symbol], market.middle + step.shift)
      market.half = step.half
      market.sizes = step.sizes
      return this.requote(step.symbol)
    }
    const act = await this.#actOf(step)
    return act === undefined ? [] : [act]
  }

  async #actOf(step: Exclude<Step, { kind: 'quote' }>): Promise<Act | undefined> {
    switch (step.kind) {
      case 'trade':
        return {
          do: 'emit',
          event: {
            type: 'trade',
            symbol: step.symbol,
            price: cents(this.#traded(step.symbol, step.shift)),
            quantity: String(step.size),
          },
        }
      case 'next-session':
        return this.#nextSession(step.gap, step.range)
      case 'funding':
        return {
          do: 'emit',
          event: {
            type: 'funding',
            symbol: step.symbol,
            rate: decimalText(decimal(String(step.millionths)).times(decimal('0.000001'))),
            price: cents(this.#markets[step.symbol].middle),
          },
        }
      case 'cancel':
        return this.#sent.length === 0 ? undefined : { do: 'cancel', id: this.#nth(step.nth).id }
      case 'amend':
        return this.#amendment(step)
      default:
        // A pair is the exits of what is held.
        return this.#order(step.form === 'oco' ? { ...step, side: 'sell' } : step)
    }
  }

  /** What a stop that trades set off then costs is the venue's own way; between bid and ask there is none of it. */
  #traded(of: Traded, shift: number): number {
    const { middle, half } = this.#markets[of]
    const within = this.#traits.neverCloses ? Math.sign(shift) * Math.min(Math.abs(shift), half) : shift
    return middle + within
  }

  #nextSession(gap: number, range: number): Act | undefined {
    if (this.#traits.neverCloses) return undefined
    const barOf = ({ middle }: { readonly middle: number }): Bar => ({
      high: cents(middle + range),
      low: cents(middle - range),
      close: cents(middle),
    })
    const { AAA, BBB } = this.#markets
    const bars = { AAA: barOf(AAA), BBB: barOf(BBB) }
    AAA.middle = Math.max(lowest.AAA, AAA.middle + gap)
    BBB.middle = Math.max(lowest.BBB, BBB.middle - gap)
    return { do: 'next-session', bars, opens: { AAA: cents(AAA.middle), BBB: cents(BBB.middle) } }
  }

  /** Sells what is held and free only, and never against an open order of its own: what venues do then is theirs, and tested elsewhere. */
  async #order(step: Placement): Promise<Act | undefined> {
    const { symbol: of, side: wanted, form: kind, quantity: units } = step
    if (kind === 'oco' && !this.#traits.restingTargets) return undefined
    if (this.#traits.lacks?.includes(kind) === true) return undefined
    const open = await this.#open(of)
    if (open.some(({ fields }) => fields.side !== wanted)) return undefined
    const reserved = open.reduce((sum, { left }) => sum + left, 0)
    const held = Number(await this.#bench.balance(of))
    const isExit = this.#traits.onMargin === true && (wanted === 'sell' ? held > 0 : held < 0)
    const most = this.#most(wanted, held, reserved)
    if (most < 1) return undefined
    if (kind === 'amount' && (wanted === 'sell' || !this.#traits.neverCloses)) return undefined
    this.#ids += 1
    const id = `p${this.#ids}`
    const fields = {
      ...this.#terms(step),
      clientOrderId: id,
      ...(isExit && kind === 'market' ? { reduceOnly: true } : {}),
      quantity: kind === 'amount' ? cents(this.#markets[of].middle * most) : String(Math.min(units, most)),
    }
    this.#sent.push({ id, fields, form: kind })
    return { do: 'place', fields }
  }

  /** Contracts are sold before they are held, and a position is left before another is entered. */
  #most(wanted: Side, held: number, reserved: number): number {
    if (this.#traits.onMargin === true) {
      const toLeave = wanted === 'sell' ? held : -held
      return toLeave > 0 ? toLeave - reserved : 60 + toLeave - reserved
    }
    // An order for an amount leaves parts of a unit behind.
    return wanted === 'sell' ? Math.floor(held - reserved) : 60 - reserved
  }

  #terms({ symbol: of, side: wanted, form: kind, away: distance }: Placement): OrderFields {
    const { middle, half } = this.#markets[of]
    const common = { symbol: of, side: wanted, timeInForce: 'gtc' } as const
    const direction = wanted === 'buy' ? 1 : -1
    const level = middle + direction * (half + 1 + Math.abs(distance))
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
        return { ...common, type: 'limit', limitPrice: cents(middle + distance), timeInForce }
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
        const limitPrice = cents(middle + half + 1 + Math.abs(distance))
        return { ...common, type: 'oco', limitPrice, stopPrice: cents(level), reduceOnly: true }
      }
      case 'stop-limit':
        return { ...common, type: 'stop-limit', stopPrice: cents(level), limitPrice: cents(level + direction * 3) }
      default:
        return { ...common, type: 'trailing-stop', trailAmount: cents(50 + Math.abs(distance)) }
    }
  }

  /** Of resting limit orders, which every venue amends: another size and price. */
  async #amendment(step: Extract<Step, { kind: 'amend' }>): Promise<Act | undefined> {
    if (!this.#traits.amends) return undefined
    const open = (await this.#open(step.symbol)).filter(
      ({ form: kind, fields }) => kind === 'limit' && fields.side === 'buy',
    )
    const chosen = open[step.nth % Math.max(1, open.length)]
    if (chosen === undefined) return undefined
    this.#ids += 1
    const id = `p${this.#ids}`
    const limitPrice = cents(this.#markets[step.symbol].middle + step.away)
    // Another size each time, above what is filled: a venue refuses one that changes nothing.
    const size = chosen.filled + chosen.left + step.quantity
    const fields = { ...chosen.fields, clientOrderId: id, quantity: String(size), limitPrice }
    this.#sent.push({ id, fields, form: 'limit' })
    return { do: 'amend', id: chosen.id, fields }
  }

  async #open(of: Traded) {
    const open = new Map((await this.#bench.broker.openOrders()).map((order) => [order.clientOrderId, order]))
    return this.#sent.flatMap((sent) => {
      const order = open.get(sent.id)
      if (order === undefined || sent.fields.symbol !== of) return []
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
