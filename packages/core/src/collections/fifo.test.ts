import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fifo } from './fifo.js'

describe('a fifo', () => {
  it('does what an array does, for any sequence of calls', () => {
    const call = fc.oneof(
      fc.record({ act: fc.constantFrom('push', 'unshift' as const), item: fc.nat() }),
      fc.record({ act: fc.constantFrom('shift', 'peek', 'drain' as const) }),
    )
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
        const fifo = new Fifo<number>()
        const model: number[] = []
        for (const each of calls) {
          if ('item' in each) {
            fifo[each.act](each.item)
            model[each.act](each.item)
          } else if (each.act === 'shift') expect(fifo.shift()).toBe(model.shift())
          else if (each.act === 'peek') expect(fifo.peek()).toBe(model[0])
          else expect(fifo.drain()).toEqual(model.splice(0))
          expect(fifo.length).toBe(model.length)
        }
      }),
    )
  })
})
