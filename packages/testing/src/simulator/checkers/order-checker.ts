import type { KernelRecord, OrderRequest } from '@tradeswarm/trading'
import { type Exact, exact, exactText } from '../exact.js'
import type { LifeView, Observation } from '../observation.js'
import { accountOf } from '../scenario.js'
import type { CheckerFactory } from './checker.js'
import { type FoldedOrder, filledOf, foldedStatus, isFoldedOpen, requestUnder } from './folded-order.js'
import { staysInDoubt } from './in-doubt.js'

/**
 * One venue order for one order of ours, and none that we do not know: I06 (durable before the first byte), I07, I08, I09, I10, I17, I26,
 * I39, I41, and at rest that books and venue tell the same of every order (I01, I02, I03, I05).
 */
export const createOrderChecker: CheckerFactory = ({ scenario, venue, now, foldOf }, report) => {
  const durablySubmitted = new Set<string>()
  const clientIdOf = new Map<string, string>()
  const permits = new Map<string, number>()
  const sends = new Map<string, number>()
  const used = new Map<string, number>()
  const fencedLives = new Set<number>()
  const holds = new Map<number, { readonly until: number; readonly isHolder: () => boolean }>()
  /** Orders that were given up because the venue could no longer act on them. */
  const lapsed = new Set<string>()

  const noteRecord = (record: KernelRecord): void => {
    if (record.type === 'order-assessed') clientIdOf.set(record.header.orderId, record.header.request.clientOrderId)
    if (record.type === 'order-amended' && record.event.how === 'replace') durablySubmitted.add(record.event.by)
    if (record.type === 'order-event' && record.event.type === 'submitted') {
      const id = record.event.by ?? clientIdOf.get(record.orderId)
      if (id !== undefined) durablySubmitted.add(id)
    }
  }

  /** The order that each client order id belongs to, and the most that was permitted of it at any time, with what had been crossed of it. */
  const orderOf = new Map<string, string>()
  const permitted = new Map<string, Exact>()
  const noteTerms = (record: KernelRecord): void => {
    const isFirst = record.type === 'order-assessed'
    if (!isFirst && record.type !== 'order-amended') return
    if (isFirst && record.verdict.permit === undefined) return
    const orderId = isFirst ? record.header.orderId : record.orderId
    orderOf.set(isFirst ? record.header.request.clientOrderId : record.event.by, orderId)
    const sent = exact(isFirst ? record.header.request.quantity : record.event.quantity)
    const quantity = sent + (isFirst ? 0n : (crossed.get(orderId) ?? 0n))
    if (quantity > (permitted.get(orderId) ?? 0n)) permitted.set(orderId, quantity)
  }

  /** What was crossed of each order, as far as that is durable. */
  const crossed = new Map<string, Exact>()
  const noteCross = (record: KernelRecord): void => {
    if (record.type !== 'crossed') return
    const { cross } = record
    for (const { orderId } of [cross.buy, cross.sell]) {
      crossed.set(orderId, (crossed.get(orderId) ?? 0n) + exact(cross.quantity))
      checkOrder(orderId)
    }
  }

  const checkChain = (clientOrderId: string): void => {
    const orderId = orderOf.get(clientOrderId)
    if (orderId !== undefined) checkOrder(orderId)
  }

  const checkOrder = (orderId: string): void => {
    let sum = crossed.get(orderId) ?? 0n
    for (const { request, filled } of venue.orders) if (orderOf.get(request.clientOrderId) === orderId) sum += filled
    const most = permitted.get(orderId) ?? 0n
    if (sum > most)
      report('I41', `${exactText(sum)} were executed of order ${orderId}, of which ${exactText(most)} were permitted`)
  }

  /** Whoever speaks to the venue holds the account, by the store's word and by the time that it was told. */
  const checkHold = ({ number }: LifeView, what: string): void => {
    if (scenario.leaseTtlMs === undefined) return
    const hold = holds.get(number)
    if (hold === undefined || now() > hold.until)
      report('I39', `life ${number} sent ${what} without a hold on the account`)
    else if (!hold.isHolder()) report('I39', `life ${number} sent ${what} while another holds the account`)
  }

  const checkSend = ({ life, request }: Extract<Observation, { type: 'sent' }>): void => {
    const id = request.clientOrderId
    checkHold(life, `order ${id}`)
    if (request.account !== accountOf(scenario))
      report('I10', `order ${id} of account ${request.account} was sent to ${accountOf(scenario)}`)
    const count = (sends.get(id) ?? 0) + 1
    sends.set(id, count)
    const known = foldOf(life.number).byClientOrderId.get(id)
    if (known !== undefined && !isSame(requestUnder(known, id), request))
      report('I10', `order ${id} was sent with other terms than were permitted`)
    if (!durablySubmitted.has(id)) report('I06', `order ${id} left before its sending was durable`)
    if (fencedLives.has(life.number)) report('I39', `life ${life.number} sent order ${id} after another had taken over`)
    if (count > (used.get(id) ?? 0))
      report('I17', `order ${id} was sent ${count} times with ${used.get(id) ?? 0} permits`)
    if (count > 1 && scenario.venue.clientOrderIds === 'live')
      report('I09', `order ${id} was sent a second time to a venue that takes a used id again`)
  }

  const checkPermit = ({ life, order }: Extract<Observation, { type: 'permit used' }>): void => {
    const { permit, request } = order
    permits.set(permit.permitId, (permits.get(permit.permitId) ?? 0) + 1)
    used.set(request.clientOrderId, (used.get(request.clientOrderId) ?? 0) + 1)
    if ((permits.get(permit.permitId) ?? 0) > 1) report('I10', `permit ${permit.permitId} was used a second time`)
    if (life.now() > permit.expiresAt) report('I10', `permit ${permit.permitId} was used after it had expired`)
    const fold = foldOf(life.number)
    const known = fold.byClientOrderId.get(request.clientOrderId)
    if (known?.permit?.permitId !== permit.permitId)
      report('I10', `permit ${permit.permitId} is not the journalled one of order ${request.clientOrderId}`)
    if (known !== undefined && !isSame(requestUnder(known, request.clientOrderId), request))
      report('I10', `order ${request.clientOrderId} is not the one that was permitted`)
    if (permit.haltEpoch !== fold.haltEpoch || permit.policyVersion !== fold.policyVersion)
      report('I10', `permit ${permit.permitId} was used after a halt or another policy had come between`)
  }

  const checkEffect = (clientOrderId: string): void => {
    const same = venue.orders.filter(
      ({ request, status }) => request.clientOrderId === clientOrderId && status !== 'rejected',
    )
    if (same.length > 1) report('I07', `order ${clientOrderId} took effect ${same.length} times at the venue`)
  }

  const checkQuiet = (lifeNumber: number): void => {
    const fold = foldOf(lifeNumber)
    /** By order of ours: what all venue orders that it became came to, and the one that is open. */
    const chains = new Map<FoldedOrder, { filled: Exact; status: string }>()
    for (const { request, status, filled, fills, external } of venue.orders) {
      if (external) continue
      const known = fold.byClientOrderId.get(request.clientOrderId)
      if (known === undefined) {
        report('I07', `the venue has order ${request.clientOrderId}, which the books do not know`)
        continue
      }
      const name = `order ${known.header.orderId} (${known.header.purpose})`
      const standing = fills.filter(({ busted }) => !busted)
      for (const { tradeId } of standing)
        if (!known.executions.has(tradeId)) report('I03', `execution ${tradeId} of ${name} is not in the books`)
      const chain = chains.get(known) ?? { filled: 0n, status }
      chains.set(known, { filled: chain.filled + filled, status: chain.status === 'open' ? 'open' : status })
    }
    for (const order of fold.orders.values())
      if (foldedStatus(order) === 'unknown' && !staysInDoubt({ scenario, venue }, order))
        report('I08', `order ${order.header.orderId} is still unknown, though the venue's word settles it`)
    for (const [known, { filled, status }] of chains) {
      const name = `order ${known.header.orderId} (${known.header.purpose})`
      if (filledOf(known) !== filled)
        report('I02', `${name}: the venue filled ${exactText(filled)}, the books have ${exactText(filledOf(known))}`)
      // Of an amendment that was sent anew and never came, nobody may ever know.
      if ((status === 'open') !== isFoldedOpen(known) && !staysInDoubt({ scenario, venue }, known))
        report('I01', `${name} is ${status} at the venue, and ${foldedStatus(known)} in the books`)
    }
    for (const key of fold.bookedTwice) report('I03', `${key} was booked twice`)
  }

  return (observation) => {
    switch (observation.type) {
      case 'durable':
        for (const { payload } of observation.entries) {
          noteRecord(payload as KernelRecord)
          noteCross(payload as KernelRecord)
        }
        return
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        noteTerms(record)
        if (record.type !== 'order-event' || record.event.type !== 'lapsed') return
        const order = foldOf(observation.life.number).orders.get(record.orderId)
        if (order !== undefined) lapsed.add(record.event.by ?? order.header.request.clientOrderId)
        return
      }
      case 'taken over':
        fencedLives.add(observation.life.number)
        return
      case 'permit used':
        checkPermit(observation)
        return
      case 'sent':
        checkSend(observation)
        return
      case 'account held':
        holds.set(observation.life.number, observation)
        return
      case 'cancel sent':
        checkHold(observation.life, 'a cancel')
        if (fencedLives.has(observation.life.number))
          report('I39', `life ${observation.life.number} sent a cancel after another had taken over`)
        return
      case 'venue order':
        if (lapsed.has(observation.order.request.clientOrderId))
          report('I08', `order ${observation.order.request.clientOrderId} was given up before the venue took it`)
        checkEffect(observation.order.request.clientOrderId)
        return
      case 'venue fill':
        checkChain(observation.order.request.clientOrderId)
        return
      case 'quiet':
        checkQuiet(observation.life.number)
        return
      default:
    }
  }
}

/** Whether two requests have the same fields, in whatever order. */
function isSame(a: OrderRequest | undefined, b: OrderRequest): boolean {
  const sorted = (request: OrderRequest): string =>
    Object.entries(request)
      .map((entry) => JSON.stringify(entry))
      .sort()
      .join()
  return a !== undefined && sorted(a) === sorted(b)
}
