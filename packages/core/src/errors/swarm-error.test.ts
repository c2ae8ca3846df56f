import { describe, expect, it } from 'vitest'
import { messageOf, SwarmError } from './swarm-error.js'

describe('SwarmError', () => {
  it('is known by its marker, even when another copy of the package made it', () => {
    const foreign = Object.assign(new Error('elsewhere'), { [Symbol.for('tradeswarm.error')]: true, code: 'STALE' })
    expect(SwarmError.isInstance(foreign)).toBe(true)
    expect(SwarmError.isInstance(foreign, 'STALE')).toBe(true)
    expect(SwarmError.isInstance(foreign, 'OTHER')).toBe(false)
    for (const other of [new Error('plain'), null, undefined, 'text', { code: 'STALE' }])
      expect(SwarmError.isInstance(other)).toBe(false)
  })

  it('carries code, cause and context, and is fatal unless it says otherwise', () => {
    const cause = new Error('below')
    const error = new SwarmError({ code: 'BROKEN', message: 'it broke', cause, context: { field: 'x' } })
    expect(error).toMatchObject({
      name: 'SwarmError',
      code: 'BROKEN',
      message: 'it broke',
      cause,
      context: { field: 'x' },
      retryability: 'fatal',
    })
    expect('cause' in new SwarmError({ code: 'BROKEN', message: 'it broke' })).toBe(false)
  })

  it('takes the message of whatever was thrown', () => {
    expect([messageOf(new Error('a')), messageOf('b'), messageOf(undefined)]).toEqual(['a', 'b', 'undefined'])
  })
})
