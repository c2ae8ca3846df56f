import type { z } from 'zod'
import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { MergeConflict } from './merge-conflict.js'

/** A document of which two writers made different things. Undefined where it did not exist or was deleted. Frozen. */
export type CollidingValues<Value = unknown> = {
  /** What both began with. */
  readonly base: Value | undefined
  /** What it is now. */
  readonly theirs: Value | undefined
  /** What the one who comes second wants it to be. */
  readonly mine: Value | undefined
}

/**
 * What becomes of a collision: the new value, undefined to delete, or a {@link MergeConflict}. A throw counts as a conflict.
 * Must be a pure function: it may be called more than once.
 */
export type CustomMerge<Value = unknown> = (values: CollidingValues<Value>) => Value | MergeConflict | undefined

/**
 * - `counter`: a number, or a flat object of numbers, which both have added to. Sums are exact for whole numbers.
 * - `set`: an array without order or duplicates, kept sorted by canonical JSON; additions and removals of both hold.
 * - `maximum`: the largest number or text (by UTF-16) ever written; a smaller one changes nothing.
 * - `last-writer`: whoever wrote last, by hybrid logical clock, whoever ends first.
 */
export type MergeStrategy = 'counter' | 'set' | 'maximum' | 'last-writer'

/** How a document is kept. */
export type DocumentOptions<Schema extends z.ZodType = z.ZodType> = {
  /** What becomes of a write of which another came first. Default: the handler runs anew, as with any undeclared document. */
  readonly merge?: MergeStrategy | CustomMerge<z.output<Schema>>
  /** How many versions are kept, the current one included: 1 to 1,000; default 10. */
  readonly history?: number
  /** How many conflicts may wait: 1 to 1,000; default 16. With more, colliding handlers run anew. */
  readonly conflicts?: number
  /** What every value must pass; what it makes of a value is what is kept. */
  readonly schema?: Schema
}

/** A declared kind of document. */
export type DocumentDeclaration = {
  readonly kind: 'document'
  readonly merge: MergeStrategy | CustomMerge<unknown> | undefined
  readonly history: number
  readonly conflicts: number
  readonly schema: z.ZodType | undefined
}

/** Documents of an agent by key, or by the beginning of their keys with an asterisk after it. The longest that fits counts. */
export type DocumentDeclarations = Readonly<Record<string, DocumentDeclaration>>

/** Finds the declaration of a key. */
export type DocumentRules = { find(key: string): DocumentDeclaration | undefined }

const documentOptions: readonly (keyof DocumentOptions)[] = ['merge', 'history', 'conflicts', 'schema']
const defaults = { history: 10, conflicts: 16 }
const maximumKept = 1_000
const strategies: readonly unknown[] = ['counter', 'set', 'maximum', 'last-writer'] satisfies MergeStrategy[]

/** Declares how documents are versioned and merged. Throws `INVALID_OPTION`. */
export function defineDocument<Schema extends z.ZodType = z.ZodType>(
  options: DocumentOptions<Schema> = {},
): DocumentDeclaration {
  assertKnownOptions('defineDocument', options, documentOptions)
  const { merge, history = defaults.history, conflicts = defaults.conflicts, schema } = options
  if (merge !== undefined && typeof merge !== 'function' && !strategies.includes(merge))
    throw invalidOption('merge', merge, `one of ${strategies.join(', ')} or a function`)
  for (const [option, value] of Object.entries({ history, conflicts })) {
    if (!Number.isInteger(value) || value < 1 || value > maximumKept)
      throw invalidOption(option, value, `a whole number from 1 to ${maximumKept}`)
  }
  if (schema !== undefined && typeof schema.safeParse !== 'function')
    throw invalidOption('schema', schema, 'a schema of zod')
  return Object.freeze({
    kind: 'document' as const,
    merge: merge as MergeStrategy | CustomMerge<unknown> | undefined,
    history,
    conflicts,
    schema,
  })
}

/** The declarations, ready to be looked up; undefined when there are none. Throws `INVALID_OPTION` for a key that can fit nothing. */
export function documentRules(declarations: DocumentDeclarations | undefined): DocumentRules | undefined {
  const exact = new Map<string, DocumentDeclaration>()
  const prefixes: { readonly prefix: string; readonly declaration: DocumentDeclaration }[] = []
  for (const [pattern, declaration] of Object.entries(declarations ?? {})) {
    const star = pattern.indexOf('*')
    if (pattern === '' || (star >= 0 && star < pattern.length - 1))
      throw invalidOption('documents', `"${pattern}"`, 'a key, or the beginning of one with an asterisk after it')
    if (declaration?.kind !== 'document')
      throw invalidOption(`documents["${pattern}"]`, declaration, 'made by defineDocument')
    if (star < 0) exact.set(pattern, declaration)
    else prefixes.push({ prefix: pattern.slice(0, star), declaration })
  }
  if (exact.size === 0 && prefixes.length === 0) return undefined
  prefixes.sort((a, b) => b.prefix.length - a.prefix.length)
  return {
    find(key) {
      const found = exact.get(key)
      if (found !== undefined) return found
      for (const { prefix, declaration } of prefixes) if (key.startsWith(prefix)) return declaration
      return undefined
    },
  }
}

function invalidOption(option: string, value: unknown, range: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option}: ${String(value)} is not ${range}`,
    context: { option, value: String(value) },
  })
}
