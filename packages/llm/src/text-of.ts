import type { LanguageModelV4Content } from '@ai-sdk/provider'

/** All text of an answer, in order. */
export function textOf(content: readonly LanguageModelV4Content[]): string {
  let text = ''
  for (const part of content) if (part.type === 'text') text += part.text
  return text
}
