const cashtag = /(?<![\p{L}\p{N}_$])\$([a-z][a-z0-9]{0,9}(?:[.-][a-z]{1,2})?)(?![\p{L}\p{N}_])/giu

/** The cashtags of a text: upper case, without `$`, each once. A `$` inside a word (`JU$T`) or before a number is none. */
export function cashtagsOf(text: string): readonly string[] {
  if (!text.includes('$')) return []
  const found = new Set<string>()
  for (const match of text.matchAll(cashtag)) found.add((match[1] ?? '').toUpperCase())
  return [...found]
}
