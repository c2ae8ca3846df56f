/** A text that strangers wrote, made fit for a terminal: no control characters, one line, so long at most. */
export function oneLineText(text: string, maximumLength: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length <= maximumLength ? line : `${line.slice(0, maximumLength - 1)}…`
}
