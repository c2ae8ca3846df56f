import { fakeTokens } from './fake-model.js'

/** A prefix is held from so many tokens on. */
const leastTokens = 1_024

/** What a provider remembers of earlier prompts, by model: how much of a new one it has read before. */
export class ProviderCache {
  readonly #prefixes = new Map<string, string[]>()

  /** Tokens at the beginning of `prompt` that are known, and then of `cacheable` that will be from now on. */
  take(model: string, prompt: string, cacheable: string): { readonly read: number; readonly written: number } {
    const known = this.#prefixes.get(model) ?? []
    const shared = Math.max(0, ...known.map((prefix) => sharedLength(prefix, cacheable)))
    const read = heldTokens(prompt.slice(0, shared))
    const whole = heldTokens(cacheable)
    if (whole > read) this.#prefixes.set(model, [...known, cacheable].slice(-64))
    return { read, written: Math.max(0, whole - read) }
  }
}

function heldTokens(text: string): number {
  const tokens = fakeTokens(text)
  return tokens < leastTokens ? 0 : tokens
}

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length)
  for (let index = 0; index < most; index += 1) if (one[index] !== other[index]) return index
  return most
}
