import { sha256Hex } from '../encoding/sha256.js'
import type { Random } from './random.js'

/**
 * A reproducible stream: sfc32 (Chris Doty-Humphrey, PractRand), its 96 bits of state seeded by the SHA-256 of the seed's text.
 * Integer arithmetic only, so it is the same on every engine. Not for secrets.
 */
export function createSeededRandom(seed: number | string): Random {
  return seeded(escapeName(String(seed)))
}

function seeded(path: string): Random {
  const hash = sha256Hex(path)
  let a = wordOf(hash, 0)
  let b = wordOf(hash, 1)
  let c = wordOf(hash, 2)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 15; round += 1) next()
  return { next, fork: (name) => seeded(`${path}/${escapeName(name)}`) }
}

function wordOf(hash: string, index: number): number {
  return Number.parseInt(hash.slice(index * 8, index * 8 + 8), 16) | 0
}

/** Slashes are escaped as in a JSON pointer, so that `fork('a/b')` is not `fork('a').fork('b')`. */
function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
