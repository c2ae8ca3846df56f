/** The text as UTF-8 can hold it: U+FFFD for each half of a surrogate pair that stands alone. Storages read this back. */
export function wellFormed(text: string): string {
  return text.toWellFormed()
}
