import {
  type Decimal,
  decimal,
  decimalText,
  type OrderRecord,
  orderHash,
  type PortfolioView,
  rebuildKernelState,
  verifyBooks,
  zero,
} from '@tradeswarm/trading'
import { beforeAll, describe, expect, test } from 'vitest'
import { bookings, kernelRecords, messagesOf, recordsOf } from './recorded-journal.test-support.js'
import { type RecordedSmallRun, recordSmallRun } from './small-run.test-support.js'

type SessionClose = { readonly sequence: number; readonly portfolio: PortfolioView; readonly snapshot: string }
type OrderMoment = { readonly cash: PortfolioView['cash'][string] | undefined; readonly orders: readonly OrderRecord[] }
type Booked = {
  readonly kind: 'fill' | 'dividend'
  readonly symbol: string
  readonly sequence: number
  readonly signedQuantity: Decimal
  readonly notional: Decimal
  readonly fee: Decimal
}

const openStatuses: ReadonlySet<string> = new Set([
  'permitted',
  'submitted',
  'accepted',
  'triggered',
  'partially-filled',
  'pending-cancel',
  'unknown',
])

let run: RecordedSmallRun
const closes: SessionClose[] = []
const moments: OrderMoment[] = []

beforeAll(async () => {
  run = await recordSmallRun({
    onStarted: (swarm) => {
      const kernel = swarm.kernel()
      kernel.subscribe((event) => {
        if (event.type !== 'order') return
        const { orders } = JSON.parse(kernel.snapshot()) as { orders: readonly OrderRecord[] }
        moments.push({ cash: swarm.portfolio().cash['USD'], orders })
      })
    },
    onSessionClosed: (_, swarm) => {
      closes.push({
        sequence: swarm.journalHead().sequence,
        portfolio: swarm.portfolio(),
        snapshot: swarm.kernel().snapshot(),
      })
    },
  })
})

test('the run that these tests look at is traded in every way', () => {
  const { counts, trades, status } = run.result
  expect(status).toBe('completed')
  expect(new Set(trades.map((trade) => trade.exitReason))).toEqual(new Set(['stop', 'target', 'time', 'intent']))
  expect(counts.denials).toBeGreaterThan(0)
  expect(counts.parameterChanges).toBeGreaterThan(0)
  expect(counts.deadLetters).toBe(0)
  expect(bookings(run.entries).some(({ entry }) => entry.kind === 'dividend')).toBe(true)
  expect(recordsOf(run.entries, 'halted').map(({ cause }) => cause)).toContain('daily-loss')
  expect(closes).toHaveLength(78)
})

/** What was executed and paid out, read from the messages and inputs of the run and not from its books. */
function bookedFromMessages(): readonly Booked[] {
  const fills = messagesOf<{ symbol: string; side: string; quantity: string; price: string; fee: string }>(
    run.entries,
    'order.filled',
  ).map(({ sequence, payload }): Booked => {
    const quantity = decimal(payload.quantity)
    return {
      kind: 'fill',
      symbol: payload.symbol,
      sequence,
      signedQuantity: payload.side === 'buy' ? quantity : zero.minus(quantity),
      notional: quantity.times(decimal(payload.price)),
      fee: decimal(payload.fee),
    }
  })
  const dividends = messagesOf<{ symbol: string; amountPerUnit: string }>(run.entries, 'market.dividend').map(
    ({ sequence, payload }): Booked => ({
      kind: 'dividend',
      symbol: payload.symbol,
      sequence,
      signedQuantity: zero,
      notional: decimal(payload.amountPerUnit),
      fee: zero,
    }),
  )
  return [...fills, ...dividends].sort((a, b) => a.sequence - b.sequence)
}

