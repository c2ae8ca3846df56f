import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.js'

const now = Date.UTC(2026, 10, 27, 12)
const at = 'Fri, 27 Nov 2026 12:00:30 GMT'

test.each([
  ['seconds', { 'Retry-After': '30' }, 30_000],
  ['an instant, from our clock', { 'Retry-After': at }, 30_000],
  ['an instant, from the clock of the server', { 'Retry-After': at, Date: 'Fri, 27 Nov 2026 12:00:20 GMT' }, 10_000],
  ['an instant that is over', { 'Retry-After': 'Fri, 27 Nov 2026 11:00:00 GMT' }, 0],
  ['more than a minute', { 'Retry-After': '3600' }, 60_000],
  ['nothing', {}, undefined],
  ['nothing in it', { 'Retry-After': '' }, undefined],
  ['a word', { 'Retry-After': 'soon' }, undefined],
  ['a wait that is over', { 'Retry-After': '-1' }, undefined],
])('%s', (_, headers, expected) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected)
})
