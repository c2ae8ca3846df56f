import { expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { failureFields } from './failure-fields.js'

it('says where a mistake in the code of an agent is', () => {
  const { error, stack } = failureFields(new TypeError('cannot read it'))
  expect(error).toBe('cannot read it')
  expect(stack).toEqual(expect.arrayContaining([expect.stringContaining('failure-fields.test.ts')]))
})

it('says no more than the message of an error of ours, and of what is none', () => {
  expect(failureFields(new SwarmError({ code: 'INVALID_OPTION', message: 'no' }))).toEqual({ error: 'no' })
  expect(failureFields('thrown text')).toEqual({ error: 'thrown text' })
})
