import type { Random } from './random.js'

/**
 * A reproducible stream: sfc32 (Chris Doty-Humphrey, PractRand), seeded by FNV-1a over the seed's text.
 * Integer arithmetic only, so it is the same on every engine. Not for secrets.
 */
export function createSeededRandom(seed: number | string): Random {
  const path = String(seed)
  let a = fnv1a(`${path}#a`)
  let b = fnv1a(`${path}#b`)
  let c = fnv1a(`${path}#c`)
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
  return { next, fork: (name) => createSeededRandom(`${path}/${name}`) }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash | 0
}
