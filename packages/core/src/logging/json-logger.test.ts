import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createJsonLogger } from './json-logger.js'
import type { LogLevel } from './logger.js'

function logged(level?: LogLevel) {
  const lines: string[] = []
  const logger = createJsonLogger({
    clock: { now: () => 0 },
    write: (line) => lines.push(line),
    ...(level === undefined ? {} : { level }),
  })
  return { logger, lines }
}

describe('createJsonLogger', () => {
  it('writes one JSON object a line, with the fields of its parents', () => {
    const { logger, lines } = logged()
    logger.child({ agent: 'a' }).child({ part: 'b' }).warn('moved', { price: '1.5' })
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"moved","agent":"a","part":"b","price":"1.5"}',
    ])
  })

  it('drops what is below its level, info by default', () => {
    const { logger, lines } = logged()
    logger.debug('a')
    logger.info('b')
    const strict = logged('error')
    strict.logger.warn('c')
    strict.logger.error('d')
    expect([lines.length, strict.lines.length]).toEqual([1, 1])
  })

  it('lets no field replace time, level or message', () => {
    const { logger, lines } = logged()
    logger.info('kept', { message: 'other', level: 'debug', time: 1 })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'kept',
      level: 'info',
      time: '1970-01-01T00:00:00.000Z',
    })
  })

  it('writes errors by name, code and message, and bigints as text', () => {
    const { logger, lines } = logged()
    logger.error('failed', {
      error: new SwarmError({ code: 'STALE', message: 'old' }),
      other: new RangeError('far'),
      big: 5n,
    })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: { name: 'SwarmError', code: 'STALE', message: 'old' },
      other: { name: 'RangeError', message: 'far' },
      big: '5',
    })
  })

  it('writes the line without its fields rather than throw', () => {
    const { logger, lines } = logged()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    logger.info('still here', { cycle })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'still here',
      fieldsDropped: expect.stringContaining('circular'),
    })
  })
})
