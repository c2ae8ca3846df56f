import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from './request.js'
import { defineTopic } from './topic.js'
import { validate } from './validate.js'

const schema = z.object({ symbol: z.string(), levels: z.array(z.object({ price: z.string() })) })

describe('defineTopic and defineRequest', () => {
  it('default to normal priority and one key for the topic', () => {
    const topic = defineTopic('price.moved', { schema, delivery: 'durable' })
    expect(topic).toMatchObject({ kind: 'topic', name: 'price.moved', delivery: 'durable', priority: 'normal' })
    expect(topic.key({ symbol: 'A', levels: [] })).toBe('')
  })

  it.each(['', 'Price', 'price..moved', '.price', 'price.', 'price moved', '1price', 'price_moved'])(
    'refuse the name %j',
    (name) => {
      expect(() => defineTopic(name, { schema, delivery: 'durable' })).toThrow(
        expect.objectContaining({ code: 'INVALID_NAME' }),
      )
      expect(() => defineRequest(name, { input: schema, output: schema, idempotent: true })).toThrow(
        expect.objectContaining({ code: 'INVALID_NAME' }),
      )
    },
  )
})

describe('defineTopic and defineRequest, without a compiler', () => {
  const topic = (options: object) => () =>
    defineTopic('price.moved', { schema, delivery: 'durable', ...options } as never)
  const request = (options: object) => () =>
    defineRequest('price.get', { input: schema, output: schema, idempotent: true, ...options } as never)

  it.each([
    ['schema', topic({ schema: undefined })],
    ['delivery', topic({ delivery: 'durible' })],
    ['priority', topic({ priority: 'urgent' })],
    ['overflow', topic({ overflow: 'drop' })],
    ['input', request({ input: {} })],
    ['output', request({ output: undefined })],
    ['idempotent', request({ idempotent: undefined })],
    ['selection', request({ selection: 'random' })],
  ])('refuse a wrong %s by its name', (option, define) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(option) }),
    )
  })
})

describe('validate', () => {
  it('names what was validated and every field that failed, with its path', () => {
    const attempt = (): unknown => validate(schema, { levels: [{ price: 1 }] }, 'topic book.changed')
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'INVALID_PAYLOAD', context: { fields: ['symbol', 'levels.0.price'] } }),
    )
    expect(attempt).toThrow(/^topic book\.changed: symbol: .*; levels\[0\]\.price: /)
  })

  it('says so when the whole value is wrong', () => {
    expect(() => validate(schema, 5, 'topic book.changed')).toThrow('(the whole value)')
  })
})
