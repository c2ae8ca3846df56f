import { SwarmError } from '../errors/swarm-error.js'
import type { LogFields } from './logger.js'
import type { KeyClassifier } from './sensitive-keys.js'
import { redacted } from './sensitive-text.js'
import { stackFrames } from './stack-frames.js'

/** How keys and texts are looked at. */
export type RedactionRules = { readonly classify: KeyClassifier; readonly redactText: (text: string) => string }

const maximumDepth = 8
const maximumEntries = 100
const maximumValues = 1_000
const maximumCharacters = 16_000

const unreadable = '[unreadable]'
const circular = '[circular]'
const tooDeep = '[too deep]'
const tooMuch = '[truncated]'

const longestJson = 100_000
const singleWord = /^[\w.-]{1,64}$/

/** Plain data that holds no secret: see `createRedactor`. Never throws. */
export function redactFields(fields: LogFields, rules: RedactionRules): LogFields {
  try {
    const clean = new Walk(rules).fields(fields)
    return typeof clean === 'object' && clean !== null ? (clean as LogFields) : { fields: clean }
  } catch {
    return { fields: unreadable }
  }
}

/** One line's fields, with what is left of its bounds. */
class Walk {
  readonly #rules: RedactionRules
  /** The objects that the present one lies in: as deep as it goes, so that a list does. */
  readonly #ancestors: object[] = []
  #valuesLeft = maximumValues
  #charactersLeft = maximumCharacters

  constructor(rules: RedactionRules) {
    this.#rules = rules
  }

  fields(fields: LogFields): unknown {
    return fields instanceof Error ? { error: this.#value(fields) } : this.#value(fields)
  }

  #value(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'object':
        return value === null ? null : this.#object(value)
      case 'bigint':
        return this.#text(String(value))
      case 'function':
      case 'symbol':
        return `[${typeof value}]`
      default:
        return value
    }
  }

  #text(text: string): string {
    if (this.#charactersLeft <= 0) return tooMuch
    const clean = this.#rules.redactText(looksLikeJson(text) ? this.#insideJson(text) : text)
    const kept = clean.length <= this.#charactersLeft ? clean : clean.slice(0, this.#charactersLeft) + tooMuch
    this.#charactersLeft -= clean.length
    return kept
  }

  /** JSON that came as a text has keys too. Written anew only if there was something to take out: figures keep their digits. */
  #insideJson(text: string): string {
    try {
      const data: unknown = JSON.parse(text)
      const clean = JSON.stringify(this.#value(data))
      return clean === JSON.stringify(data) ? text : clean
    } catch {
      return text
    }
  }

  #object(value: object): unknown {
    if (this.#ancestors.includes(value)) return circular
    if (this.#ancestors.length >= maximumDepth) return tooDeep
    this.#ancestors.push(value)
    try {
      return this.#inside(value)
    } catch {
      // A getter, a proxy or a toJSON that throws.
      return unreadable
    } finally {
      this.#ancestors.pop()
    }
  }

  #inside(value: object): unknown {
    if (Array.isArray(value)) return this.#list(value)
    if (value instanceof Error || SwarmError.isInstance(value)) return this.#error(value as Error)
    if (value instanceof Map) return this.#entries(value.entries())
    if (value instanceof Set) return this.#list(firstOf(value))
    if (value instanceof String) return this.#text(String.prototype.valueOf.call(value))
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof RegExp) return this.#text(String(value))
    const { toJSON } = value as { readonly toJSON?: unknown }
    if (typeof toJSON === 'function') return this.#value((toJSON as (key: string) => unknown).call(value, ''))
    return this.#entries(propertiesOf(value))
  }

  #entries(source: Iterable<readonly [unknown, unknown]>): Record<string, unknown> {
    const entries = firstOf(source)
    const namesSecret = entries.some(([key, value]) => isNaming(key) && this.#isSecretName(value))
    const clean: Record<string, unknown> = {}
    for (let index = 0; index < entries.length; index += 1) {
      const [rawKey, value] = entries[index] as readonly [unknown, unknown]
      if (index >= maximumEntries || this.#valuesLeft <= 0) {
        clean[tooMuch] = true
        break
      }
      this.#valuesLeft -= 1
      const key = typeof rawKey === 'string' ? rawKey : String(this.#value(rawKey))
      define(clean, this.#text(key), this.#field(key, value, namesSecret))
    }
    return clean
  }

  #field(key: string, value: unknown, namesSecret: boolean): unknown {
    if (value === undefined || value === null) return value
    // { name: 'authorization', value: '…' }, as lists of headers are written.
    if (namesSecret && (key === 'value' || key === 'values')) return redacted
    const kind = this.#rules.classify(key)
    if (kind === 'plain') return this.#value(value)
    return kind === 'counts' ? countsIn(value) : redacted
  }

  #isSecretName(value: unknown): boolean {
    return typeof value === 'string' && singleWord.test(value) && this.#rules.classify(value) !== 'plain'
  }

  #list(list: readonly unknown[]): unknown[] {
    const clean: unknown[] = []
    let secretNext = false
    for (let index = 0; index < list.length; index += 1) {
      if (index >= maximumEntries || this.#valuesLeft <= 0) {
        clean.push(`[${list.length - index} more]`)
        break
      }
      this.#valuesLeft -= 1
      const value = list[index]
      clean.push(secretNext && value !== undefined && value !== null ? redacted : this.#value(value))
      // Headers as pairs, or one after the other.
      secretNext = !secretNext && this.#isSecretName(value)
    }
    return clean
  }

  #error(error: Error): Record<string, unknown> {
    const { name, message, stack, cause } = error
    const clean: Record<string, unknown> = { name: this.#value(name), message: this.#value(message) }
    for (const [key, value] of Object.entries(this.#entries(propertiesOf(error)))) {
      if (key !== 'name' && key !== 'message' && key !== 'stack' && key !== 'cause') define(clean, key, value)
    }
    if (cause !== undefined) clean['cause'] = this.#value(cause)
    const { errors } = error as Partial<AggregateError>
    if (Array.isArray(errors)) clean['errors'] = this.#value(errors)
    if (typeof stack === 'string') clean['stack'] = this.#value(stackFrames(stack, message).map((line) => line.trim()))
    return clean
  }
}

function looksLikeJson(text: string): boolean {
  const first = text[0]
  return (first === '{' || first === '[') && text.length <= longestJson
}

function isNaming(key: unknown): boolean {
  return key === 'name' || key === 'key' || key === 'header'
}

/** A number, or a flat object of numbers, as models count tokens; anything else under such a name is a secret. */
function countsIn(value: unknown): unknown {
  if (typeof value === 'number') return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return redacted
  const fields = firstOf(propertiesOf(value))
  const counts = fields.every(([key, field]) => singleWord.test(key) && (field == null || typeof field === 'number'))
  return counts && fields.length > 0 ? Object.fromEntries(fields) : redacted
}

/** A field of any name, `__proto__` too. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true })
  else target[key] = value
}

/** Own enumerable fields, each read once; one that cannot be read is a marker. */
function* propertiesOf(value: object): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(value)) {
    let field: unknown
    try {
      field = (value as Record<string, unknown>)[key]
    } catch {
      field = unreadable
    }
    yield [key, field]
  }
}

/** One more than will be told, so that it shows that there were more. */
function firstOf<Value>(values: Iterable<Value>): Value[] {
  const first: Value[] = []
  for (const value of values) {
    first.push(value)
    if (first.length > maximumEntries) break
  }
  return first
}
