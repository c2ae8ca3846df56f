import assert from 'node:assert/strict'

/**
 * What a handler has seen, checked as it comes: each number once, those of one symbol in order. `until` resolves when so
 * many have been seen. It is `assertSaw` that tells of a fault, for what a handler throws is its runtime's to deal with.
 */
export function createTally() {
  const lastOfSymbol = new Map()
  let count = 0
  let sum = 0
  let waiting
  let fault
  return {
    get count() {
      return count
    },
    saw({ sequence, symbol }) {
      const last = lastOfSymbol.get(symbol)
      if (last !== undefined && sequence <= last) {
        fault ??= `${symbol}: signal ${sequence} was handled after ${last}`
      }
      lastOfSymbol.set(symbol, sequence)
      count += 1
      sum += sequence
      if (waiting !== undefined && count >= waiting.target) {
        waiting.resolve()
        waiting = undefined
      }
    },
    until(target) {
      if (count >= target) return Promise.resolve()
      return new Promise((resolve) => {
        waiting = { target, resolve }
      })
    },
    /** Throws unless the signals 0 to `sent` - 1 were seen, each once. */
    assertSaw(sent) {
      assert.equal(fault, undefined, fault)
      assert.equal(count, sent, `${sent} signals were sent and ${count} handled`)
      assert.equal(sum, (sent * (sent - 1)) / 2, 'other signals were handled than were sent')
    },
  }
}
