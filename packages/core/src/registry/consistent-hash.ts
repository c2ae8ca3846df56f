import { createRoundRobin } from './round-robin.js'
import type { Candidate, Selection } from './selection.js'

/**
 * The same candidate for the same key, whatever their order: the one for which id and key hash highest (rendezvous hashing,
 * Thaler and Ravishankar 1998). When one comes it takes its share of keys and no other key moves; when one goes only its keys do.
 * Without a key each in turn.
 */
export function createConsistentHash(): Selection {
  return new ConsistentHash()
}

class ConsistentHash implements Selection {
  readonly name = 'consistent-hash'
  readonly #withoutKey = createRoundRobin()
  /** The candidates seen last, by place, with their hashes: they are mostly the same as before. */
  readonly #ids: string[] = []
  readonly #hashes: number[] = []

  choose<C extends Candidate>(candidates: readonly C[], key: string | undefined): C | undefined {
    if (key === undefined) return this.#withoutKey.choose(candidates, key)
    const keyHash = hashOf(key)
    let chosen = candidates[0]
    // As signed integers of 32 bits, which engines keep without allocating.
    let highest = -0x80000000
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index] as C
      const weight = mix(keyHash ^ this.#hashOf(candidate.id, index))
      if (weight < highest) continue
      // Two that hash alike must not depend on their order.
      if (weight === highest && chosen !== undefined && candidate.id > chosen.id) continue
      chosen = candidate
      highest = weight
    }
    return chosen
  }

  #hashOf(id: string, index: number): number {
    const known = this.#hashes[index]
    if (known !== undefined && this.#ids[index] === id) return known
    const hash = hashOf(id)
    this.#ids[index] = id
    this.#hashes[index] = hash
    return hash
  }
}

/** FNV-1a with 32 bits (Fowler, Noll and Vo) over the UTF-16 code units, mixed, as texts that differ at their end only hash close together. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return mix(hash)
}

/** The finaliser of MurmurHash3 with 32 bits (Austin Appleby): every bit in changes every bit out with a chance of a half. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
