import { describe, expect, it } from 'vitest'
import { topicPattern } from './topic-pattern.js'

describe('a pattern of topics', () => {
  it.each([
    ['signal.*', 'signal.observed', true],
    ['signal.*', 'signal', false],
    ['signal.*', 'signal.post.observed', false],
    ['signal.**', 'signal.post.observed', true],
    ['signal.**', 'signal', false],
    ['**.failed', 'order.leg.failed', true],
    ['**.failed', 'failed', false],
    ['*.filled', 'order.filled', true],
    ['**', 'anything.at-all', true],
    ['a.b', 'a-b', false],
  ])('%s and %s: %s', (pattern, topic, matches) => expect(topicPattern(pattern).matches(topic)).toBe(matches))

  it.each(['', 'a..b', 'A.*', 'a.*b', '***', 'a.(.*)', ' *'])('refuses %j and says what to write', (pattern) => {
    expect(() => topicPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'INVALID_NAME', message: expect.stringContaining('signal.*') }),
    )
  })
})
