import { type Decimal, zero } from '../money/decimal.js'
import type { ExitKind } from './exit-kind.js'

/** An open order that can only reduce the position. */
export type ExitOrderView = {
  readonly orderId: string
  readonly kind: ExitKind
  readonly leaves: Decimal
  /** The level at which a stop or target rests. */
  readonly level: string | undefined
  /** Of a pair: the level of its target. */
  readonly target?: string
  /** Its cancel is on the way. */
  readonly cancelPending: boolean
  /** An amendment of it is on the way. */
  readonly amendPending?: boolean
  /** Nobody knows whether the venue has it: it counts, and it cannot be cancelled yet. */
  readonly unsettled: boolean
  /** It would enlarge what is held, as one of before the position turned. Default false. */
  readonly enlarges?: boolean
}

export type ProtectionInput = {
  /** Unsigned units held, on the lot grid. */
  readonly quantity: Decimal
  /** Levels on the tick grid; undefined where no plan is known, and for a leg of which no more attempts are made. */
  readonly levels: { readonly stop?: string; readonly target?: string } | undefined
  /** Where pairs belong, and whether what is missing is placed as one; absent where no plan is known. */
  readonly pairs?: { readonly stop: string; readonly target: string; readonly places: boolean }
  readonly exitOrders: readonly ExitOrderView[]
  /** Units that are to be left at once, by the clock or by an agent's intent, and are not on the way yet. */
  readonly toLeave: Decimal
  /** The venue can amend a live order: one at another level is moved instead of cancelled. Default false. */
  readonly canMove?: boolean
  /** As `canMove`, of pairs. Default false. */
  readonly canMovePairs?: boolean
  /** What is to be left is a part of an exit that is worked: legs are cut down by amending where `canMove`, so that no unit is without. Default false. */
  readonly shrinks?: boolean
}

export type ProtectionAction =
  | { readonly type: 'cancel'; readonly orderId: string }
  /** `target` of a pair: the level of its target. */
  | { readonly type: 'move'; readonly orderId: string; readonly level: string; readonly target?: string }
  /** The venue is to amend it down to so much that may yet be executed. */
  | { readonly type: 'shrink'; readonly orderId: string; readonly leaves: Decimal }
  | { readonly type: 'place'; readonly kind: 'stop' | 'target' | 'pair'; readonly quantity: Decimal }
  | { readonly type: 'leave'; readonly quantity: Decimal }

/**
 * What brings the exits of one position in line with it. Stop and target of the same units count once, whether they rest side by side or
 * are one order, for the venue lets neither reduce below 0; when one fills, the other is cut down. Whatever is on the way, unknown or being cancelled counts as live,
 * so that reducing quantity never exceeds the position: a leg that must change is cancelled first and placed again once that is certain.
 * An exit that rests at a price of its own is withdrawn in any case; so is one that would enlarge what is held, which takes no unit off.
 */
export function planProtection(input: ProtectionInput): readonly ProtectionAction[] {
  if (!input.exitOrders.some(({ enlarges }) => enlarges === true)) return planReducing(input)
  const needless: ProtectionAction[] = []
  for (const order of input.exitOrders) if (order.enlarges === true) cancel(order, needless)
  const exitOrders = input.exitOrders.filter(({ enlarges }) => enlarges !== true)
  return [...needless, ...planReducing({ ...input, exitOrders })]
}

function planReducing(input: ProtectionInput): readonly ProtectionAction[] {
  const leaving = sum(input.exitOrders.filter(({ kind }) => kind === 'leave'))
  const resting = input.exitOrders.filter(({ kind }) => kind === 'resting')
  const withdrawn = sum(resting)
  const wanted = least(input.toLeave, atLeastZero(input.quantity.minus(leaving)))
  // A leg of which nobody knows whether the venue has it makes no room: until that is known the others are not given up for nothing.
  const toLeave = stuck(input.exitOrders).plus(leaving).plus(wanted).gt(input.quantity) ? zero : wanted
  const cover = atLeastZero(input.quantity.minus(leaving).minus(toLeave.gt(withdrawn) ? toLeave : withdrawn))
  const actions: ProtectionAction[] = []
  for (const order of resting) cancel(order, actions)
  if (leaving.gt(input.quantity)) {
    for (const order of input.exitOrders) if (order.kind === 'leave' && input.quantity.eq(zero)) cancel(order, actions)
  }
  const stops = planLeg('stop', cover, input, actions)
  const targets = planLeg('target', cover, input, actions)
  const live = largest(stops, targets)
  const hasRoom = withdrawn.eq(zero) && live.plus(leaving).plus(toLeave).lte(input.quantity)
  if (toLeave.gt(zero) && hasRoom) actions.push({ type: 'leave', quantity: toLeave })
  return actions
}

