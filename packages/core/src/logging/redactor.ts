import { SwarmError } from '../errors/swarm-error.js'
import { escapeControl } from './escape-control.js'
import type { LogFields } from './logger.js'
import { redactFields } from './redact-fields.js'
import { createKeyClassifier, type KeyClassifier } from './sensitive-keys.js'
import { redactShapes } from './sensitive-text.js'

/** What is secret beside what is so by default. */
export type RedactorOptions = {
  /** Names of keys whose values are secret. Case, dashes, dots and underscores do not matter; `*` stands for anything: `x-acme-*`. */
  readonly keys?: readonly string[]
  /** What is secret wherever it stands: an expression, or a text of at least 4 characters, such as a key that is in use. */
  readonly patterns?: readonly (RegExp | string)[]
}

/** Takes secrets out of what is about to be logged, and control characters with them. Never throws; what comes out is bounded. */
export type Redactor = {
  /** Bounded at 4,096 characters, with a marker. */
  readonly redactText: (text: string) => string
  /** Plain data for any logger: see {@link createRedactor}. */
  readonly redactFields: (fields: LogFields) => LogFields
}

const shortestLiteral = 4
/** So much of a text is kept. */
const maximumTextLength = 4_096
/** So much more is looked at, so that a secret on the edge is seen whole; and so much of the end is dropped, where one may be cut off. */
const lookAhead = 4_096
const edge = 512

/**
 * A redactor of the secrets that a trading system meets: headers, keys, tokens, passphrases, webhook and mail addresses, prompts, by the names
 * of keys at any depth and by their looks in any text. Errors become name, code, message, stack and causes; maps, sets and class instances plain
 * data; what is circular, unreadable, deeper than 8 or more than 1,000 values or 16,000 characters a marker. Throws `INVALID_OPTION`.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const { classify, patterns } = createRedactionRules(options)
  const redactText = (text: string): string => {
    if (text.length <= maximumTextLength) return escapeControl(redactShapes(text, patterns))
    const window = text.slice(0, maximumTextLength + lookAhead)
    const clean = redactShapes(window, patterns)
    const sound = window.length < text.length ? clean.slice(0, -edge) : clean
    const kept = sound.slice(0, maximumTextLength)
    return `${escapeControl(kept)}[truncated, of ${text.length} characters]`
  }
  return Object.freeze({
    redactText,
    redactFields: (fields: LogFields) => redactFields(fields, { classify, redactText }),
  })
}

/** What the options come to. Throws `INVALID_OPTION`. */
export function createRedactionRules({ keys, patterns = [] }: RedactorOptions): {
  readonly classify: KeyClassifier
  readonly patterns: readonly RegExp[]
} {
  return { classify: createKeyClassifier(keys?.map(checkedKey)), patterns: patterns.map(asExpression) }
}

function checkedKey(key: string): string {
  if (/[\p{L}\p{N}]/u.test(key)) return key
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `keys: "${key}" has neither a letter nor a digit, so that it would be every key: write the name of a key`,
    context: { option: 'keys' },
  })
}

function asExpression(pattern: RegExp | string): RegExp {
  if (typeof pattern === 'string') {
    if (pattern.length < shortestLiteral) {
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: `patterns: a text of ${pattern.length} characters is too short to be told from others: give at least ${shortestLiteral}`,
        context: { option: 'patterns' },
      })
    }
    return new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'g')
  }
  // Sticky ones would look at the beginning only, those that are not global would take out one.
  const flags = pattern.flags.replace(/[gy]/g, '')
  return new RegExp(pattern.source, `${flags}g`)
}
