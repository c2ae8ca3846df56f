import { expect, test } from 'vitest'
import { ExpiryDesk } from './expiry-desk.js'
import { tagOf } from './order-tag.js'
import type { TrackedOrder } from './tracked-order.js'

/** An order that may rest until an instant. */
function until(expiresAt: number): TrackedOrder {
  const tag = tagOf({ type: 'limit', timeInForce: 'gtd', expiresAt } as Parameters<typeof tagOf>[0], 0)
  return { order: { tag } } as TrackedOrder
}

function desk(live: readonly TrackedOrder[]) {
  let now = 0
  let timer: { readonly time: number; readonly callback: () => void } | undefined
  const endings: { readonly orders: readonly TrackedOrder[]; done: () => void }[] = []
  const expiries = new ExpiryDesk({
    live: () => live,
    now: () => now,
    timers: {
      now: () => now,
      at(time, callback) {
        const set = { time, callback }
        timer = set
        return () => {
          if (timer === set) timer = undefined
        }
      },
    },
    end: (orders) => new Promise<void>((done) => void endings.push({ orders, done })),
  })
  const wake = (): number | undefined => {
    const due = timer
    timer = undefined
    now = due?.time ?? now
    due?.callback()
    return due?.time
  }
  return { expiries, endings, wake, tick: (time: number) => (now = time), next: () => timer?.time }
}

test('what could not be cancelled is tried again, though something was heard of another while it was asked for', async () => {
  const { expiries, endings, tick, next, wake } = desk([until(1_000)])
  tick(1_000)
  expiries.watch()
  expect(endings).toHaveLength(1)
  expiries.noteTag('tsuzzz')
  endings[0]?.done()
  await expiries.settled()
  expect(next()).toBeDefined()
  wake()
  expect(endings).toHaveLength(2)
})

test('an order ends in its time, whatever ended just before', async () => {
  const { expiries, endings, tick, wake } = desk([until(1_000), until(1_300)])
  tick(1_000)
  expiries.watch()
  endings[0]?.done()
  await expiries.settled()
  expect(wake()).toBe(1_300)
  expect(endings).toHaveLength(2)
})
