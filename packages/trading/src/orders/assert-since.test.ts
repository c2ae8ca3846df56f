import { expect, it } from 'vitest'
import { assertSince } from './assert-since.js'

it.each(['2024-01-01', undefined, Number.NaN, Number.POSITIVE_INFINITY, new Date(0), 1e17])(
  '%s is no instant to list executions from',
  (since) => {
    expect(() => assertSince('executions', since)).toThrow(/^executions: since: .* is no instant; use milliseconds/)
  },
)

it.each([0, -1, Date.UTC(2024, 0, 1)])('%s is one', (since) => {
  expect(() => assertSince('executions', since)).not.toThrow()
})
