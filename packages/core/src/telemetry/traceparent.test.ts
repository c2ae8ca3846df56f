import { type SpanContext, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extract, inject } from './traceparent.js'

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('a traceparent', () => {
  it('names a span context, and is named by it', () => {
    const spanContext = extract(valid)
    expect(spanContext).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    })
    expect(inject(trace.wrapSpanContext(spanContext as SpanContext))).toBe(valid)
  })

  it.each([
    ['of a later version, with more after a dash', `cc${valid.slice(2)}-what-may-come`, 1],
    ['with flags that are not defined', `${valid.slice(0, -2)}ff`, 3],
  ])('is understood %s', (_name, text, traceFlags) => {
    expect(extract(text)).toMatchObject({ spanId: 'b7ad6b7169203331', traceFlags })
  })

  it.each([
    ['nothing', undefined],
    ['no text', 5],
    ['an empty text', ''],
    ['capital letters', valid.toUpperCase()],
    ['version ff', `ff${valid.slice(2)}`],
    ['more after version 00', `${valid}-more`],
    ['more without a dash', `cc${valid.slice(2)}more`],
    ['a trace id of zeros', valid.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32))],
    ['a span id of zeros', valid.replace('b7ad6b7169203331', '0'.repeat(16))],
    ['a blank before', ` ${valid}`],
    ['a line end', `${valid}\n`],
  ])('is ignored when it is %s', (_name, text) => {
    expect(extract(text)).toBeUndefined()
  })

  it('never throws, and what it accepts comes out as it went in', () => {
    const nearly = fc
      .array(fc.constantFrom(...'0123456789abcdefABCDEF-g '.split('')), { maxLength: 60 })
      .map((parts) => parts.join(''))
    const broken = fc
      .tuple(fc.nat(54), fc.constantFrom(...'0fgA- '.split('')))
      .map(([at, sign]) => valid.slice(0, at) + sign + valid.slice(at + 1))
    fc.assert(
      fc.property(fc.oneof(fc.anything(), nearly, broken), (text) => {
        const spanContext = extract(text)
        if (spanContext === undefined) return
        const again = extract(inject(trace.wrapSpanContext(spanContext)))
        expect(again).toEqual(spanContext)
      }),
    )
  })
})
