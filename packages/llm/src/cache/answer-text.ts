import { z } from 'zod'
import { answerVersion, type StoredAnswer } from './stored-answer.js'

const tokens = z.number().nonnegative().optional()
const usage = z.looseObject({
  inputTokens: z.object({ total: tokens, noCache: tokens, cacheRead: tokens, cacheWrite: tokens }),
  outputTokens: z.object({ total: tokens, text: tokens, reasoning: tokens }),
})
const typed = z.looseObject({ type: z.string() })
const common = { version: z.literal(answerVersion), storedAt: z.number(), expiresAt: z.number(), usage }
const answer = z.discriminatedUnion('mode', [
  z.object({
    ...common,
    mode: z.literal('generate'),
    result: z.looseObject({
      content: z.array(typed),
      finishReason: z.looseObject({ unified: z.string() }),
      usage,
      warnings: z.array(typed),
    }),
  }),
  z.object({ ...common, mode: z.literal('stream'), parts: z.array(typed).min(1) }),
])

/** An answer as text, for a store. What JSON has no form for is marked: bytes, dates, URLs, and objects that look like such a mark. */
export function answerText(stored: StoredAnswer): string {
  return JSON.stringify(marked(stored))
}

/** Reads {@link answerText}; `undefined` for whatever is damaged or of another version: such an answer is asked for anew. */
export function readAnswer(text: string): StoredAnswer | undefined {
  try {
    const value = revived(JSON.parse(text))
    // What it holds beyond this was written by us from a provider's own answer.
    return answer.safeParse(value).success ? (value as StoredAnswer) : undefined
  } catch {
    return undefined
  }
}

const mark = '$tradeswarm'

function marked(value: unknown): unknown {
  if (value instanceof Date) return { [mark]: 'date', value: value.getTime() }
  if (value instanceof URL) return { [mark]: 'url', value: value.href }
  if (value instanceof Uint8Array) return { [mark]: 'bytes', value: base64Of(value) }
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value !== 'object' || value === null) return value
  const copy = mapFields(value, marked)
  return mark in value ? { [mark]: 'object', value: copy } : copy
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived)
  if (typeof value !== 'object' || value === null) return value
  const { [mark]: kind, value: content } = value as { readonly [mark]?: unknown; readonly value?: unknown }
  if (kind === 'date' && typeof content === 'number') return new Date(content)
  if (kind === 'url' && typeof content === 'string') return new URL(content)
  if (kind === 'bytes' && typeof content === 'string') return bytesOf(content)
  if (kind === 'object' && typeof content === 'object' && content !== null) return mapFields(content, revived)
  return mapFields(value, revived)
}

function mapFields(value: object, change: (field: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, change(field)]))
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
