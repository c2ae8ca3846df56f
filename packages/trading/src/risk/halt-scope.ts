import { SwarmError } from '@tradeswarm/core'

/** A part of an account that a halt holds for. Where none is given, it holds for the whole account. */
export type HaltScope = { readonly venue: string } | { readonly strategy: string } | { readonly agent: string }

/** Whose an order is, as far as halts go. */
export type HaltSubject = { readonly venue: string; readonly strategy: string; readonly agent: string }

const kinds = ['venue', 'strategy', 'agent'] as const

/** A scope with its key, `kind:name`, under which it is kept. Throws `INVALID_HALT_SCOPE`. */
export function scopeKey(scope: HaltScope): string {
  const entries = Object.entries((scope ?? {}) as Readonly<Record<string, unknown>>)
  const [kind, name] = entries[0] ?? []
  if (entries.length === 1 && kinds.some((known) => known === kind) && typeof name === 'string' && name.trim() !== '')
    return `${kind}:${name}`
  throw new SwarmError({
    code: 'INVALID_HALT_SCOPE',
    message: `a halt's scope is ${JSON.stringify(scope)}; it must name one venue, strategy or agent, such as { strategy: "momentum" }, or be left out for the account`,
  })
}

/** The scope that a key stands for. */
export function scopeOfKey(key: string): HaltScope {
  const colon = key.indexOf(':')
  return { [key.slice(0, colon)]: key.slice(colon + 1) } as HaltScope
}

/** Whether an order lies in a scope; every order lies in the account. */
export function isInScope(scope: HaltScope | undefined, subject: HaltSubject): boolean {
  if (scope === undefined) return true
  if ('venue' in scope) return scope.venue === subject.venue
  return 'strategy' in scope ? scope.strategy === subject.strategy : scope.agent === subject.agent
}

/** The keys of the scopes that an order lies in, besides the account. */
export function keysOf({ venue, strategy, agent }: HaltSubject): readonly string[] {
  return [`venue:${venue}`, `strategy:${strategy}`, `agent:${agent}`]
}
