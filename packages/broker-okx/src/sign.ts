/** The signature of a text: HMAC-SHA256 under the secret, in base64. */
export type Signer = (text: string) => Promise<string>

const encoder = new TextEncoder()

/** A signer for one secret. The key is made when it is first used. */
export function createSigner(secret: string): Signer {
  let key: Promise<CryptoKey> | undefined
  return async (text) => {
    key ??= crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const mac = await crypto.subtle.sign('HMAC', await key, encoder.encode(text))
    return btoa(String.fromCharCode(...new Uint8Array(mac)))
  }
}
