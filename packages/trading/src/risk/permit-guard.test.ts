import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderHash } from '../orders/order-hash.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { AccountMode, Permit, SignedOrder } from './permit.js'
import { createPermitChecks, type Standing } from './permit-checks.js'
import { createPermitDesk } from './permit-desk.js'
import { createPermitGuard } from './permit-guard.js'

const key = '5e'.repeat(32)

const request: OrderRequest = {
  account: 'test',
  clientOrderId: 'abc',
  symbol: 'AAA',
  side: 'buy',
  type: 'limit',
  quantity: '5',
  limitPrice: '100.5',
  timeInForce: 'day',
  reduceOnly: false,
}

const permit: Permit = {
  permitId: 'p1',
  orderHash: orderHash(request),
  issuedAt: 1_000,
  expiresAt: 6_000,
  haltEpoch: 1,
  policyVersion: 1,
  reservationId: 'r1',
}

/** A kernel's desk, and the guard of an adapter that hears from it over a wire. */
function bench({
  guardKey = key,
  account = 'test',
  mode = 'paper' as AccountMode,
  wanted = request,
  given = permit,
} = {}) {
  let time = 1_000
  let standing: Standing = { haltEpoch: 1, policyVersion: 1, entriesStopped: false }
  const clock = { now: () => time }
  const desk = createPermitDesk({ account: 'test', mode: 'paper', key, clock, standing: () => standing })
  const guard = createPermitGuard({ account, mode, key: guardKey, clock, standing: () => standing })
  return {
    wire: JSON.parse(JSON.stringify(desk.mint(wanted, given))) as SignedOrder,
    consume: (order: unknown) => guard.consume(order as SignedOrder),
    setTime: (to: number): void => {
      time = to
    },
    setStanding: (change: Partial<Standing>): void => {
      standing = { ...standing, ...change }
    },
  }
}

const refused = (code: string) => expect.objectContaining({ code })

test('I10 an order that went over a wire passes once, and is replayed in vain', () => {
  const { wire, consume } = bench()
  expect(Object.keys(wire)).toEqual(['request', 'permit', 'mode', 'signature'])
  consume(structuredClone(wire))
  expect(() => consume(wire)).toThrow(refused('PERMIT_USED'))
})

test('I10 a signed order that is altered in any one field is refused', () => {
  const { wire, consume } = bench()
  const altered = { text: '666', number: 666 }
  const alter = (value: unknown): unknown =>
    typeof value === 'number' ? altered.number : typeof value === 'boolean' ? !value : altered.text
  for (const part of ['request', 'permit'] as const) {
    for (const [field, value] of Object.entries(wire[part])) {
      const order = { ...wire, [part]: { ...wire[part], [field]: alter(value) } }
      expect(() => consume(order), `${part}.${field}`).toThrow(
        refused(part === 'permit' || field === 'account' ? 'PERMIT_FORGED' : 'PERMIT_MISMATCH'),
      )
      const { [field]: _, ...without } = wire[part] as Record<string, unknown>
      expect(() => consume({ ...wire, [part]: without }), `without ${part}.${field}`).toThrow(/was not sent/)
    }
  }
  expect(() => consume({ ...wire, request: { ...wire.request, stopPrice: '1' } })).toThrow(refused('PERMIT_MISMATCH'))
  expect(() => consume({ ...wire, mode: 'live' })).toThrow(refused('PERMIT_FORGED'))
  consume(wire)
})

test('I10 what nobody signed is forged', () => {
  const { wire, consume } = bench()
  const forgeries: unknown[] = [
    undefined,
    null,
    'order',
    {},
    { request: {}, permit: {}, mode: 'paper', signature: '' },
    { ...wire, signature: undefined },
    { ...wire, signature: '' },
    { ...wire, signature: wire.signature.toUpperCase() },
    { ...wire, signature: `${wire.signature}00` },
    { ...wire, permit: { ...wire.permit, haltEpoch: '1' } },
    { ...wire, permit: { ...wire.permit, expiresAt: Number.POSITIVE_INFINITY } },
  ]
  for (const forged of forgeries) expect(() => consume(forged)).toThrow(refused('PERMIT_FORGED'))
  fc.assert(
    fc.property(fc.nat(63), fc.integer({ min: 1, max: 15 }), (place, change) => {
      const digit = (Number.parseInt(wire.signature[place] ?? '0', 16) ^ change).toString(16)
      const signature = wire.signature.slice(0, place) + digit + wire.signature.slice(place + 1)
      expect(() => consume({ ...wire, signature })).toThrow(refused('PERMIT_FORGED'))
    }),
  )
})

