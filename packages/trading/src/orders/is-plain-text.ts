/** Whether a text is printable ASCII that JSON writes between quotes as it is. */
export function isPlainText(text: unknown): text is string {
  if (typeof text !== 'string') return false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126 || code === 34 || code === 92) return false
  }
  return true
}
