import type { KernelRecord, OrderHeader, OrderIntent } from '@tradeswarm/trading'
import type { LifeView, Observation } from '../observation.js'
import type { CheckerFactory } from './checker.js'
import { type FoldedOrder, filledOf, foldedStatus, isFoldedOpen, requestsOf } from './folded-order.js'
import { isAtVenue, isInDoubtYet } from './in-doubt.js'
import type { JournalFold } from './journal-fold.js'

/** So long after one of a group was executed the others must at least have been asked to go, while nothing stands in the way. */
const graceMs = 12_000

/**
 * What ties orders together (I07: no more comes of an intent than was meant). One that is to cancel others cancels them, and none of them
 * is sent afterwards; one that waits is sent when the other has filled in full, and never otherwise. And what goes over the wire is what
 * was asked for: type, time, prices, sizes.
 */
export const createContingencyChecker: CheckerFactory = (world, report) => {
  const { now, foldOf, reachableSince } = world
  /** All that was asked for under an id: one of them was assessed. */
  const asked = new Map<string, OrderIntent[]>()
  /** Since when a group has an execution and an order that is open and was not asked to go; by life. */
  const splitSince = new Map<string, number>()
  let current: LifeView | undefined
  let upSince: number | undefined
  /** By group: since when the kernel knows that one of it was executed, and which. */
  const knownSince = new Map<string, { readonly at: number; readonly orderId: string }>()

  const groupsOf = (fold: JournalFold): ReadonlyMap<string, readonly FoldedOrder[]> => {
    const groups = new Map<string, FoldedOrder[]>()
    for (const order of fold.orders.values()) {
      const key = groupOf(order.header)
      if (key === undefined) continue
      groups.set(key, [...(groups.get(key) ?? []), order])
    }
    return groups
  }
  const orderOf = (fold: JournalFold, intentId: string): FoldedOrder | undefined => {
    for (const order of fold.orders.values())
      if (order.header.intentId === intentId && order.permit !== undefined) return order
    return undefined
  }

  const checkSend = ({ life, order }: Extract<Observation, { type: 'permit used' }>): void => {
    const fold = foldOf(life.number)
    const known = fold.byClientOrderId.get(order.request.clientOrderId)
    const contingency = known?.header.contingency
    if (known === undefined || contingency === undefined) return
    const { orderId, agent } = known.header
    if (contingency.type === 'one-triggers-other') {
      const first = orderOf(fold, contingency.intentId)
      if (first === undefined || foldedStatus(first) !== 'filled')
        report('I07', `order ${orderId} was sent before ${contingency.intentId}, which is to trigger it, had filled`)
      return
    }
    // An amendment of an order that has been executed itself goes on as long as no other has been.
    const others = groupsOf(fold).get(`${agent} ${contingency.group}`) ?? []
    const executed = others.find((other) => other !== known && filledOf(other) > 0n)
    if (executed !== undefined)
      report('I07', `order ${orderId} was sent after ${executed.header.orderId} of its group was executed`)
  }

  const isLeft = (order: FoldedOrder): boolean => {
    const status = foldedStatus(order)
    return (
      isFoldedOpen(order) &&
      status !== 'pending-cancel' &&
      status !== 'unknown' &&
      order.first.cancelRequests.size === 0
    )
  }
  /** Of one that the venue never had no more can be done than to ask it to go, where nobody can ever know that it will not come. */
  const isGivenUp = (order: FoldedOrder): boolean =>
    order.first.cancelRequests.size > 0 &&
    isInDoubtYet(world, order) &&
    !requestsOf(order).some((request) => isAtVenue(world, request))
  const look = (): void => {
    const reachable = reachableSince()
    if (current?.running !== true || reachable === undefined) {
      splitSince.clear()
      return
    }
    const groups = groupsOf(foldOf(current.number))
    for (const [key, orders] of groups) {
      const executed = orders.filter((order) => filledOf(order) > 0n)
      const left = orders.find((order) => isLeft(order) && executed.some((other) => other !== order))
      if (left === undefined) {
        splitSince.delete(key)
        continue
      }
      const since = Math.max(splitSince.get(key) ?? now(), reachable)
      splitSince.set(key, splitSince.get(key) ?? now())
      if (now() - since > graceMs)
        report(
          'I07',
          `order ${left.header.orderId} goes on ${now() - since} ms after another of its group was executed`,
        )
    }
  }

  const checkAsked = (record: Extract<KernelRecord, { type: 'order-assessed' }>): void => {
    const { header, verdict } = record
    const intents = asked.get(header.intentId)
    if (intents === undefined || verdict.permit === undefined || header.decidedAt === undefined) return
    if (header.parentOrderId !== undefined) return
    const isAsked = (intent: OrderIntent): boolean =>
      terms.every((field) => isSameAmount(header.request[field], intent?.[field]))
    if (!intents.some(isAsked)) report('I10', `order ${header.orderId} is not what was asked for as ${header.intentId}`)
  }

  /** The first execution of a group that a kernel has heard of. */
  const noteExecuted = (life: LifeView, record: Extract<KernelRecord, { type: 'order-event' }>): void => {
    if (record.event.type !== 'filled') return
    const { header } = foldOf(life.number).orders.get(record.orderId) ?? {}
    const key = header === undefined ? undefined : groupOf(header)
    if (key !== undefined && !knownSince.has(key)) knownSince.set(key, { at: now(), orderId: record.orderId })
  }
  /** The venue may race a cancel, but not for long. */
  const checkRace = ({ order }: Extract<Observation, { type: 'venue fill' }>): void => {
    const reachable = reachableSince()
    if (current?.running !== true || reachable === undefined || upSince === undefined) return
    const { header } = foldOf(current.number).byClientOrderId.get(order.request.clientOrderId) ?? {}
    const known = header === undefined ? undefined : knownSince.get(groupOf(header) ?? '')
    if (known === undefined || known.orderId === header?.orderId || order.status === 'canceled') return
    const sinceMs = now() - Math.max(known.at, reachable, upSince)
    if (sinceMs > graceMs)
      report('I07', `order ${header?.orderId} was executed ${sinceMs} ms after ${known.orderId} of its group was`)
  }

  return (observation) => {
    switch (observation.type) {
      case 'asked':
        if (observation.intent !== undefined)
          asked.set(observation.intentId, [...(asked.get(observation.intentId) ?? []), observation.intent])
        return
      case 'life started':
        current = observation.life
        upSince = now()
        return
      case 'venue fill':
        checkRace(observation)
        return
      case 'life ended':
      case 'taken over':
        if (current === observation.life) current = undefined
        splitSince.clear()
        return
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        if (record.type === 'order-assessed') checkAsked(record)
        if (record.type === 'order-event') noteExecuted(observation.life, record)
        return
      }
      case 'permit used':
        checkSend(observation)
        return
      case 'second':
        look()
        return
      case 'quiet':
        for (const orders of groupsOf(foldOf(observation.life.number)).values()) {
          const left = orders.find((order) => isFoldedOpen(order) && !isGivenUp(order))
          if (left !== undefined && orders.some((order) => order !== left && filledOf(order) > 0n))
            report('I07', `order ${left.header.orderId} rests, though another of its group was executed`)
        }
        return
      default:
    }
  }
}

function groupOf({ agent, contingency }: OrderHeader): string | undefined {
  return contingency?.type === 'one-cancels-other' ? `${agent} ${contingency.group}` : undefined
}

const terms = [
  'symbol',
  'side',
  'type',
  'quantity',
  'limitPrice',
  'stopPrice',
  'trailAmount',
  'trailFraction',
  'timeInForce',
  'expiresAt',
  'postOnly',
  'sizedIn',
] as const

/** The same text, or the same number written otherwise. */
function isSameAmount(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'string' && typeof other === 'string' && Number(one) === Number(other))
}
