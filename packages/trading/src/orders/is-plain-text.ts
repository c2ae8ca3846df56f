/** The platform's own search through a text costs as much as a look at so many characters. */
const shortText = 16
const plain = /^[ !#-[\]-~]*$/

/** Whether a text is printable ASCII that JSON writes between quotes as it is. */
export function isPlainText(text: unknown): text is string {
  if (typeof text !== 'string') return false
  if (text.length > shortText) return plain.test(text)
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126 || code === 34 || code === 92) return false
  }
  return true
}
