// Runs on Node: the venue's side of the signature.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Base64 of the HMAC-SHA256 of a text, as the venue signs: timestamp + method + path with query + body. */
export function okxSign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64')
}

/** Whether a signature is that of a text. */
export function isSignedWith(secret: string, text: string, signature: string): boolean {
  const [expected, given] = [Buffer.from(okxSign(secret, text)), Buffer.from(signature)]
  return expected.length === given.length && timingSafeEqual(expected, given)
}
