import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import { parse, plainText } from '../shared/json-text.js'
import { UpdateGate } from '../shared/update-gate.js'
import { argKey } from './channels.js'
import type { FakeOkxConditions } from './fault-board.js'
import type { OkxAccountView } from './okx-account-view.js'
import type { OkxListing } from './okx-instruments.js'
import type { Subscription } from './okx-socket.js'
import type { OkxVenue } from './okx-venue.js'
import type { SocketHub } from './socket-hub.js'

type Json = Readonly<Record<string, unknown>>

/** A message about an order, on its way. */
export type OrderPush = { readonly channel: string; readonly listing: OkxListing; readonly json: Json }

export type AccountPublisherParts = {
  readonly hub: SocketHub
  readonly conditions: FakeOkxConditions
  readonly uid: string
  readonly now: () => EpochMs
  readonly timers: Clock & Timers
  /** How often balances and positions are told though nothing has changed. */
  readonly regularPushMs: number
}

/** Sends what concerns the account to those who are logged in. */
export class AccountPublisher {
  /** How many messages about orders have gone out. */
  sent = 0
  readonly gate: UpdateGate<OrderPush>
  readonly #parts: AccountPublisherParts
  #view: { readonly account: OkxAccountView; readonly venue: OkxVenue } | undefined
  /** What was told last of each currency and position. */
  readonly #told = new Map<string, string>()

