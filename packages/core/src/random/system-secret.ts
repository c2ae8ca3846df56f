/** A fresh secret of 32 bytes from the platform's cryptographic randomness, in hex. */
export function createSystemSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
