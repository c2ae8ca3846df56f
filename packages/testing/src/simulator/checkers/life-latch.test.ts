import { expect, test } from 'vitest'
import { createLifeLatch } from './life-latch.js'

test('holds again where its end was answered as failed, and no more where it was answered as done', () => {
  const latch = createLifeLatch()
  const [one, other] = [{}, {}]
  latch.hold()
  latch.beginEnd(one)
  expect(latch.holds).toBe(false)
  latch.finishEnd(one, true)
  expect(latch.holds).toBe(true)
  latch.beginEnd(other)
  latch.finishEnd(other, false)
  expect(latch.holds).toBe(false)
})

test('what was asked for before it does not end it', () => {
  const latch = createLifeLatch()
  const end = {}
  latch.beginEnd(end)
  latch.hold()
  expect(latch.holds).toBe(true)
  latch.finishEnd(end, false)
  expect(latch.holds).toBe(true)
})

test('of what has its turn beside its end nobody knows which came first', () => {
  const latch = createLifeLatch()
  const end = {}
  latch.beginEnd(end)
  latch.holdInTurn()
  latch.finishEnd(end, false)
  expect(latch.holds).toBe(false)
  latch.holdInTurn()
  expect(latch.holds).toBe(true)
})
