import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

type PlatformHash = (algorithm: 'sha256', text: string, encoding: 'hex') => string

/**
 * The platform's own hash is four to six times as fast. It is asked for rather than imported, so that a runtime without
 * `node:crypto` loads this module all the same.
 */
const platformHash = platformHashOf(globalThis.process)

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. Synchronous, and the same on Node and workerd. */
export function sha256Hex(text: string): string {
  return platformHash === undefined ? portableSha256Hex(text) : platformHash('sha256', text, 'hex')
}

/** {@link sha256Hex} without the platform's help, for runtimes that have none. */
export function portableSha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

function platformHashOf(host: Partial<Pick<NodeJS.Process, 'getBuiltinModule'>> | undefined): PlatformHash | undefined {
  return host?.getBuiltinModule?.('node:crypto')?.hash
}
