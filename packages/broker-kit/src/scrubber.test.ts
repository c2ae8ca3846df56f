import { expect, test } from 'vitest'
import { createScrubber } from './scrubber.js'

test('of a secret that holds another nothing is left', () => {
  expect(createScrubber(['abc123', 'abc123-and-more'])('it was abc123-and-more, abc123')).toBe(
    'it was [redacted], [redacted]',
  )
})

test('a secret is found as it is written in a URL and in JSON', () => {
  const secret = 'p"a\\s/+s'
  const scrub = createScrubber([secret])
  for (const text of [secret, encodeURIComponent(secret), JSON.stringify({ secret })])
    expect(scrub(`sent ${text}`)).not.toMatch(/p.*a.*s.*s$|p%22/)
  expect(scrub(JSON.stringify({ said: secret }))).toBe('{"said":"[redacted]"}')
})
