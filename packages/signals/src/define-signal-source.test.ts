import { SwarmError } from '@tradeswarm/core'
import { describe, expect, it } from 'vitest'
import { defineSignalSource } from './define-signal-source.js'
import type { SignalSourceOptions } from './signal-source.js'

const valid: SignalSourceOptions = { name: 'my-feed', every: '1m', poll: async () => [] }

function codeAndMessage(options: unknown): string {
  try {
    defineSignalSource(options as SignalSourceOptions)
  } catch (error) {
    if (SwarmError.isInstance(error)) return `${error.code} ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('defineSignalSource', () => {
  it('fills in defaults and turns the interval into milliseconds', () => {
    expect(defineSignalSource(valid)).toMatchObject({ name: 'my-feed', everyMs: 60_000, weight: 0.5, synthetic: false })
  })

  it('keeps quota, weight, mark and nextDue', () => {
    const source = defineSignalSource({
      ...valid,
      quota: { requests: 60, perMs: 60_000 },
      weight: 0.85,
      synthetic: true,
      nextDue: (after) => after + 5,
    })
    expect(source).toMatchObject({ quota: { requests: 60, perMs: 60_000 }, weight: 0.85, synthetic: true })
    expect(source.nextDue?.(10)).toBe(15)
  })

  it('polls nothing by itself and calls poll with its own options as this', async () => {
    let polls = 0
    const source = defineSignalSource({
      ...valid,
      async poll() {
        polls += 1
        return [{ id: this.name, symbol: 'AAPL', text: 'x', at: 1 }]
      },
    } as SignalSourceOptions)
    expect(polls).toBe(0)
    const context = { since: undefined, now: 1, signal: new AbortController().signal, fetch }
    expect((await source.poll(context))[0]?.id).toBe('my-feed')
  })

  it.each([
    [{ ...valid, name: 'My Feed' }, 'name is "My Feed"'],
    [{ ...valid, name: '' }, 'name is ""'],
    [{ ...valid, name: 'a'.repeat(65) }, 'at most 64 characters'],
    [{ ...valid, every: '1 minute' }, 'every is "1 minute"'],
    [{ ...valid, every: 0 }, 'every is 0'],
    [{ ...valid, weight: 1.1 }, 'weight is 1.1; give a number from 0 to 1'],
    [{ ...valid, weight: Number.NaN }, 'weight is NaN'],
    [{ ...valid, quota: { requests: 0, perMs: 1_000 } }, 'quota.requests is 0'],
    [{ ...valid, quota: { requests: 1, perMs: -1 } }, 'quota.perMs is -1'],
    [{ ...valid, poll: undefined }, 'poll is undefined'],
    [{ ...valid, nextDue: 5 }, 'nextDue is 5'],
  ])('names option, value and range %#', (options, part) => {
    expect(codeAndMessage(options)).toMatch(/^INVALID_OPTION signal source /)
    expect(codeAndMessage(options)).toContain(part)
  })
})
