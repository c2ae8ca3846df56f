import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Consumer } from './consumer.js'

const everything = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('a consumer', () => {
  it('I35 knows after a crash at any point what was acknowledged and what was not, in whatever order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            // Entries of other topics lie between its own.
            gaps: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: count, maxLength: count }),
            order: fc.shuffledSubarray(everything(count), { minLength: count, maxLength: count }),
            crashAfter: fc.nat(count),
          }),
        ),
        ({ count, gaps, order, crashAfter }) => {
          const stored = { cursor: 0, documents: new Map<string, string>() }
          const consumer = new Consumer('c', 0, () => undefined)
          consumer.live = true
          let sequence = 0
          const sequences = gaps.map((gap) => (sequence += gap))
          for (const each of sequences) consumer.handOver(each)
          const save = (): void => {
            stored.cursor = consumer.cursor(sequence)
            for (const { key, value } of consumer.takeChanges('acks/')) {
              if (value === undefined) stored.documents.delete(key)
              else stored.documents.set(key, value)
            }
          }
          for (const place of order.slice(0, crashAfter)) {
            consumer.acknowledge(sequences[place - 1] ?? 0)
            save()
          }
          const restored = new Consumer('c', stored.cursor, () => undefined)
          for (const text of stored.documents.values()) restored.restore(text)
          const acknowledged = new Set(order.slice(0, crashAfter))
          for (const [index, each] of sequences.entries()) {
            expect(restored.expects(each)).toBe(!acknowledged.has(index + 1))
            if (restored.expects(each)) restored.handOver(each)
            else restored.skipTo(each)
          }
          expect(restored.outstanding).toBe(count - crashAfter)
          for (const place of everything(count))
            if (!acknowledged.has(place)) restored.acknowledge(sequences[place - 1] ?? 0)
          restored.live = true
          expect([restored.outstanding, restored.cursor(sequence)]).toEqual([0, sequence])
          if (crashAfter === count) expect(stored).toEqual({ cursor: sequence, documents: new Map() })
        },
      ),
    )
  })

  it('writes nothing beside its cursor while acknowledgements come in order', () => {
    const consumer = new Consumer('c', 0, () => undefined)
    consumer.live = true
    for (const sequence of everything(1_000)) consumer.handOver(sequence)
    for (const sequence of everything(999)) consumer.acknowledge(sequence)
    expect([consumer.takeChanges('acks/'), consumer.cursor(5_000)]).toEqual([[], 999])
    consumer.acknowledge(1_000)
    expect(consumer.cursor(5_000)).toBe(5_000)
  })

  it('rewinds to an entry and reads from there again', () => {
    const consumer = new Consumer('c', 0, () => undefined)
    consumer.live = true
    for (const sequence of [5, 6, 7]) consumer.handOver(sequence)
    for (const sequence of [7, 5, 6]) consumer.acknowledge(sequence)
    consumer.rewind(6)
    expect([5, 6, 7].map((sequence) => consumer.expects(sequence))).toEqual([false, true, true])
    expect(consumer.cursor(100)).toBe(5)
  })

  it('counts as outstanding what it handed over itself, whatever was acknowledged further on before', () => {
    const consumer = new Consumer('c', 0, () => undefined)
    consumer.restore('5,6,7')
    consumer.handOver(1)
    expect(consumer.outstanding).toBe(1)
    consumer.acknowledge(1)
    for (const sequence of [5, 6, 7]) consumer.skipTo(sequence)
    expect([consumer.outstanding, consumer.cursor(7)]).toEqual([0, 7])
  })
})
