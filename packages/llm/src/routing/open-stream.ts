import type { LanguageModelV4StreamPart, LanguageModelV4StreamResult } from '@ai-sdk/provider'

/** What comes before the first word of an answer. */
const preludes: ReadonlySet<LanguageModelV4StreamPart['type']> = new Set([
  'stream-start',
  'response-metadata',
  'raw',
  'ping',
  'text-start',
  'reasoning-start',
  // Anthropic tells so what the message began with.
  'custom',
])

/**
 * Waits for the first word of a stream: until then a failure is one of the call, which may be tried again or elsewhere, and after it never.
 * Rejects with what the stream failed with, be it broken or a part of type `error`.
 */
export async function openStream(opened: LanguageModelV4StreamResult): Promise<LanguageModelV4StreamResult> {
  const reader = opened.stream.getReader()
  const held: LanguageModelV4StreamPart[] = []
  for (;;) {
    const next = await reader.read()
    if (next.done) break
    if (next.value.type === 'error') {
      await reader.cancel()
      throw next.value.error
    }
    held.push(next.value)
    if (!preludes.has(next.value.type)) break
  }
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of held) controller.enqueue(part)
    },
    async pull(controller) {
      const next = await reader.read()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return { ...opened, stream }
}
