import { type CallScope, RootScope } from './call-scope.js'
import { NestablePolicy, type ScopedFunction } from './nestable-policy.js'
import type { AlternativeOf, Policy } from './policy.js'

/**
 * One policy of many, the outermost first: `combine(retry, breaker, bulkhead, timeout)` tries again what the breaker lets
 * through to the bulkhead, each try with its own time-out. Of none it is a policy that only calls.
 */
export function combine<const Policies extends readonly Policy<unknown>[]>(
  ...policies: Policies
): Policy<AlternativeOf<Policies[number]>> {
  const nested = policies.reduceRight<NestablePolicy<unknown>>(
    (inner, outer) => (inner instanceof NoPolicy ? nestable(outer) : new NestedPolicy(nestable(outer), inner)),
    new NoPolicy(),
  )
  return nested as NestablePolicy<AlternativeOf<Policies[number]>>
}

function nestable(policy: Policy<unknown>): NestablePolicy<unknown> {
  return policy instanceof NestablePolicy ? policy : new ForeignPolicy(policy)
}

class NoPolicy extends NestablePolicy {
  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    return fn(scope)
  }
}

class NestedPolicy extends NestablePolicy<unknown> {
  readonly #outer: NestablePolicy<unknown>
  readonly #inner: NestablePolicy<unknown>

  constructor(outer: NestablePolicy<unknown>, inner: NestablePolicy<unknown>) {
    super()
    this.#outer = outer
    this.#inner = inner
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): unknown {
    return this.#outer.run((innerScope) => this.#inner.run(fn, innerScope), scope)
  }
}

/** A policy that somebody else wrote: it knows signals only. */
class ForeignPolicy extends NestablePolicy<unknown> {
  readonly #policy: Policy<unknown>

  constructor(policy: Policy<unknown>) {
    super()
    this.#policy = policy
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): PromiseLike<unknown> {
    return this.#policy.execute((context) => fn(new RootScope(context.signal)), scope.listenable)
  }
}
