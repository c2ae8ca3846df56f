import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createJsonLogger } from './json-logger.js'
import type { LogFields } from './logger.js'
import { createRedactor } from './redactor.js'
import { createSilentLogger } from './silent-logger.js'
import { withRedaction } from './with-redaction.js'

const { redactText, redactFields } = createRedactor()

function sink() {
  const lines: string[] = []
  const logger = withRedaction(createJsonLogger({ clock: { now: () => 0 }, write: (line) => lines.push(line) }))
  return { logger, lines }
}

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----'

describe('redactText', () => {
  it.each([
    ['a PEM key', `key ${pem} end`, 'key [redacted] end'],
    ['a PEM key that is cut short', 'key -----BEGIN RSA PRIVATE KEY-----\nMIIEvQ', 'key [redacted]'],
    ['a JSON web token', `got ${jwt} back`, 'got [redacted] back'],
    ['a key of a language model', 'used sk-proj-abcdef1234567890 today', 'used [redacted] today'],
    ['a bearer token', 'sent Bearer abc.def-123', 'sent Bearer [redacted]'],
    [
      'an authorization header, to its end',
      'Authorization: AWS4 Credential=x, Signature=y',
      'Authorization: [redacted]',
    ],
    [
      'a header of a broker',
      'APCA-API-SECRET-KEY: abc123, OK-ACCESS-SIGN=xyz=',
      'APCA-API-SECRET-KEY: [redacted], OK-ACCESS-SIGN=[redacted]',
    ],
    ['a parameter', 'GET /v1?symbol=BTC&token=abc123&limit=5', 'GET /v1?symbol=BTC&token=[redacted]&limit=5'],
    ['a field of JSON in a text', 'body {"password":"a b,\\" c","x":1}', 'body {"password":[redacted],"x":1}'],
    ['credentials in an address', 'open postgres://bob:pw@db:5432/x', 'open postgres://[redacted]@db:5432/x'],
    ['a webhook', 'to https://hooks.slack.com/services/T0/B0/xyz now', 'to [redacted] now'],
    ['a mail server', 'by smtp://mail.example.org:25 now', 'by [redacted] now'],
    ['an e-mail address', 'mail bob.smith@example.org now', 'mail [redacted] now'],
    ['a short assignment', 'pwd=x', 'pwd=[redacted]'],
  ])('takes out %s, and that again alters nothing', (_name, text, clean) => {
    expect(redactText(text)).toBe(clean)
    expect(redactText(clean)).toBe(clean)
  })

  it.each([
    'a handler failed',
    'risk-adjusted return of BTC-USDT at 2026-11-26T10:00:00.000Z: 1.25 (max 3)',
    'at file:///app/node_modules/@opentelemetry/context-async-hooks/index.mjs:3:14',
    'see https://example.org/docs/tokens?page=2',
    'used 120 tokens: 100 in, 20 out',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('writes out whatever could break a line or steer a terminal', () => {
    expect(redactText('a\nb\r\tc\u2028d\u0085e\u001b[2Jf\u202eg')).toBe(
      'a\\nb\\r\\tc\\u2028d\\u0085e\\u001b[2Jf\\u202eg',
    )
  })

  it('cuts long texts with a marker, and no secret in half', () => {
    for (let lead = 4_000; lead < 4_110; lead += 1) {
      const clean = redactText(`${'x '.repeat(lead / 2)}bob.smith@example.org ${jwt} ${'y '.repeat(5_000)}`)
      expect(clean).not.toMatch(/bob|smith|eyJ/)
      expect(clean.length).toBeLessThan(4_200)
      expect(clean).toMatch(/\[truncated, of \d+ characters\]$/)
    }
    // So many secrets are taken out that what is kept reaches to the end of what was looked at, in the middle of another.
    const secrets = `sk-${'a'.repeat(80)} `.repeat(70)
    for (let lead = 8_160; lead < 8_192; lead += 1) {
      const clean = redactText(`${secrets.padEnd(lead)}bob.smith@example.org ${'y '.repeat(5_000)}`)
      expect(clean).not.toMatch(/bob|smith/)
    }
  })

  it('looks for what else was named as a secret', () => {
    const redactor = createRedactor({ keys: ['x-acme-*', 'pin'], patterns: ['hunter2', /ACCT\d+/] })
    expect(redactor.redactText('hunter2 of ACCT991 and ACCT992')).toBe('[redacted] of [redacted] and [redacted]')
    expect(redactor.redactFields({ 'X-Acme-Sign': 'a', pin: 1234, shipping: 'b', xAcmeId: 'c' })).toEqual({
      'X-Acme-Sign': '[redacted]',
      pin: '[redacted]',
      shipping: 'b',
      xAcmeId: '[redacted]',
    })
  })

  it('refuses keys and patterns that would take out everything', () => {
    for (const options of [{ keys: ['*'] }, { patterns: ['abc'] }]) {
      expect(() => createRedactor(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })
})

describe('redactFields', () => {
  it.each([
    'authorization',
    'Set-Cookie',
    'x-api-key',
    'APCA-API-KEY-ID',
    'OK-ACCESS-PASSPHRASE',
    'CF-Access-Client-Id',
    'passphrase',
    'clientSecret',
    'access_token',
    'dbPassword',
    'privateKey',
    'alertsWebhookUrl',
    'smtp.host',
    'prompt',
    'systemPrompt',
    'email',
  ])('takes out whatever lies under %s, at any depth', (key) => {
    for (const secret of ['plain words', 12345, { a: 'deep' }, ['in a list']]) {
      const clean = redactFields({ a: [{ b: new Map([[key, secret]]) }], [key]: secret, kept: 'yes' })
      expect(clean).toEqual({ a: [{ b: { [key]: '[redacted]' } }], [key]: '[redacted]', kept: 'yes' })
    }
  })

  it('keeps counts of tokens, and what merely sounds alike', () => {
    const fields = {
      totalTokens: 12,
      usage: { outputTokens: { total: 5, text: 5 } },
      author: 'a',
      promptHash: 'b',
      key: 'BTC',
    }
    expect(redactFields(fields)).toEqual(fields)
    expect(redactFields({ tokens: ['abc'], tokensLeft: 'abc' })).toEqual({
      tokens: '[redacted]',
      tokensLeft: '[redacted]',
    })
  })

  it('knows headers as pairs, in a row and by name', () => {
    expect(
      redactFields({
        pairs: [
          ['authorization', 'one'],
          ['accept', 'all'],
        ],
        raw: ['x-api-key', 'two', 'accept', 'all'],
        list: [{ value: 'three', name: 'cookie' }],
        text: '{"headers":{"passphrase":"four five"},"price":1.10}',
        plain: '{"price":1.10}',
      }),
    ).toEqual({
      pairs: [
        ['authorization', '[redacted]'],
        ['accept', 'all'],
      ],
      raw: ['x-api-key', '[redacted]', 'accept', 'all'],
      list: [{ value: '[redacted]', name: 'cookie' }],
      text: '{"headers":{"passphrase":"[redacted]"},"price":1.1}',
      plain: '{"price":1.10}',
    })
  })

  it('tells errors by name, code, message, causes, context and places', () => {
    const cause = Object.assign(new TypeError('fetch of wss://bob:pw@venue failed'), { code: 'sk-live_abcdefghij' })
    const error = new SwarmError({ code: 'DOWN', message: 'token=abc', cause, context: { apiKey: 'x', venue: 'okx' } })
    const clean = redactFields({ error: new AggregateError([error], 'Bearer abcdefgh') })
    expect(clean).toMatchObject({
      error: {
        name: 'AggregateError',
        message: 'Bearer [redacted]',
        errors: [
          {
            name: 'SwarmError',
            code: 'DOWN',
            message: 'token=[redacted]',
            context: { apiKey: '[redacted]', venue: 'okx' },
            cause: { name: 'TypeError', code: '[redacted]', message: 'fetch of wss://[redacted]@venue failed' },
            stack: expect.arrayContaining([expect.stringMatching(/^at .*redaction\.test/)]),
          },
        ],
      },
    })
  })

  it('takes no line of a message for a place', () => {
    const error = new Error(`first\n    at ${pem}\nlast`)
    expect(JSON.stringify(redactFields({ error }))).not.toMatch(/MIIEvQ|kqhkiG/)
  })

  it('says what it cannot tell, and never throws', () => {
    const cycle: Record<string, unknown> = { name: 'c' }
    cycle['self'] = cycle
    const throwing = Object.defineProperty({ ok: 1 }, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('token=abc')
      },
    })
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 50; depth += 1) deep = { deep }
    const clean = redactFields({
      cycle,
      throwing,
      hostile,
      deep,
      toJSON: { toJSON: () => ({ secret: 'a' }) },
      big: 5n,
      call: () => 1,
      bytes: new Uint8Array(3),
      boxed: new String('sk-live_abcdefghij'),
      when: new Date(0),
      never: new Date(Number.NaN),
      set: new Set(['a', 'bob@example.org']),
    })
    expect(clean).toMatchObject({
      cycle: { self: '[circular]' },
      throwing: { ok: 1, bad: '[unreadable]' },
      hostile: '[unreadable]',
      toJSON: { secret: '[redacted]' },
      big: '5',
      call: '[function]',
      bytes: '[3 bytes]',
      boxed: '[redacted]',
      when: '1970-01-01T00:00:00.000Z',
      never: null,
      set: ['a', '[redacted]'],
    })
    expect(JSON.stringify(clean)).toContain('[too deep]')
    expect(redactFields(hostile)).toEqual({ fields: '[unreadable]' })
  })

  it('keeps within its bounds, whatever it is given', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 'v'.repeat(500)]))
    const clean = redactFields({
      wide,
      list: Array.from({ length: 5_000 }, () => [1, 2, 3]),
      text: 'z'.repeat(100_000),
    })
    expect(JSON.stringify(clean).length).toBeLessThan(30_000)
    expect(JSON.stringify(clean)).toContain('[truncated]')
  })

  it('lets no key become a prototype', () => {
    const clean = redactFields(JSON.parse('{"__proto__":{"polluted":true}}'))
    expect(Object.keys(clean)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a logger with redaction', () => {
  const planted = fc
    .string({ unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'.split('')), minLength: 24, maxLength: 40 })
    .map((text) => `Z${text}`)
  const shapes: readonly ((secret: string) => unknown)[] = [
    (secret) => ({ password: secret }),
    (secret) => ({ 'OK-ACCESS-SIGN': [secret] }),
    (secret) => new Map([['cookie', secret]]),
    (secret) => ['x-api-key', secret],
    (secret) => ({ name: 'authorization', value: secret }),
    (secret) => `Bearer ${secret}`,
    (secret) => `wss://u:${secret}@venue/ws`,
    (secret) => `https://example.org/webhooks/${secret}`,
    (secret) => `sk-${secret}`,
    (secret) => `${secret}@example.org`,
    (secret) => `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`,
    (secret) => JSON.stringify({ outer: JSON.stringify({ passphrase: secret }) }),
    (secret) => `failed with {\\"secret\\":\\"${secret}\\"}`,
    (secret) => `passphrase=${secret} ${secret}`,
  ]
  const wrappings: readonly ((inner: unknown) => unknown)[] = [
    (inner) => [1, inner],
    (inner) => ({ a: inner, b: 2 }),
    (inner) => new Set([inner]),
    (inner) => new Map([['k', inner]]),
    (inner) => Object.assign(new Error(typeof inner === 'string' ? inner : 'e'), { detail: inner }),
    (inner) => new Error('outer', { cause: inner }),
    (inner) => new AggregateError([inner], 'many'),
    (inner) => ({ toJSON: () => inner }),
    (inner) => new SwarmError({ code: 'X', message: 'm', context: { inner } }),
    (inner) => {
      const cycle: Record<string, unknown> = { inner }
      cycle['cycle'] = cycle
      return cycle
    },
  ]

  it('lets no planted secret through, whatever the nesting', () => {
    fc.assert(
      fc.property(
        planted,
        fc.constantFrom(...shapes),
        fc.array(fc.constantFrom(...wrappings), { maxLength: 10 }),
        fc.constantFrom('field', 'child', 'message'),
        (secret, shape, nesting, place) => {
          const { logger, lines } = sink()
          const shaped = shape(secret)
          const value = nesting.reduce<unknown>((inner, wrap) => wrap(inner), shaped)
          if (place === 'message' && typeof shaped === 'string') logger.info(`text ${shaped}`)
          else if (place === 'child') logger.child({ value }).error('failed')
          else logger.error('failed', { value, error: value } as LogFields)
          expect(lines).toHaveLength(1)
          expect(lines[0]).not.toContain(secret)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('writes each line as one, with the ids of its children', () => {
    const { logger, lines } = sink()
    const child = logger.child({ correlationId: 'c-1', agent: 'a' }).child({ messageId: 'm-1' })
    child.warn('one\n{"level":"error"}', { text: 'two\r\nthree\u2028four' })
    expect(lines[0]).not.toMatch(/[\n\r\u2028]/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      message: 'one\\n{"level":"error"}',
      correlationId: 'c-1',
      agent: 'a',
      messageId: 'm-1',
    })
  })

  it('prepares nothing for a line that nobody writes', () => {
    let looks = 0
    const logger = withRedaction(createSilentLogger())
    const fields = Object.defineProperty({}, 'seen', { enumerable: true, get: () => (looks += 1) })
    logger.child(fields).info('a', fields)
    sink().logger.debug('b', fields)
    expect([looks, logger.isEnabled?.('error')]).toEqual([0, false])
  })
})
