import type { z } from 'zod'
import { isPlain } from '../encoding/canonical-json.js'
import { createRedactionRules, type RedactorOptions } from './redactor.js'
import { readSchemas, type SchemaView } from './secret-marks.js'
import type { KeyClassifier } from './sensitive-keys.js'
import { redacted, redactShapes } from './sensitive-text.js'

/** Data without its secrets, and where these were: `venue.apiKey`, `accounts.0.token`. */
export type MaskedData = { readonly data: unknown; readonly masked: readonly string[] }

/** Takes the secrets out of plain data. What has none is the same data. */
export type SecretMask = (data: unknown, schema?: z.ZodType) => MaskedData

const deepest = 64

/**
 * A mask for what is kept for ever, such as a journal: unlike a redactor's fields nothing is cut off, and what is no secret stays to the last
 * character. Secret is what the schema marks, by `.meta({ secret: true })`, and what a redactor of the same options takes for one by the name
 * of its key, unless the schema says `secret: false`, or by its looks. Throws `INVALID_OPTION`.
 */
export function createSecretMask(options: RedactorOptions = {}): SecretMask {
  const { classify, patterns } = createRedactionRules(options)
  return (data, schema) => {
    const walk = new MaskingWalk(classify, patterns)
    const clean = walk.value(data, readSchemas(schema === undefined ? [] : [schema]), [])
    return walk.masked.length === 0 ? { data, masked: [] } : { data: clean, masked: walk.masked }
  }
}

class MaskingWalk {
  readonly masked: string[] = []
  readonly #classify: KeyClassifier
  readonly #patterns: readonly RegExp[]

  constructor(classify: KeyClassifier, patterns: readonly RegExp[]) {
    this.#classify = classify
    this.#patterns = patterns
  }

  value(value: unknown, view: SchemaView, path: readonly string[]): unknown {
    if (value === undefined || value === null) return value
    if (view.mark === true) return this.#mask(path)
    if (typeof value === 'string') return this.#text(value, path)
    if (typeof value !== 'object' || path.length > deepest) return value
    if (Array.isArray(value)) return this.#list(value, view, path)
    // What is no plain data is left for whoever writes it to refuse.
    return isPlain(value) ? this.#object(value, view, path) : value
  }

  #object(value: object, view: SchemaView, path: readonly string[]): unknown {
    const entries = Object.entries(value)
    // { name: 'authorization', value: '…' }, as lists of headers are written.
    const namesSecret = entries.some(([key, field]) => /^(name|key|header)$/.test(key) && this.#isSecretName(field))
    return Object.fromEntries(
      entries.map(([key, field]) => {
        const name = redactShapes(key, this.#patterns)
        const place = [...path, name]
        if (name !== key) this.#mask(place)
        const inside = view.child(key)
        const isSecret =
          (namesSecret && /^values?$/.test(key)) || (inside.mark !== false && this.#isSecretField(key, field))
        return [name, isSecret ? this.#mask(place) : this.value(field, inside, place)]
      }),
    )
  }

  #list(list: readonly unknown[], view: SchemaView, path: readonly string[]): unknown {
    return list.map((item, index) => {
      const place = [...path, String(index)]
      // Headers as pairs, or one after the other.
      const follows = index > 0 && this.#isSecretName(list[index - 1])
      return follows && typeof item === 'string' ? this.#mask(place) : this.value(item, view.child(index), place)
    })
  }

  #text(text: string, path: readonly string[]): string {
    const clean = redactShapes(text, this.#patterns)
    if (clean === text) return text
    this.#mask(path)
    return clean
  }

  #isSecretField(key: string, value: unknown): boolean {
    if (value === undefined || value === null) return false
    const kind = this.#classify(key)
    return kind === 'secret' || (kind === 'counts' && typeof value !== 'number')
  }

  #isSecretName(value: unknown): boolean {
    return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) && this.#classify(value) !== 'plain'
  }

  #mask(path: readonly string[]): string {
    this.masked.push(path.length === 0 ? '(the whole)' : path.join('.'))
    return redacted
  }
}