/** Books by hand: positions go from flat to flat, so what a sale realises is its share of the lots before it. */
function booksByHand(booked: readonly Booked[]) {
  let [cash, fees, income, realised] = [decimal('100000'), zero, zero, zero]
  const held = new Map<string, { quantity: Decimal; cost: Decimal }>()
  for (const { kind, symbol, signedQuantity, notional, fee } of booked) {
    const { quantity, cost } = held.get(symbol) ?? { quantity: zero, cost: zero }
    if (kind === 'dividend') {
      const paid = quantity.times(notional)
      cash = cash.plus(paid)
      income = income.plus(paid)
      continue
    }
    fees = fees.plus(fee)
    if (signedQuantity.gt(zero)) {
      cash = cash.minus(notional).minus(fee)
      held.set(symbol, { quantity: quantity.plus(signedQuantity), cost: cost.plus(notional) })
      continue
    }
    cash = cash.plus(notional).minus(fee)
    const left = quantity.plus(signedQuantity)
    if (!left.eq(zero)) throw new Error(`${symbol} was sold in parts: these books by hand know whole positions only`)
    realised = realised.plus(notional.minus(cost))
    held.set(symbol, { quantity: zero, cost: zero })
  }
  return { cash, fees, income, realised, held }
}

describe('the books of a whole run', () => {
  test('I18 cash + open cost + fees - realised - income = net deposits after every entry, exactly', () => {
    const balances = new Map<string, Decimal>()
    const balance = (prefix: string): Decimal =>
      [...balances]
        .filter(([account]) => account.startsWith(prefix))
        .reduce((sum, [, amount]) => sum.plus(amount), zero)
    const entries = bookings(run.entries)
    expect(entries.length).toBeGreaterThan(60)
    for (const { entry } of entries) {
      for (const { account, asset, amount } of entry.postings) {
        if (asset === 'USD') balances.set(account, (balances.get(account) ?? zero).plus(decimal(amount)))
      }
      // Income and deposits are kept as credits, so their signs are turned.
      const realised = zero.minus(balance('income:realised'))
      const income = zero.minus(balance('income:dividends')).minus(balance('income:interest'))
      const deposits = zero.minus(balance('equity:deposits'))
      const difference = balance('assets:cash')
        .plus(balance('assets:position'))
        .plus(balance('expenses:fees'))
        .minus(realised)
        .minus(income)
        .minus(deposits)
      expect(decimalText(difference), entry.entryId).toBe('0')
    }
  })

  test('I18 I21 cash, fees, income, realised profit and positions are what fills and dividends make them, at every close', () => {
    const booked = bookedFromMessages()
    for (const { sequence, portfolio } of closes) {
      const byHand = booksByHand(booked.filter((each) => each.sequence <= sequence))
      expect(portfolio.cash['USD']?.total).toBe(decimalText(byHand.cash))
      expect(portfolio).toMatchObject({
        fees: decimalText(byHand.fees),
        income: decimalText(byHand.income),
        realised: decimalText(byHand.realised),
        netDeposits: '100000',
      })
      const positions = [...byHand.held]
        .filter(([, { quantity }]) => !quantity.eq(zero))
        .map(([symbol, { quantity, cost }]) => [symbol, decimalText(quantity), decimalText(cost)])
      expect(portfolio.positions.map(({ symbol, quantity, openCost }) => [symbol, quantity, openCost])).toEqual(
        positions.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      )
    }
  })

  test('I19 each entry balances, and cites one event that no other entry cites', () => {
    const records = bookings(run.entries)
    expect(verifyBooks(records.map(({ entry }) => entry))).toMatchObject({ ok: true, entries: records.length })
    expect(new Set(records.map(({ entry }) => entry.eventId)).size).toBe(records.length)
    expect(records.every(({ event, entry }) => entry.eventId === event.eventId)).toBe(true)
    const altered = records.map(({ entry }, index) =>
      index === 3 ? { ...entry, postings: entry.postings.slice(1) } : entry,
    )
    expect(verifyBooks(altered)).toMatchObject({ ok: false })
  })

  test('I20 total = free + locked, and locked is what the open entries need, at every move of an order', () => {
    let largest = zero
    for (const { cash, orders } of moments) {
      expect(
        decimal(cash?.free ?? '0')
          .plus(decimal(cash?.locked ?? '0'))
          .eq(decimal(cash?.total ?? '0')),
      ).toBe(true)
      let [needed, atLeast] = [zero, zero]
      for (const { reservation, state, header } of orders) {
        if (reservation?.kind !== 'cash' || !openStatuses.has(state.status)) continue
        needed = needed
          .plus(decimal(reservation.perUnit).times(decimal(state.leavesQuantity)))
          .plus(decimal(reservation.fixed))
        atLeast = atLeast.plus(decimal(header.request.limitPrice ?? '0').times(decimal(state.leavesQuantity)))
      }
      expect(cash?.locked).toBe(decimalText(needed))
      expect(needed.gte(atLeast)).toBe(true)
      if (needed.gt(largest)) largest = needed
    }
    expect(largest.gt(decimal('10000')), 'two entries were open at once').toBe(true)
  })

  test('I20 at each close total = free + locked, and nothing is locked once the day orders have ended', () => {
    for (const { portfolio } of closes) {
      const { total = '', free = '', locked = '' } = portfolio.cash['USD'] ?? {}
      expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
      expect(locked).toBe('0')
    }
  })

  test('I23 a rebuild from the journal is the live state to the byte, and so is snapshot plus tail', () => {
    const recordsUpTo = (sequence: number) =>
      kernelRecords(run.entries.slice(0, sequence)).map((payload) => ({ payload }))
    const chosen = closes.filter((_, index) => index % 11 === 3)
    const last = closes.at(-1)
    if (last === undefined) throw new Error('no session was closed')
    for (const { sequence, snapshot } of [...chosen, last]) {
      expect(rebuildKernelState(recordsUpTo(sequence))).toBe(snapshot)
      const tail = kernelRecords(run.entries.slice(sequence, last.sequence)).map((payload) => ({ payload }))
      expect(rebuildKernelState(tail, snapshot)).toBe(last.snapshot)
    }
    expect(new Set(closes.map(({ snapshot }) => snapshot)).size).toBe(closes.length)
  })
})

