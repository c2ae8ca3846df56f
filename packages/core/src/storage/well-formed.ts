/** Part of every runtime since Node 20 and of workerd, though not of the library that the compiler knows. */
type WellFormable = { toWellFormed(): string }

/** The text as UTF-8 can hold it: U+FFFD for each half of a surrogate pair that stands alone. Storages read this back. */
export function wellFormed(text: string): string {
  return (text as unknown as WellFormable).toWellFormed()
}
