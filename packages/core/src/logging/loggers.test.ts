import pino from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createJsonLogger } from './json-logger.js'
import { createPinoLogger } from './pino-logger.js'
import { createConsoleJsonLogger } from './system-console-logger.js'
import { withRedaction } from './with-redaction.js'

const clock = { now: () => 0 }

function jsonSink(maximumLineLength?: number) {
  const lines: string[] = []
  const write = (line: string): unknown => lines.push(line)
  const logger = createJsonLogger({ clock, write, ...(maximumLineLength === undefined ? {} : { maximumLineLength }) })
  return { logger, lines }
}

function pinoSink(level = 'info') {
  const lines: string[] = []
  const logger = createPinoLogger(pino({ level, base: null, timestamp: false }, { write: (line) => lines.push(line) }))
  return { logger, lines }
}

describe('createJsonLogger', () => {
  it('breaks no line at control characters that JSON allows raw', () => {
    const { logger, lines } = jsonSink()
    logger.info('a\u2028b\u0085c\n', { field: '\u2029\u009b' })
    expect(lines[0]).toMatch(/^[^\p{Cc}\u2028\u2029]*$/u)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'a\u2028b\u0085c\n', field: '\u2029\u009b' })
  })

  it('keeps a line within its maximum, with the fields that fit, and says how many do not', () => {
    const { logger, lines } = jsonSink(1_024)
    logger
      .child({ correlationId: 'c-1' })
      .info('long', { one: 'x'.repeat(2_000), two: 'kept', three: 'y'.repeat(2_000) })
    logger.error('m'.repeat(5_000), { four: 4 })
    logger.info('\u0085'.repeat(1_000))
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'long',
      correlationId: 'c-1',
      two: 'kept',
      fieldsTruncated: 2,
    })
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ message: expect.stringContaining('[truncated]'), four: 4 })
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(1_024)
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('refuses a maximum that no line keeps', () => {
    for (const maximum of [100, Number.NaN]) {
      expect(() => jsonSink(maximum)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })

  it('does not throw for a field that does, nor for a time that is none', () => {
    const lines: string[] = []
    const logger = createJsonLogger({ clock: { now: () => Number.NaN }, write: (line) => lines.push(line) })
    const fields = Object.defineProperty({}, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    logger.child({ agent: 'a' }).info('still here', fields)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'still here', fieldsDropped: 'no' })
  })
})

describe('createConsoleJsonLogger', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('stamps lines by the clock of the machine unless it is given another', () => {
    const lines: string[] = []
    vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(String(line)))
    createConsoleJsonLogger().info('one')
    expect(Date.parse(JSON.parse(lines[0] ?? '').time)).toBeGreaterThan(Date.UTC(2020, 0, 1))
  })

  it('writes each level by its method of the console', () => {
    const lines: string[] = []
    for (const method of ['debug', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation((line) => void lines.push(`${method} ${JSON.parse(line).message}`))
    }
    const logger = createConsoleJsonLogger({ clock, level: 'debug' }).child({ agent: 'a' })
    logger.debug('one')
    logger.info('two')
    logger.warn('three')
    logger.error('four')
    expect(lines).toEqual(['debug one', 'info two', 'warn three', 'error four'])
  })
})

describe('createPinoLogger', () => {
  it('writes by level, with the fields of its parents once each', () => {
    const { logger, lines } = pinoSink()
    logger.debug('dropped')
    logger.child({ agent: 'a', part: 'b' }).child({ part: 'c' }).warn('moved', { price: '1.5' })
    expect(lines).toEqual(['{"level":40,"agent":"a","part":"c","price":"1.5","msg":"moved"}\n'])
    expect([logger.isEnabled?.('debug'), logger.isEnabled?.('error')]).toEqual([false, true])
  })

  it('lets no field replace what pino writes', () => {
    const { logger, lines } = pinoSink()
    logger.error('kept', { level: 10, msg: 'other', time: 1 })
    expect(lines).toEqual(['{"level":50,"level_":10,"msg_":"other","time_":1,"msg":"kept"}\n'])
  })

  it('gets neither secrets nor line ends through redaction', () => {
    const { logger, lines } = pinoSink()
    withRedaction(logger)
      .child({ correlationId: 'c-1' })
      .error('a %s\nb', { apiKey: 'k', error: new Error('pwd=hunter2') })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.trimEnd()).not.toMatch(/\n|hunter2/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      correlationId: 'c-1',
      apiKey: '[redacted]',
      error: { message: 'pwd=[redacted]' },
      msg: 'a %s\\nb',
    })
  })
})
