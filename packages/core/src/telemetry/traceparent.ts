import { INVALID_TRACEID, isSpanContextValid, type Span, type SpanContext } from '@opentelemetry/api'

// Version, trace id, parent id and flags of the W3C Trace Context, in lower case; zeros alone are no ids, and version ff is forbidden.
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
const formLength = 55
/** Sampled and random: the flags that are defined. Others are to be cleared. */
const knownFlags = 0x03

/** The span context that a W3C `traceparent` names, of a version up to fe; undefined for whatever is not one. Never throws. */
export function extract(traceparent: unknown): SpanContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length < formLength) return undefined
  const match = form.exec(traceparent.slice(0, formLength))
  if (match === null) return undefined
  // A later version may say more, after a dash.
  if (traceparent.length > formLength && (match[1] === '00' || traceparent[formLength] !== '-')) return undefined
  const [, , traceId = '', spanId = '', flags = ''] = match
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & knownFlags, isRemote: true }
}

/** The W3C `traceparent` of a span; undefined where there is no SDK and so no trace. */
export function inject(span: Span | undefined): string | undefined {
  if (span === undefined || !isTraced(span)) return undefined
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-0${traceFlags & knownFlags}`
}

/** True for a span that belongs to a trace, recorded or not: what it leads to must know it as its parent. Without an SDK there is none. */
export function isTraced(span: Span): boolean {
  const spanContext = span.spanContext()
  // The quick look first: a span of no SDK shares this very text.
  return spanContext.traceId !== INVALID_TRACEID && isSpanContextValid(spanContext)
}
