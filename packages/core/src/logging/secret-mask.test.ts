import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSecretMask } from './secret-mask.js'

const mask = createSecretMask()

describe('a secret mask', () => {
  it('takes out what the name of its key gives away, at any depth, and tells where', () => {
    const config = {
      limit: 7,
      apiKey: 'k-1',
      venues: [{ name: 'here', auth: { token: 't', maxTokens: 500 } }],
      webhook: null,
      secrets: { a: 1, b: [2] },
    }
    expect(mask(config)).toEqual({
      data: {
        limit: 7,
        apiKey: '[redacted]',
        venues: [{ name: 'here', auth: { token: '[redacted]', maxTokens: 500 } }],
        webhook: null,
        secrets: '[redacted]',
      },
      masked: ['apiKey', 'venues.0.auth.token', 'secrets'],
    })
  })

  it('takes out what looks like a secret, also in a key, and keeps the rest of its text', () => {
    expect(mask({ url: 'https://me:pass@feed.test/x', 'ann@firm.test': 1, note: 'Bearer abcdefgh' })).toEqual({
      data: { url: 'https://[redacted]@feed.test/x', '[redacted]': 1, note: 'Bearer [redacted]' },
      masked: ['url', '[redacted]', 'note'],
    })
  })

  it('takes out headers, by their names', () => {
    const { data, masked } = mask({ list: [{ name: 'Authorization', value: 'abc' }], pair: ['x-api-key', 'abc'] })
    expect(JSON.stringify(data)).not.toContain('abc')
    expect(masked).toEqual(['list.0.value', 'pair.1'])
  })

  it('takes out what is secret by its options', () => {
    const own = createSecretMask({ keys: ['x-acme-*'], patterns: ['sesame-4711'] })
    expect(own({ xAcmePin: 4711, motto: 'open sesame-4711 now' })).toEqual({
      data: { xAcmePin: '[redacted]', motto: 'open [redacted] now' },
      masked: ['xAcmePin', 'motto'],
    })
    expect(() => createSecretMask({ patterns: ['abc'] })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('takes out what the schema marks, through whatever is wrapped around it', () => {
    const secret = z.string().meta({ secret: true })
    type Tree = { leaf?: string | undefined; inner?: Tree | undefined }
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ leaf: secret, inner: tree }).partial())
    const schema = z.object({
      plain: z.string(),
      pin: secret.min(2),
      optional: secret.nullable().optional(),
      withDefault: secret.default('x').readonly(),
      piped: secret.transform((text) => text.length),
      pins: z.array(secret),
      byName: z.record(z.string(), z.object({ pin: secret })),
      tuple: z.tuple([z.number(), secret]),
      either: z.union([z.number(), secret]),
      both: z.intersection(z.object({ a: secret }), z.object({ b: z.string() })),
      whole: z.object({ user: z.string() }).meta({ secret: true }),
      tree,
      more: z.looseObject({}).catchall(secret),
    })
    const s = 'uvw'
    const config = {
      plain: 'p',
      pin: s,
      optional: s,
      withDefault: s,
      piped: s,
      pins: [s, s],
      byName: { here: { pin: s } },
      tuple: [1, s],
      either: s,
      both: { a: s, b: 'p' },
      whole: { user: s },
      tree: { leaf: s, inner: { leaf: s } },
      more: { any: s },
    }
    const { data, masked } = mask(config, schema)
    expect(JSON.stringify(data)).not.toContain(s)
    expect(data).toMatchObject({ plain: 'p', tuple: [1, '[redacted]'], both: { b: 'p' } })
    expect(masked).toEqual([
      'pin',
      'optional',
      'withDefault',
      'piped',
      'pins.0',
      'pins.1',
      'byName.here.pin',
      'tuple.1',
      'either',
      'both.a',
      'whole',
      'tree.leaf',
      'tree.inner.leaf',
      'more.any',
    ])
  })

  it('lets a name be that the schema says is none, but not what looks like a secret', () => {
    const schema = z.object({ instructions: z.string().meta({ secret: false }).optional(), prompt: z.string() })
    expect(mask({ instructions: 'buy low', prompt: 'sell high' }, schema)).toEqual({
      data: { instructions: 'buy low', prompt: '[redacted]' },
      masked: ['prompt'],
    })
    expect(mask({ instructions: 'ask with Bearer abcdefgh' }, schema).masked).toEqual(['instructions'])
  })

  it('gives back the same data where there is nothing to take out, however long', () => {
    const config = {
      text: 'x'.repeat(100_000),
      list: Array.from({ length: 5_000 }, (_, n) => ({ n })),
      control: '\u0007',
    }
    expect(mask(config).data).toBe(config)
  })

  it('leaves what is no plain data to whoever writes it', () => {
    const at = new Date(0)
    expect(mask({ apiKey: 'k', at }).data).toEqual({ apiKey: '[redacted]', at })
  })

  it('changes nothing but what it names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-f]{1,3}$/), fc.jsonValue({ maxDepth: 3 })), (config) => {
        const secret = { ...config, apiKey: 'k' }
        const { data, masked } = mask(secret)
        if (masked.length === 1) expect(data).toEqual({ ...config, apiKey: '[redacted]' })
        expect(masked).toContain('apiKey')
      }),
    )
  })
})
