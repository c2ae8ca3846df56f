import { SwarmError } from '@tradeswarm/core'
import { decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gate } from '../testing-support/scripted-model.test-support.js'
import { type BudgetAlert, type BudgetOptions, createBudget } from './budget.js'
import type { BudgetStore } from './budget-store.js'

const noon = Date.UTC(2026, 0, 2, 12)
const aDay = 86_400_000
const usd = (text: string) => decimal(text)

/** A store that lies in a variable, and survives the budgets over it. */
function memoryStore(): BudgetStore & { text: string | undefined; writes: number } {
  return {
    text: undefined,
    writes: 0,
    async read() {
      return this.text
    },
    async write(text) {
      await Promise.resolve()
      this.text = text
      this.writes += 1
    },
  }
}

function world(options: BudgetOptions = {}) {
  let now = noon
  const alerts: BudgetAlert[] = []
  const budget = createBudget({ clock: { now: () => now }, onAlert: (alert) => alerts.push(alert), ...options })
  return {
    budget,
    alerts,
    at: (time: number) => {
      now = time
    },
    used: (account = 'swarm', period = 'day') =>
      budget.status().find((line) => line.account === account && line.period === period)?.usedUsd,
  }
}

describe('a budget', () => {
  test('keeps the worst case before the call, and the cost after it', async () => {
    const { budget, used } = world({ usdPerDay: 1 })
    const reservation = await budget.reserve(usd('0.7'))
    expect(used()).toBe('0.7')
    await expect(budget.reserve(usd('0.4'))).rejects.toThrow(
      /budget of swarm is 1 USD for the day; 0.7 are spent or set aside/,
    )
    reservation.settle(usd('0.123'))
    reservation.settle(usd('5'))
    reservation.release()
    expect(used()).toBe('0.123')
    ;(await budget.reserve(usd('0.877'))).release()
    expect(used()).toBe('0.123')
  })

  test('is kept exactly with 1,000 calls at once and a restart in the middle', async () => {
    const store = memoryStore()
    const before = world({ usdPerDay: '1', store })
    const asked = await Promise.allSettled(Array.from({ length: 1_000 }, () => before.budget.reserve(usd('0.003'))))
    const granted = asked.filter(({ status }) => status === 'fulfilled')
    // 333 × 0.003 = 0.999.
    expect(granted).toHaveLength(333)
    expect(
      asked
        .filter(({ status }) => status === 'rejected')
        .every((result) => SwarmError.isInstance((result as PromiseRejectedResult).reason, 'BUDGET_EXCEEDED')),
    ).toBe(true)
    expect(store.writes).toBeLessThan(10)
    // The process dies with all of them under way, and they may all be billed.
    const after = world({ usdPerDay: '1', store })
    const again = await Promise.allSettled(Array.from({ length: 1_000 }, () => after.budget.reserve(usd('0.0005'))))
    expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(after.used()).toBe('1')
  })

  test('reserves for agent, strategy and swarm together or for none', async () => {
    const { budget, used } = world({
      usdPerDay: 10,
      agents: { analyst: { usdPerDay: 2 } },
      strategies: { gap: { usdInAll: 1 } },
    })
    await budget.reserve(usd('0.9'), { agent: 'analyst', strategy: 'gap' })
    await expect(budget.reserve(usd('0.2'), { agent: 'analyst', strategy: 'gap' })).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
      context: { account: 'strategy gap', period: 'ever' },
    })
    expect([used(), used('agent analyst'), used('strategy gap', 'ever')]).toEqual(['0.9', '0.9', '0.9'])
    await budget.reserve(usd('1.1'), { agent: 'analyst' })
    await budget.reserve(usd('8'), { agent: 'scout' })
    expect([used(), used('agent analyst')]).toEqual(['10', '2'])
  })

  test('holds by name what outlives the process: it is reserved again, not spent, and settled once', async () => {
    const store = memoryStore()
    const before = world({ usdPerDay: 1, store })
    await before.budget.reserve(usd('0.5'), { agent: 'a' }, 'batch')
    await before.budget.reserve(usd('0.2'))
    expect(before.used()).toBe('0.7')
    const after = world({ usdPerDay: 1, usdInAll: 5, store })
    // Asked again under its name it is the same.
    await after.budget.reserve(usd('0.5'), { agent: 'a' }, 'batch')
    expect(after.used()).toBe('0.7')
    const held = await after.budget.held('batch')
    held?.settle(usd('0.1'))
    held?.settle(usd('9'))
    expect([after.used(), after.used('swarm', 'ever')]).toEqual(['0.3', '0.3'])
    expect(await after.budget.held('batch')).toBeUndefined()
    await after.budget.flush()
    expect(store.text).not.toContain('batch')
    const later = world({ usdPerDay: 1, store })
    expect(await later.budget.held('batch')).toBeUndefined()
    expect(later.used()).toBe('0.3')
  })

  test('begins anew with the UTC day; what ends later counts to the day in which it was sent; a clock that goes back opens nothing', async () => {
    const { budget, used, at } = world({ usdPerDay: 1, usdInAll: 3 })
    const late = await budget.reserve(usd('1'))
    at(noon + aDay)
    const today = await budget.reserve(usd('0.6'))
    late.settle(usd('0.9'))
    expect([used(), used('swarm', 'ever')]).toEqual(['0.6', '1.5'])
    at(noon)
    await expect(budget.reserve(usd('0.5'))).rejects.toThrow(/for the day/)
    today.settle(usd('0.6'))
    expect(used()).toBe('0.6')
  })

  test('tells of 80 % once a day, and of a bill beyond what could be foreseen', async () => {
    const { budget, alerts, at } = world({ usdPerDay: 1 })
    ;(await budget.reserve(usd('0.79'))).settle(usd('0.79'))
    expect(alerts).toEqual([])
    ;(await budget.reserve(usd('0.01'))).settle(usd('0.01'))
    const last = await budget.reserve(usd('0.1'))
    expect(alerts).toEqual([
      { code: 'BUDGET_NEARLY_USED', account: 'swarm', period: 'day', usedUsd: '0.8', limitUsd: '1' },
    ])
    last.settle(usd('0.3'))
    expect(alerts.slice(1)).toEqual([
      { code: 'BUDGET_OVERRUN', account: 'swarm', period: 'day', usedUsd: '1.1', limitUsd: '1' },
    ])
    at(noon + aDay)
    await budget.reserve(usd('0.9'))
    expect(alerts).toHaveLength(3)
  })

  test('that cannot be read or written lets no call out, and holds nothing back for it', async () => {
    const store = memoryStore()
    let isDown = true
    const failing: BudgetStore = {
      read: async () => (isDown ? Promise.reject(new Error('down')) : store.read()),
      write: async (text) => (isDown ? Promise.reject(new Error('full')) : store.write(text)),
    }
    const { budget, used } = world({ usdPerDay: 1, store: failing })
    await expect(budget.reserve(usd('1'))).rejects.toMatchObject({
      code: 'BUDGET_UNAVAILABLE',
      retryability: 'retryable',
    })
    isDown = false
    const first = await budget.reserve(usd('0.5'))
    isDown = true
    await expect(budget.reserve(usd('0.5'))).rejects.toThrow(/could not be written/)
    first.settle(usd('0.1'))
    isDown = false
    await budget.reserve(usd('0.9'))
    expect(used()).toBe('1')
  })

  test.each(['', '{}', '{"version":1,"day":"today","accounts":{}}', '{"version":2}'])(
    'with a damaged book lets no call out: %s',
    async (text) => {
      const store = memoryStore()
      store.text = text
      await expect(world({ usdPerDay: 1, store }).budget.reserve(usd('0'))).rejects.toMatchObject({
        code: 'BUDGET_UNAVAILABLE',
      })
    },
  )

  test('a call waits for the write of its own reservation, not of an earlier one', async () => {
    const first = gate()
    const texts: string[] = []
    const store: BudgetStore = {
      read: async () => undefined,
      write: async (text) => {
        texts.push(text)
        if (texts.length === 1) await first.promise
      },
    }
    const { budget } = world({ usdPerDay: 1, store })
    const one = budget.reserve(usd('0.1'))
    await Promise.resolve()
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)))
    const two = budget.reserve(usd('0.2'))
    first.open()
    await Promise.all([one, two])
    expect(JSON.parse(texts.at(-1) ?? '')).toMatchObject({ accounts: { swarm: { reserved: '0.3' } } })
  })

  test('whatever happens in whatever order, what is billed stays within the limit, through any restart', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('call' as const), worst: fc.nat({ max: 40 }), costs: fc.nat({ max: 100 }) }),
      fc.record({ act: fc.constant('end' as const), which: fc.nat({ max: 10 }) }),
      fc.record({ act: fc.constant('restart' as const) }),
      fc.record({ act: fc.constant('next day' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = memoryStore()
        let now = noon
        let day = 0
        const open = () => createBudget({ usdPerDay: '1', store, clock: { now: () => now } })
        let budget = open()
        let underWay: { day: number; cost: number; settle: () => void }[] = []
        const billed = new Map<number, number>()
        for (const one of steps) {
          if (one.act === 'call') {
            const reservation = await budget
              .reserve(usd(`0.${String(one.worst).padStart(2, '0')}`))
              .catch(() => undefined)
            if (reservation === undefined) continue
            const cost = Math.floor((one.worst * one.costs) / 100)
            // The provider bills it, whether or not we live to hear of it.
            billed.set(day, (billed.get(day) ?? 0) + cost)
            underWay.push({ day, cost, settle: () => reservation.settle(usd(`0.${String(cost).padStart(2, '0')}`)) })
          } else if (one.act === 'end') underWay.splice(one.which, 1)[0]?.settle()
          else if (one.act === 'next day') {
            day += 1
            now += aDay
          } else {
            await budget.flush()
            underWay = []
            budget = open()
          }
        }
        for (const cents of billed.values()) expect(cents).toBeLessThanOrEqual(100)
      }),
      { numRuns: 300 },
    )
  })
})

test('limits that make no sense are named', () => {
  expect(() => createBudget({})).toThrow(/budget has no limit/)
  expect(() => createBudget({ usdPerDay: -1 })).toThrow(/budget.usdPerDay is -1/)
  expect(() => createBudget({ agents: { a: { usdPerDay: Number.NaN } } })).toThrow(/budget.agents.a.usdPerDay/)
  expect(() => createBudget({ usdPerday: 1 } as never)).toThrow(/did you mean usdPerDay/)
})
