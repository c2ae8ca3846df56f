import { expect, test } from 'vitest'
import { orderHash } from '../orders/order-hash.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { Permit, PermittedOrder } from './permit.js'
import type { Standing } from './permit-checks.js'
import { createPermitDesk } from './permit-desk.js'

const request: OrderRequest = {
  account: 'test',
  clientOrderId: 'abc',
  symbol: 'AAA',
  side: 'buy',
  type: 'market',
  quantity: '5',
  timeInForce: 'day',
  reduceOnly: false,
}

function bench() {
  let time = 1_000
  let standing: Standing = { haltEpoch: 1, policyVersion: 1, entriesStopped: false }
  const clock = { now: () => time }
  const desk = createPermitDesk({
    account: 'test',
    mode: 'paper',
    key: '5e'.repeat(32),
    clock,
    standing: () => standing,
  })
  const permit: Permit = {
    permitId: 'p1',
    orderHash: orderHash(request),
    issuedAt: 1_000,
    expiresAt: 6_000,
    haltEpoch: 1,
    policyVersion: 1,
    reservationId: 'r1',
  }
  return {
    desk,
    order: desk.mint(request, permit),
    consume: desk.guard.consume,
    setTime: (to: number): void => {
      time = to
    },
    setStanding: (change: Partial<Standing>): void => {
      standing = { ...standing, ...change }
    },
  }
}

test('I10 a permit works once', () => {
  const { order, consume } = bench()
  consume(order)
  expect(() => consume(order)).toThrow(expect.objectContaining({ code: 'PERMIT_USED' }))
})

test('I10 a literal, a copy and nothing at all are forged', () => {
  const { order, consume } = bench()
  const forgeries: unknown[] = [
    { ...order },
    structuredClone(order),
    { request, permit: order.permit },
    Object.create(order),
    undefined,
    null,
    'permit',
  ]
  for (const forged of forgeries) {
    expect(() => consume(forged as PermittedOrder)).toThrow(expect.objectContaining({ code: 'PERMIT_FORGED' }))
  }
})

test('I10 a permitted order cannot be altered', () => {
  const { order, consume } = bench()
  expect(() => Object.assign(order.request, { quantity: '500' })).toThrow(TypeError)
  expect(() => Object.assign(order, { request: { ...request, quantity: '500' } })).toThrow(TypeError)
  expect(() => consume(order)).not.toThrow()
})

test('I10 a permit of another order does not fit', () => {
  const state = bench()
  const order = state.desk.mint({ ...request, quantity: '500' }, state.order.permit)
  expect(() => state.consume(order)).toThrow(expect.objectContaining({ code: 'PERMIT_MISMATCH' }))
})

test('I10 the guard of one authority knows nothing of the orders of another', () => {
  const [one, other] = [bench(), bench()]
  expect(() => other.consume(one.order)).toThrow(expect.objectContaining({ code: 'PERMIT_FORGED' }))
})

test.each<[string, string, (state: ReturnType<typeof bench>) => void]>([
  ['it has expired', 'PERMIT_EXPIRED', (state) => state.setTime(6_001)],
  ['trading was halted since', 'PERMIT_STALE', (state) => state.setStanding({ haltEpoch: 2 })],
  ['the policy changed since', 'PERMIT_STALE', (state) => state.setStanding({ policyVersion: 2 })],
  [
    'the account is frozen',
    'PERMIT_FROZEN',
    (state) => state.setStanding({ nothingSent: { code: 'PERMIT_FROZEN', reason: 'all is frozen' } }),
  ],
  ['the kill switch is engaged', 'PERMIT_STALE', (state) => state.setStanding({ entriesStopped: true })],
])('I10 a permit does not hold when %s', (_, code, change) => {
  const state = bench()
  change(state)
  expect(() => state.consume(state.order)).toThrow(expect.objectContaining({ code }))
})

test('a permit that failed a check may still be used when the check passes', () => {
  const state = bench()
  state.setStanding({ policyVersion: 2 })
  expect(() => state.consume(state.order)).toThrow()
  state.setStanding({ policyVersion: 1 })
  expect(() => state.consume(state.order)).not.toThrow()
})

test('I10 a permit works once though the clock is put back behind its expiry', () => {
  const { desk, order, consume, setTime } = bench()
  consume(order)
  for (let later = 10_000; later < 20_000; later += 1_000) {
    setTime(later)
    const permit = { ...order.permit, permitId: `p${later}`, issuedAt: later, expiresAt: later + 5_000 }
    consume(desk.mint(request, permit))
  }
  setTime(1_000)
  expect(() => consume(order)).toThrow(expect.objectContaining({ code: 'PERMIT_USED' }))
  expect(() => consume(desk.mint(request, order.permit))).toThrow(expect.objectContaining({ code: 'PERMIT_USED' }))
})