  constructor(parts: AccountPublisherParts) {
    this.#parts = parts
    this.gate = new UpdateGate(parts.conditions, (push) => this.#sendOrder(push))
  }

  /** Says whose account it is; before, nothing is told. */
  watch(account: OkxAccountView, venue: OkxVenue): void {
    this.#view = { account, venue }
    this.#changes()
  }

  order(channel: string, listing: OkxListing, json: object): void {
    this.gate.publish({ channel, listing, json: json as Json })
  }

  /** Balances and positions that have changed. */
  account(event?: 'filled' | 'funding_fee', trades: readonly object[] = []): void {
    const changed = this.#changes()
    if (changed === undefined || this.#view === undefined) return
    const { details, positions } = changed
    const { hub } = this.#parts
    if (details.length > 0) {
      for (const subscription of hub.listeners('account')) this.#balance(subscription, 'event_update', details)
    }
    if (positions.length > 0) {
      for (const subscription of hub.listeners('positions')) this.#positions(subscription, 'event_update', positions)
    }
    if (event === undefined) return
    for (const subscription of hub.listeners('balance_and_position'))
      this.#both(subscription, event, details, positions, trades)
  }

  /** What a subscription begins with: nothing of orders, all of the rest; balances and positions again at regular intervals. */
  begin(subscription: Subscription): void {
    this.#tellAll(subscription, 'snapshot')
    const { channel } = subscription.arg
    if (channel === 'account' || channel === 'positions') this.#repeat(subscription)
  }

  #tellAll(subscription: Subscription, eventType: string): void {
    if (this.#view === undefined) return
    const { account } = this.#view
    const { channel } = subscription.arg
    if (channel === 'account') this.#balance(subscription, eventType, account.details())
    if (channel === 'positions') this.#positions(subscription, eventType, account.positions())
    if (channel === 'balance_and_position')
      this.#both(subscription, eventType, account.details(), account.positions(), [])
  }

  /** As long as it is subscribed to. */
  #repeat(subscription: Subscription): void {
    const { timers, regularPushMs } = this.#parts
    const every = intervalOf(subscription) ?? regularPushMs
    if (every === 0) return
    const { connection, arg } = subscription
    let cancel = (): void => undefined
    const arm = (): void => {
      cancel = timers.at(timers.now() + every, () => {
        if (connection.subscriptions.get(argKey(arg)) !== subscription) return
        this.#tellAll(subscription, 'snapshot')
        arm()
      })
    }
    arm()
    connection.onEnd(() => cancel())
  }

  #changes(): { readonly details: readonly Json[]; readonly positions: readonly Json[] } | undefined {
    if (this.#view === undefined) return undefined
    const { account, venue } = this.#view
    const details = account
      .details()
      .filter((one) => this.#isNew(`ccy ${String(one['ccy'])}`, [one['cashBal'], one['frozenBal']]))
    const positions: Json[] = []
    for (const position of venue.positions.all()) {
      const { posId, units, fundingFee, margin, tradeId } = position
      const isNew = this.#isNew(posId, [units.toString(), fundingFee.toString(), margin.toString(), tradeId])
      if (isNew) positions.push(account.position(position))
    }
    return { details, positions }
  }

  #isNew(key: string, figures: readonly unknown[]): boolean {
    const text = figures.join(' ')
    if (this.#told.get(key) === text) return false
    this.#told.set(key, text)
    return true
  }

  #sendOrder({ channel, listing, json }: OrderPush): void {
    const isTwice = this.#parts.conditions.duplicateUpdates
    for (const subscription of this.#parts.hub.listeners(channel)) {
      if (!isAbout(subscription, listing)) continue
      const again = { ...json, uTime: String(Number(json['uTime']) + 1) }
      for (const one of isTwice ? [json, again] : [json]) if (this.#push(subscription, { data: [one] })) this.sent += 1
    }
  }

  #balance(subscription: Subscription, eventType: string, details: readonly Json[]): void {
    const ccy = subscription.arg['ccy']
    const wanted = ccy === undefined ? details : details.filter((one) => one['ccy'] === ccy)
    if (this.#view === undefined || (wanted.length === 0 && eventType !== 'snapshot')) return
    this.#push(subscription, { ...framed(eventType), data: [this.#view.account.balance(wanted)] })
  }

  #positions(subscription: Subscription, eventType: string, positions: readonly Json[]): void {
    const pTime = String(this.#parts.now())
    const data = positions.filter((one) => isWanted(subscription, one)).map((one) => ({ ...one, pTime }))
    if (data.length === 0 && eventType !== 'snapshot') return
    this.#push(subscription, { ...framed(eventType), data })
  }

  #both(
    subscription: Subscription,
    eventType: string,
    details: readonly Json[],
    positions: readonly Json[],
    trades: readonly object[],
  ): void {
    const balData = details.map(({ ccy, cashBal, uTime }) => ({ ccy, cashBal, uTime }))
    const fields = 'posId tradeId instId instType mgnMode posSide pos ccy posCcy avgPx nonSettleAvgPx settledPnl uTime'
    const posData = positions.map((one) => Object.fromEntries(fields.split(' ').map((name) => [name, one[name]])))
    const pTime = String(this.#parts.now())
    this.#push(subscription, { data: [{ pTime, eventType, balData, posData, trades }] })
  }

  #push({ connection, arg }: Subscription, message: object): boolean {
    return connection.send({ arg: { ...arg, uid: this.#parts.uid }, ...message })
  }
}

/** A snapshot says which page of it this is. */
function framed(eventType: string): object {
  return eventType === 'snapshot' ? { eventType, curPage: 1, lastPage: true } : { eventType }
}

/** How often a subscription asks for what has not changed; 0 for never, undefined where it is left to the venue. */
function intervalOf({ arg }: Subscription): number | undefined {
  const { updateInterval } = parse(plainText(arg['extraParams']))
  const wanted = Number(updateInterval ?? Number.NaN)
  return [0, 2_000, 3_000, 4_000].includes(wanted) ? wanted : undefined
}

function isAbout({ arg }: Subscription, { instType, instId, base, quote }: OkxListing): boolean {
  const { instType: type, instId: id, instFamily: family } = arg
  return (
    (type === 'ANY' || type === instType) &&
    (id === undefined || id === '' || id === instId) &&
    (family === undefined || family === '' || family === `${base}-${quote}`)
  )
}

function isWanted({ arg }: Subscription, { instType, instId }: Json): boolean {
  return (arg['instType'] === 'ANY' || arg['instType'] === instType) && (!arg['instId'] || arg['instId'] === instId)
}