test('I10 another key, another account and another mode are refused', () => {
  for (const [options, code] of [
    [{ guardKey: '5f'.repeat(32) }, 'PERMIT_FORGED'],
    [{ account: 'other' }, 'PERMIT_MISMATCH'],
    [{ mode: 'live' as const }, 'PERMIT_MISMATCH'],
  ] as const) {
    const { wire, consume } = bench(options)
    expect(() => consume(wire)).toThrow(refused(code))
  }
})

test.each<[string, string, (state: ReturnType<typeof bench>) => void]>([
  ['it has expired', 'PERMIT_EXPIRED', (state) => state.setTime(6_001)],
  ['trading was halted since', 'PERMIT_STALE', (state) => state.setStanding({ haltEpoch: 2 })],
  ['the policy changed since', 'PERMIT_STALE', (state) => state.setStanding({ policyVersion: 2 })],
  ['the kill switch is engaged', 'PERMIT_STALE', (state) => state.setStanding({ entriesStopped: true })],
])('I10 a signed permit does not hold when %s', (_, code, change) => {
  const state = bench()
  change(state)
  expect(() => state.consume(state.wire)).toThrow(refused(code))
})

test('I10 a permit from before the guard began is refused: it may have been used', () => {
  const { wire, consume } = bench({ given: { ...permit, issuedAt: 999 } })
  expect(() => consume(wire)).toThrow(refused('PERMIT_EXPIRED'))
})

test('I10 the key is told neither by an order nor by an error', () => {
  const { wire } = bench()
  expect(JSON.stringify(wire)).not.toContain(key)
  const short = '5e'.repeat(20)
  expect(() => bench({ guardKey: short })).toThrow(refused('INVALID_KEY'))
  expect(() => bench({ guardKey: short })).not.toThrow(short)
})

/** A guard, and orders that were signed at an instant. */
function replayBench() {
  let time = 0
  const standing: Standing = { haltEpoch: 1, policyVersion: 1, entriesStopped: false }
  const clock = { now: () => time }
  const desk = createPermitDesk({ account: 'test', mode: 'paper', key, clock, standing: () => standing })
  const guard = createPermitGuard({ account: 'test', mode: 'paper', key, clock, standing: () => standing })
  let issued = 0
  return {
    at(now: number): void {
      time = now
    },
    signed(): SignedOrder {
      issued += 1
      const given = { ...permit, permitId: `p${issued}`, issuedAt: time, expiresAt: time + 5_000 }
      return JSON.parse(JSON.stringify(desk.mint(request, given))) as SignedOrder
    },
    consume: (order: SignedOrder) => guard.consume(order),
  }
}

test('I10 a signed order is replayed in vain though the clock is put back behind its expiry', () => {
  const { at, signed, consume } = replayBench()
  const order = signed()
  consume(order)
  for (let later = 10_000; later < 20_000; later += 1_000) {
    at(later)
    consume(signed())
  }
  at(1_000)
  expect(() => consume(order)).toThrow(refused('PERMIT_USED'))
  consume(signed())
})

test('I10 what was used before the last 65,536 is not let through either, and new orders are, once the clock has caught up', () => {
  let time = 0
  let issued = 0
  const check = createPermitChecks(
    { account: 'test', mode: 'paper' },
    {
      clock: { now: () => time },
      standing: () => ({ haltEpoch: 1, policyVersion: 1, entriesStopped: false }),
      knowsByIdentity: false,
    },
  )
  const issue = (): SignedOrder => {
    issued += 1
    const given = { ...permit, permitId: `p${issued}`, issuedAt: time, expiresAt: time + 5_000 }
    return { request, permit: given, mode: 'paper', signature: '' }
  }
  const order = issue()
  check(order)
  // A permit of a time when the clock was a month ahead holds up nothing.
  time = 30 * 86_400_000
  const ahead = issue()
  check(ahead)
  time = 10_000
  for (let index = 0; index < 65_600; index += 1) check(issue())
  time = 1_000
  expect(() => check(order)).toThrow(refused('PERMIT_EXPIRED'))
  time = 10_000
  check(issue())
  time = 30 * 86_400_000
  expect(() => check(ahead)).toThrow(refused('PERMIT_USED'))
})
