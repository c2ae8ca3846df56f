import { expect, test } from 'vitest'
import type { OrderHeader } from '../orders/order-record.js'
import type { Contingency } from '../orders/order-request.js'
import { riskPolicy } from '../risk/risk-policy.js'
import { applyKernelRecord } from './apply-kernel-record.js'
import type { KernelRecord } from './kernel-record.js'
import { kernelSnapshot, restoreKernelState } from './kernel-snapshot.js'
import { forgottenAtOnce, maximumFinishedOrders } from './kernel-state.js'
import { rebuildKernelState, replayRecords } from './rebuild-kernel-state.js'

const opened: KernelRecord = {
  type: 'account-opened',
  time: 0,
  account: 'a',
  currency: 'USD',
  policy: riskPolicy({ maximumQuoteAgeMs: 1_000 }),
}

function assessed(
  orderId: string,
  contingency?: Contingency,
  family: Pick<OrderHeader, 'execution' | 'parentOrderId'> = {},
): KernelRecord {
  const request = {
    account: 'a',
    clientOrderId: `c-${orderId}`,
    symbol: 'AAA',
    side: 'buy',
    type: 'market',
    quantity: '1',
    timeInForce: 'day',
    reduceOnly: false,
  } as const
  return {
    type: 'order-assessed',
    time: 1,
    header: {
      orderId,
      intentId: `i-${orderId}`,
      purpose: 'entry',
      request,
      agent: 'trader',
      strategy: 's',
      asset: 'AAA',
      createdAt: 1,
      correlationId: 'k',
      causationId: 'c',
      ...(contingency === undefined ? {} : { contingency }),
      ...family,
    },
    verdict: {
      permit: {
        permitId: `p-${orderId}`,
        orderHash: '',
        issuedAt: 1,
        expiresAt: 2,
        haltEpoch: 0,
        policyVersion: 1,
        reservationId: `r-${orderId}`,
      },
      findings: [],
      warnings: [],
    },
  }
}

function told(orderId: string, type: 'accepted' | 'canceled'): KernelRecord {
  const event = { type, eventId: `${type}-${orderId}`, clientOrderId: `c-${orderId}`, venueOrderId: 'v', time: 1 }
  return { type: 'order-event', time: 1, orderId, event }
}

function ended(from: number, count: number): KernelRecord[] {
  return Array.from({ length: count }, (_, index) => `o${from + index}`).flatMap((id) => [
    assessed(id),
    told(id, 'canceled'),
  ])
}

const most = maximumFinishedOrders + forgottenAtOnce

test('orders that have ended are kept until many more have, and open ones for as long as they are open', () => {
  const state = replayRecords([opened, assessed('open'), ...ended(0, most)].map((payload) => ({ payload })))
  expect(state.orders.size).toBe(most + 1)
  for (const record of ended(most, 1)) applyKernelRecord(state, record)
  expect(state.orders.size).toBe(maximumFinishedOrders + 1)
  expect(state.orders.has('open')).toBe(true)
  expect(state.orders.has(`o${most}`)).toBe(true)
  expect(state.orders.has(`o${forgottenAtOnce + 1}`)).toBe(true)
  expect(state.orders.has(`o${forgottenAtOnce}`)).toBe(false)
  expect(state.index.orderByClientId.has('c-o0')).toBe(false)
  expect(state.index.orderByIntent.has('i-o0')).toBe(false)
})

test('I23 a snapshot and what came after it come to the same as all of it, while orders are forgotten', () => {
  const records = [opened, ...ended(0, most - 1), assessed('late'), told('late', 'accepted'), ...ended(most, 600)]
  const entries = records.map((payload) => ({ payload }))
  const whole = rebuildKernelState(entries)
  const cut = entries.length - 900
  const snapshot = kernelSnapshot(replayRecords(entries.slice(0, cut)))
  expect(rebuildKernelState(entries.slice(cut), snapshot)).toBe(whole)
  expect(kernelSnapshot(restoreKernelState(whole))).toBe(whole)
})

test('an order is remembered while its group has open orders', () => {
  const contingency = { type: 'one-cancels-other', group: 'g' } as const
  const pair = [assessed('first', contingency), assessed('second', contingency), told('first', 'canceled')]
  const state = replayRecords([opened, ...pair, ...ended(0, most + 1)].map((payload) => ({ payload })))
  expect(state.orders.has('first')).toBe(true)
  for (const record of [told('second', 'canceled'), ...ended(most + 1, most + 1)]) applyKernelRecord(state, record)
  expect(state.orders.has('first')).toBe(false)
  expect(state.index.groups.size).toBe(0)
})

test('a part of an order is remembered while that is worked, and hears late words of its venue when that is forgotten', () => {
  const parent = assessed('parent', undefined, { execution: { style: 'now' } })
  const child = assessed('child', undefined, { parentOrderId: 'parent' })
  const submitted: KernelRecord = {
    type: 'order-event',
    time: 1,
    orderId: 'parent',
    event: { type: 'submitted', eventId: 'submitted', time: 1 },
  }
  const family = [parent, submitted, child, told('child', 'canceled')]
  const state = replayRecords([opened, ...family, ...ended(0, most + 1)].map((payload) => ({ payload })))
  expect(state.orders.has('child')).toBe(true)
  state.orders.delete('parent')
  const event = {
    type: 'busted',
    eventId: 'b',
    clientOrderId: 'c-child',
    venueOrderId: 'v',
    time: 2,
    tradeId: 't',
  } as const
  applyKernelRecord(state, { type: 'order-event', time: 2, orderId: 'child', event })
  expect(state.orders.get('child')?.state.busted).toEqual({ t: true })
})
