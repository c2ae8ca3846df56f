import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { SwarmError } from '../errors/swarm-error.js'

type PlatformHmac = (
  algorithm: 'sha256',
  key: Uint8Array | PlatformKey,
) => { update(text: string, encoding: 'utf8'): { digest(encoding: 'hex' | 'base64'): string } }

type PlatformKey = { readonly type: 'secret' }
type PlatformCrypto = {
  readonly createHmac?: PlatformHmac
  readonly createSecretKey?: (key: Uint8Array) => PlatformKey
}

const { createHmac: platformHmac, createSecretKey } = platformCryptoOf(globalThis.process)

/** Signs texts with one key. */
export type HmacSigner = (text: string) => string

/**
 * HMAC-SHA256 (RFC 2104) of texts' UTF-8 bytes under one key, in lower-case hex; the same on Node and workerd.
 * The key is hex of 32 to 64 bytes. Throws `INVALID_KEY`, which does not say the key.
 */
export function createHmacSigner(keyHex: string): HmacSigner {
  if (!/^([0-9a-f]{2}){32,64}$/i.test(keyHex)) {
    throw new SwarmError({ code: 'INVALID_KEY', message: 'a signing key must be 32 to 64 bytes, as hex digits' })
  }
  const key = hexToBytes(keyHex)
  const platformKey = readyKey(key)
  return platformHmac === undefined
    ? (text) => portableHmac(key, text)
    : (text) => platformHmac('sha256', platformKey).update(text, 'utf8').digest('hex')
}

/**
 * HMAC-SHA256 (RFC 2104) of texts' UTF-8 bytes under the UTF-8 bytes of a secret, in base64: as venues want their requests signed. Its answer is
 * there at once, the same on Node and workerd. Throws `INVALID_KEY` for an empty secret.
 */
export function createBase64HmacSigner(secret: string): HmacSigner {
  const key = keyOf(secret)
  const platformKey = readyKey(key)
  return platformHmac === undefined
    ? (text) => portableBase64(key, text)
    : (text) => platformHmac('sha256', platformKey).update(text, 'utf8').digest('base64')
}

/** {@link createBase64HmacSigner} without the platform's help. */
export function portableHmacSha256Base64(secret: string, text: string): string {
  return portableBase64(keyOf(secret), text)
}

/** {@link createHmacSigner} without the platform's help. */
export function portableHmacSha256Hex(keyHex: string, text: string): string {
  return portableHmac(hexToBytes(keyHex), text)
}

/** Node makes a key of bytes anew for each text, which takes ten times as long as to sign it. */
function readyKey(key: Uint8Array): Uint8Array | PlatformKey {
  return createSecretKey?.(key) ?? key
}

function keyOf(secret: string): Uint8Array {
  if (secret !== '') return utf8ToBytes(secret)
  throw new SwarmError({ code: 'INVALID_KEY', message: 'a secret to sign with must not be empty' })
}

function portableBase64(key: Uint8Array, text: string): string {
  return btoa(String.fromCharCode(...hmac(sha256, key, utf8ToBytes(text))))
}

function portableHmac(key: Uint8Array, text: string): string {
  return bytesToHex(hmac(sha256, key, utf8ToBytes(text)))
}

/** Whether two texts are the same, in a time that does not tell how much of them is. Their length is no secret. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index)
  return difference === 0
}

function platformCryptoOf(host: Partial<Pick<NodeJS.Process, 'getBuiltinModule'>> | undefined): PlatformCrypto {
  return (host?.getBuiltinModule?.('node:crypto') ?? {}) as PlatformCrypto
}
