import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineSupervisor, isSupervisorDefinition, type SupervisorDefinition } from './define-supervisor.js'
import { resolveSupervisor } from './resolve-supervisor.js'

class One {}
class Two {}

describe('defineSupervisor', () => {
  it('gives a frozen definition with its defaults, which is told from a child', () => {
    const definition = defineSupervisor({ name: 'desk', strategy: 'one-for-one', children: [One] })
    expect(definition).toEqual({
      kind: 'supervisor',
      name: 'desk',
      strategy: 'one-for-one',
      children: [One],
      intensity: { restarts: 5, perMs: 60_000 },
      backoff: {},
      onExceeded: undefined,
    })
    expect([definition, definition.children, definition.intensity].every(Object.isFrozen)).toBe(true)
    expect([definition, One, 'a', null].map((child) => isSupervisorDefinition<unknown>(child))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('knows the type of its children, whatever lies nested', () => {
    const inner = defineSupervisor({ name: 'inner', strategy: 'all-for-one', children: [Two] })
    const outer = defineSupervisor({ name: 'outer', strategy: 'rest-for-one', children: [One, inner] })
    expectTypeOf(outer).toEqualTypeOf<SupervisorDefinition<typeof One | typeof Two>>()
    expectTypeOf(outer).toExtend<SupervisorDefinition<new () => object>>()
    expect(outer.children).toEqual([One, inner])
  })

  it.each([
    [{ name: 'Desk' }, 'INVALID_NAME', '"Desk" is no name for a supervisor'],
    [
      { strategy: 'one' as 'one-for-one' },
      'INVALID_OPTION',
      'strategy of supervisor desk is "one"; it must be one of one-for-one, rest-for-one, all-for-one',
    ],
    [
      { onExceeded: 'stop' as 'escalate' },
      'INVALID_OPTION',
      'onExceeded of supervisor desk is "stop"; it must be one of quarantine, escalate',
    ],
    [
      { intensity: { restarts: -1, perMs: 1 } },
      'INVALID_OPTION',
      'intensity.restarts of supervisor desk is -1; it must be a whole number from 0 to 1000',
    ],
    [
      { intensity: { restarts: 1, perMs: 0 } },
      'INVALID_OPTION',
      'intensity.perMs of supervisor desk is 0; it must be a whole number from 1 to 86400000',
    ],
    [{ backoff: { factor: 0 } }, 'INVALID_OPTION', 'option factor of a backoff is 0'],
  ])('refuses %o', (wrong, code, message) => {
    const options = { name: 'desk', strategy: 'one-for-one' as const, children: [One], ...wrong }
    expect(() => defineSupervisor(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

describe('resolveSupervisor', () => {
  const inner = defineSupervisor({ name: 'inner', strategy: 'all-for-one', children: ['b', 'c'] })

  it('puts the ids of all replicas in the place of each child', () => {
    const outer = defineSupervisor({ name: 'outer', strategy: 'one-for-one', children: ['a', inner, 'd'] })
    expect(resolveSupervisor(outer, (child) => [child, `${child}-2`])).toMatchObject({
      name: 'outer',
      children: ['a', 'a-2', { name: 'inner', children: ['b', 'b-2', 'c', 'c-2'] }, 'd', 'd-2'],
    })
  })

  it('refuses a name or an id that occurs twice', () => {
    const nested = (children: readonly (string | typeof inner)[], name = 'outer') =>
      resolveSupervisor(defineSupervisor({ name, strategy: 'one-for-one', children }), (child: string) => [child])
    expect(() => nested(['a', inner], 'inner')).toThrow(expect.objectContaining({ code: 'DUPLICATE_SUPERVISOR' }))
    expect(() => nested([inner, inner])).toThrow(expect.objectContaining({ code: 'DUPLICATE_SUPERVISOR' }))
    expect(() => nested(['c', inner])).toThrow(expect.objectContaining({ code: 'DUPLICATE_AGENT' }))
  })
})