describe('the way to the broker', () => {
  test('I10 I17 every order that was sent has a permit of its own, bound to its hash and in time; none is used twice', () => {
    const assessed = recordsOf(run.entries, 'order-assessed')
    const byOrder = new Map(assessed.map((record) => [record.header.orderId, record]))
    const renewals = recordsOf(run.entries, 'permit-renewed')
    const events = recordsOf(run.entries, 'order-event')
    const sent = events.filter(({ event }) => event.type === 'submitted')
    expect(sent.length).toBeGreaterThan(100)
    expect(new Set(sent.map(({ orderId }) => orderId)).size, 'each order is sent once').toBe(sent.length)
    expect(byOrder.size).toBe(assessed.length)
    const used = new Set<string>()
    for (const { orderId, time } of sent) {
      const record = byOrder.get(orderId)
      const permit =
        renewals.findLast((renewal) => renewal.orderId === orderId && renewal.time <= time)?.permit ??
        record?.verdict.permit
      if (record === undefined || permit === undefined) throw new Error(`order ${orderId} was sent without a permit`)
      expect(permit.orderHash).toBe(orderHash(record.header.request))
      expect(time).toBeGreaterThanOrEqual(permit.issuedAt)
      expect(time).toBeLessThanOrEqual(permit.expiresAt)
      expect(used.has(permit.permitId), `permit ${permit.permitId} is used once`).toBe(false)
      used.add(permit.permitId)
    }
    const permits = assessed.filter(({ verdict }) => verdict.permit !== undefined).length
    expect(sent.length).toBeLessThanOrEqual(permits)
    const denied = assessed.filter(({ verdict }) => verdict.permit === undefined)
    expect(denied.length).toBeGreaterThan(0)
    for (const { header } of denied) expect(sent.some(({ orderId }) => orderId === header.orderId)).toBe(false)
  })

  test('I17 the venue speaks of no order that was not sent before', () => {
    const sent = new Set<string>()
    for (const { orderId, event } of recordsOf(run.entries, 'order-event')) {
      if (event.type === 'submitted') sent.add(orderId)
      if ('clientOrderId' in event) expect(sent.has(orderId), `${event.type} of ${orderId}`).toBe(true)
    }
    expect(recordsOf(run.entries, 'external-event')).toEqual([])
  })
})
