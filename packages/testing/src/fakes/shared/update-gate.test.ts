import { expect, test } from 'vitest'
import { UpdateGate } from './update-gate.js'

function open(conditions: Partial<{ shuffleUpdates: boolean; loseUpdates: boolean }> = {}) {
  const sent: number[] = []
  const set = { shuffleUpdates: false, loseUpdates: false, ...conditions }
  return { sent, set, gate: new UpdateGate<number>(set, (update) => void sent.push(update)) }
}

test('what is held comes when it is released, in its order', () => {
  const { gate, sent } = open()
  gate.hold()
  gate.publish(1)
  gate.publish(2)
  expect([sent, gate.unsent]).toEqual([[], 2])
  gate.release()
  gate.publish(3)
  expect([sent, gate.unsent]).toEqual([[1, 2, 3], 0])
})

test('each pair changes places, and the last one of an odd number waits for the flush', () => {
  const { gate, sent } = open({ shuffleUpdates: true })
  for (const update of [1, 2, 3]) gate.publish(update)
  expect(sent).toEqual([2, 1])
  gate.flush()
  expect(sent).toEqual([2, 1, 3])
})

test('a flush is for what is still held, too', () => {
  const { gate, sent } = open({ shuffleUpdates: true })
  gate.publish(1)
  gate.hold()
  gate.publish(2)
  gate.flush()
  expect(sent).toEqual([1])
  gate.release()
  expect(sent).toEqual([1, 2])
  gate.publish(3)
  expect(sent).toEqual([1, 2])
})

test('what is lost never comes', () => {
  const { gate, sent, set } = open({ loseUpdates: true })
  gate.publish(1)
  set.loseUpdates = false
  gate.publish(2)
  expect(sent).toEqual([2])
})