/** Plans one leg; the units that are live on it before the plan is carried out. A pair is planned with the stops, and counts among the targets. */
function planLeg(
  kind: 'stop' | 'target',
  cover: Decimal,
  input: ProtectionInput,
  actions: ProtectionAction[],
): Decimal {
  const orders = input.exitOrders.filter((order) => order.kind === kind || (kind === 'stop' && order.kind === 'pair'))
  const others = kind === 'stop' ? zero : sum(input.exitOrders.filter((order) => order.kind === 'pair'))
  // What cannot be cancelled yet stays for now, at whatever level: it goes before the others.
  let kept = others.plus(sum(orders.filter((order) => order.unsettled)))
  for (const order of orders) {
    if (order.cancelPending || order.unsettled) continue
    const move = moveOf(order, input)
    if (move !== undefined && canMove(input, order) && kept.plus(order.leaves).lte(cover)) {
      kept = kept.plus(order.leaves)
      actions.push(move)
    } else if (move === undefined && canShrink(input, order, cover.minus(kept))) {
      // Until the venue has confirmed it, it counts in full.
      if (order.amendPending !== true)
        actions.push({ type: 'shrink', orderId: order.orderId, leaves: cover.minus(kept) })
      kept = cover
    } else if (move !== undefined || isInTheWay(order, input) || kept.plus(order.leaves).gt(cover))
      cancel(order, actions)
    else kept = kept.plus(order.leaves)
  }
  const live = others.plus(sum(orders))
  const placed = kind === 'stop' && input.pairs?.places === true ? 'pair' : kind
  const isPlaced = placed === 'pair' || input.levels?.[kind] !== undefined
  const missing = cover.minus(placed === 'pair' ? largest(live, unitsOf(input.exitOrders, 'target')) : live)
  if (isPlaced && missing.gt(zero)) actions.push({ type: 'place', kind: placed, quantity: missing })
  return live
}

/** A target by itself holds the units of the pair that is to take its place. */
function isInTheWay({ kind }: ExitOrderView, { pairs }: ProtectionInput): boolean {
  return kind === 'target' && pairs?.places === true
}

/** Units that live on one leg: those of pairs are on both. */
function unitsOf(orders: readonly ExitOrderView[], leg: 'stop' | 'target'): Decimal {
  return sum(orders.filter(({ kind }) => kind === leg || kind === 'pair'))
}

/** Where an order that rests at another level than it should is to be moved to. */
function moveOf(
  { orderId, kind, level, target }: ExitOrderView,
  { levels, pairs }: ProtectionInput,
): Extract<ProtectionAction, { type: 'move' }> | undefined {
  if (kind === 'pair') {
    if (pairs === undefined || (level === pairs.stop && target === pairs.target)) return undefined
    return { type: 'move', orderId, level: pairs.stop, target: pairs.target }
  }
  const wanted = kind === 'stop' || kind === 'target' ? levels?.[kind] : undefined
  return wanted === undefined || level === wanted ? undefined : { type: 'move', orderId, level: wanted }
}

function canMove(input: ProtectionInput, { kind }: ExitOrderView): boolean {
  return (kind === 'pair' ? input.canMovePairs : input.canMove) === true
}

function canShrink(input: ProtectionInput, order: ExitOrderView, room: Decimal): boolean {
  return canMove(input, order) && input.shrinks === true && room.gt(zero) && order.leaves.gt(room)
}

/** Units that legs hold which cannot be cancelled yet; stop and target count once. */
function stuck(orders: readonly ExitOrderView[]): Decimal {
  const unsettled = orders.filter((order) => order.unsettled)
  return largest(unitsOf(unsettled, 'stop'), unitsOf(unsettled, 'target'))
}

function cancel(order: ExitOrderView, actions: ProtectionAction[]): void {
  if (!order.cancelPending && !order.unsettled) actions.push({ type: 'cancel', orderId: order.orderId })
}

function sum(orders: readonly ExitOrderView[]): Decimal {
  return orders.reduce((total, { leaves }) => total.plus(leaves), zero)
}

function atLeastZero(value: Decimal): Decimal {
  return value.lt(zero) ? zero : value
}

function largest(a: Decimal, b: Decimal): Decimal {
  return a.gt(b) ? a : b
}

function least(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b
}
