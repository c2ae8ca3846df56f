import { type Cancel, createSilentLogger } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { GapFiller } from './gap-filler.js'

type Order = { readonly id: string }

/** A filler of gaps whose timers fall due when it is said, and all that it has looked for: `all` for everything. */
function fillerOf(look: (ids: readonly string[], isAll: boolean) => readonly string[] | Promise<readonly string[]>) {
  const due = new Set<() => void>()
  const looks: string[] = []
  const times: number[] = []
  const at = (time: number, callback: () => void): Cancel => {
    times.push(time)
    due.add(callback)
    return () => void due.delete(callback)
  }
  const live: Order[] = []
  const gaps = new GapFiller<Order>({
    live: () => live,
    logger: createSilentLogger(),
    clock: { now: () => 0, at },
    look: async (orders, isAll) => {
      const ids = orders.map(({ id }) => id)
      looks.push(`${isAll ? 'all ' : ''}${ids.join()}`)
      const missing = await look(ids, isAll)
      return orders.filter(({ id }) => missing.includes(id))
    },
  })
  const pass = async (): Promise<void> => {
    const callbacks = [...due]
    due.clear()
    for (const callback of callbacks) callback()
    await gaps.settled()
  }
  return { gaps, looks, live, due, pass, times }
}

const [one, other] = [{ id: 'one' }, { id: 'other' }]

test('an order of which something is missing still is asked for again, whatever else is missing meanwhile', async () => {
  let isBehind = true
  const { gaps, looks, due, pass } = fillerOf((ids) => (isBehind ? ids : []))
  gaps.fill([one])
  await gaps.settled()
  gaps.fill([other])
  await gaps.settled()
  expect([looks, due.size]).toEqual([['one', 'other'], 1])
  isBehind = false
  await pass()
  expect(looks.at(-1)).toBe('one,other')
  expect(due.size).toBe(0)
})

test('what was missed in a break is asked for again after a failure, though an order is looked for meanwhile', async () => {
  let isDown = true
  const { gaps, looks, live, pass } = fillerOf((ids, isAll) => {
    if (isDown && isAll) throw new Error('down')
    return isDown ? ids : []
  })
  live.push(one)
  gaps.resync()
  await gaps.settled()
  gaps.fill([other])
  await gaps.settled()
  isDown = false
  await pass()
  expect(looks).toEqual(['all one', 'other', 'all one,other'])
})

test('an order that has ended is looked for until nothing of it is missing, through failures and breaks', async () => {
  let failures = 1
  const { gaps, looks, pass } = fillerOf(() => {
    failures -= 1
    if (failures >= 0) throw new Error('down')
    return []
  })
  // It is live no more: an execution of it came late.
  gaps.fill([one])
  gaps.resync()
  await gaps.settled()
  await pass()
  expect(looks).toEqual(['one', 'all one'])
})

test('nothing is asked for after the account is closed', async () => {
  const { gaps, looks, due } = fillerOf((ids) => ids)
  gaps.fill([one])
  await gaps.settled()
  gaps.close()
  gaps.fill([other])
  expect([looks, due.size]).toEqual([['one'], 0])
})

test('what is never to be seen is asked for less and less often, and at once when something is heard of it', async () => {
  const { gaps, looks, pass, times } = fillerOf((ids) => ids)
  gaps.fill([one])
  await gaps.settled()
  for (let count = 0; count < 8; count += 1) await pass()
  expect(looks).toHaveLength(9)
  expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  gaps.fill([one])
  await gaps.settled()
  expect(times.at(-1)).toBe(1_000)
})
