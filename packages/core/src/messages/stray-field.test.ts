import { expect, it } from 'vitest'
import { z } from 'zod'
import { strayField } from './stray-field.js'

const plain = z.object({ mood: z.number().default(0.5), limits: z.object({ most: z.number() }).optional() })
const path = (schema: z.ZodType, value: unknown): string | undefined => strayField(schema, value)?.path.join('.')

it('is the first that a plain object would drop, with what there is in its place', () => {
  expect(strayField(plain, { mood: 1, moood: 2, other: 3 })).toEqual({ path: ['moood'], known: ['mood', 'limits'] })
  expect(strayField(plain, { limits: { moost: 1 } })).toEqual({ path: ['limits', 'moost'], known: ['most'] })
  expect(strayField(plain, JSON.parse('{"__proto__":1}'))?.path).toEqual(['__proto__'])
})

it.each<[string, z.ZodType]>([
  ['has a default', plain.default({ mood: 1 })],
  ['has a default before it is read', plain.prefault({})],
  ['may be missing', plain.optional()],
  ['may be null', plain.nullable()],
  ['is read only', plain.readonly()],
  ['has something to fall back on', plain.catch({ mood: 1 })],
  ['is checked further', plain.refine(() => true)],
  ['is transformed afterwards', plain.transform(({ mood }) => mood)],
  ['is piped on', plain.pipe(z.any())],
])('is found where the object %s', (_, schema) => {
  expect(path(schema, { moood: 1 })).toBe('moood')
  expect(path(schema, { mood: 1 })).toBeUndefined()
})

it('is found in lists and records of plain objects', () => {
  expect(path(z.object({ all: z.array(plain) }), { all: [{ mood: 1 }, { moood: 1 }] })).toBe('all.1.moood')
  expect(path(z.record(z.string(), plain), { one: { moood: 1 } })).toBe('one.moood')
})

it.each<[string, z.ZodType, unknown]>([
  ['an object that is loose', z.looseObject({ mood: z.number() }), { moood: 1 }],
  ['an object with a schema for the rest', z.object({}).catchall(z.number()), { moood: 1 }],
  ['a strict object, which tells of it itself', z.strictObject({ mood: z.number() }), { moood: 1 }],
  ['a union, where it may belong to another member', z.union([plain, z.object({ moood: z.number() })]), { moood: 1 }],
  ['an intersection', z.intersection(plain, z.object({ moood: z.number() })), { moood: 1 }],
  ['what is changed before it is read', z.preprocess(() => ({ mood: 1 }), plain), { moood: 1 }],
  ['a schema of a function', z.custom<object>(), { moood: 1 }],
  ['what is no object', plain, 'moood'],
  ['nothing', plain, undefined],
  ['a list', plain, ['moood']],
])('is not looked for in %s', (_, schema, value) => {
  expect(strayField(schema, value)).toBeUndefined()
})
