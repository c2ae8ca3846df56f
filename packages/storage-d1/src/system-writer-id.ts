/** A name that no other opening of a storage has. */
export function createWriterId(): string {
  return crypto.randomUUID()
}
